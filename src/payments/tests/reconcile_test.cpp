// Webhooks and callbacks all vanish: the reconciler alone looks after what is not settled.
#include "shop.hpp"

namespace nexus::payments::testing {
namespace {

using namespace std::chrono_literals;

class reconciling : public shop {
protected:
  awaitable<> pass(std::chrono::seconds time, std::chrono::seconds step = 1s) {
    for (auto passed = 0s; passed < time; passed += step) {
      now.at += step;
      co_await look_after();
    }
  }
  awaitable<std::string> payment(std::string ref) {
    return ask("SELECT status || CASE WHEN closed_at IS NULL THEN '' ELSE ' closed' END || "
               "CASE WHEN next_check_at IS NULL THEN ' done' ELSE '' END FROM payment WHERE tx_ref = '" +
               ref + "'");
  }
};

TEST_F(reconciling, settles_within_a_minute_whenever_it_is_paid) {
  in_shop([&]() -> awaitable<> {
    for (const std::chrono::seconds after : {1s, 40s, 25min + 7s, std::chrono::seconds{59min}}) {
      const uuid order = co_await place(1);
      const std::string ref = co_await start_paying(order);
      co_await pass(after, after > 1min ? 20s : 1s);
      EXPECT_EQ(co_await state_of(order), "pending 0 pending");
      bank->says[ref] = paid(ref, "200.00");
      co_await pass(40s);
      EXPECT_EQ(co_await state_of(order), "completed 20000 success") << after.count();
      EXPECT_EQ(co_await payment(ref), "success done");
    }
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(reconciling, a_failed_attempt_may_still_succeed) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const std::string ref = co_await start_paying(order);
    bank->says[ref] = {charge_state::failed};
    co_await pass(20s);
    EXPECT_EQ(co_await payment(ref), "failed");
    bank->says[ref] = paid(ref, "200.00");
    co_await pass(40s);
    EXPECT_EQ(co_await state_of(order), "completed 20000 success");
  });
}

TEST_F(reconciling, an_unpaid_one_ends_with_its_session_and_is_watched_a_while) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const std::string ref = co_await start_paying(order);
    co_await pass(60min, 30s);
    EXPECT_EQ(co_await payment(ref), "pending");
    co_await pass(2min, 10s);
    EXPECT_EQ(co_await payment(ref), "cancelled closed");
    EXPECT_THAT(bank->cancelled, ::testing::ElementsAre(ref));
    co_await pass(40min, 60s);
    EXPECT_EQ(co_await payment(ref), "cancelled closed done");
    const int fetches = bank->fetches;
    co_await pass(10min, 60s);
    EXPECT_EQ(bank->fetches, fetches);
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(reconciling, catches_up_after_an_outage) {
  in_shop([&]() -> awaitable<> {
    std::vector<uuid> orders;
    for (int i = 0; i < 8; ++i) {
      orders.push_back(co_await place(1));
      const std::string ref = co_await start_paying(orders.back());
      bank->says[ref] = paid(ref, "200.00");
    }
    bank->is_away = true;
    co_await pass(90min, 5min); // their sessions and holds end meanwhile
    co_await orders::expire_due(database->use(), settings.orders, now.now());
    for (const uuid& order : orders)
      EXPECT_EQ(co_await state_of(order), "expired 0 pending");
    bank->is_away = false;
    co_await pass(60s, 5s);
    for (const uuid& order : orders)
      EXPECT_EQ(co_await state_of(order), "completed 20000 success");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(reconciling, what_nobody_knows_stays_open) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const std::string ref = co_await start_paying(order);
    bank->says[ref] = {charge_state::unknown};
    co_await pass(3h, 60s);
    EXPECT_EQ(co_await payment(ref), "pending") << "neither failed nor paid";
    bank->says[ref] = paid(ref, "200.00");
    co_await pass(61min, 60s);
    EXPECT_EQ(co_await payment(ref), "success done");
  });
}

TEST_F(reconciling, a_webhook_before_our_own_commit_is_not_lost) {
  in_shop([&]() -> awaitable<> {
    const std::string body = R"({"event":"charge.success","tx_ref":"early-1"})";
    const auto signature = crypto::hmac_sha256_hex(webhook_secret, body);
    EXPECT_EQ((co_await webhook(body, signature)).status, 202);
    EXPECT_EQ((co_await webhook(body, signature)).status, 202);
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM unknown_reference"), "1");
    co_await pass(5s);
    const uuid order = co_await place(1);
    co_await database->run_script(
        "INSERT INTO payment (id, order_id, provider, tx_ref, amount, currency, captured_currency, "
        "created_at, "
        "expires_at) VALUES ('" +
        to_string(order) + "', '" + to_string(order) +
        "', 'chapa', 'early-1', 20000, 'ETB', 'ETB', '2026-11-22T12:00:00Z', '2026-11-22T13:00:00Z')");
    bank->says["early-1"] = paid("early-1", "200.00");
    co_await pass(20s);
    EXPECT_EQ(co_await state_of(order), "completed 20000 success");
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM unknown_reference"), "0");

    const std::string stranger = R"({"event":"charge.success","tx_ref":"nobody-s"})";
    EXPECT_EQ((co_await webhook(stranger, crypto::hmac_sha256_hex(webhook_secret, stranger))).status, 202);
    co_await pass(23h, 30min);
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM unknown_reference"), "1");
    co_await pass(3h, 30min);
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM unknown_reference"), "0");
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM payment_event WHERE tx_ref = 'nobody-s'"), "1")
        << "the message itself stays";
  });
}

} // namespace
} // namespace nexus::payments::testing
