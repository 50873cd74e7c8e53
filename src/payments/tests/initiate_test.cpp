// Starting a payment against a real PostgreSQL.
#include "shop.hpp"

namespace nexus::payments::testing {
namespace {

using ::testing::HasSubstr;

class initiating : public shop {
protected:
  awaitable<http::response> initiate_as(uuid order, std::string_view bearer) {
    return call(http::method::post, "/payment/initiate/" + to_string(order) + "/",
                {{"Authorization", bearer}});
  }
};

TEST_F(initiating, twenty_at_once_make_one_attempt_and_get_the_same_page) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    std::string seen_meanwhile, open_meanwhile;
    bank->meanwhile = [&]() -> awaitable<> {
      seen_meanwhile = co_await ask("SELECT status || ' ' || coalesce(payment_url, 'no page') FROM payment");
      // Those who wait for the page have short ones of their own; one open around this call would stay.
      for (int look = 0; look < 200 && open_meanwhile != "0"; ++look) {
        open_meanwhile = co_await ask(
            "SELECT count(*)::text FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'");
        co_await sleep_for(std::chrono::milliseconds{open_meanwhile == "0" ? 0 : 5});
      }
    };
    std::vector<awaitable<http::response>> all;
    for (int i = 0; i < 20; ++i)
      all.push_back(initiate(order));
    const auto answers = co_await together(std::move(all));
    for (const http::response& answer : answers) {
      EXPECT_EQ(answer.status, 200) << answer.body;
      EXPECT_EQ(answer.body, answers.front().body);
    }
    EXPECT_EQ(bank->started.size(), 1u);
    if (bank->started.empty())
      co_return;
    EXPECT_EQ(seen_meanwhile, "pending no page") << "committed before the provider hears of it";
    EXPECT_EQ(open_meanwhile, "0") << "no transaction is open during the call";
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM payment"), "1");
    const start_request& sent = bank->started.at(0);
    EXPECT_THAT(sent.tx_ref, ::testing::MatchesRegex("[A-Za-z0-9_-]+"));
    EXPECT_LE(sent.tx_ref.size(), 50u);
    EXPECT_GE(sent.tx_ref.size(), 24u);
    EXPECT_EQ(sent.return_url, "http://shop.test/api/v1/payment/verify/" + sent.tx_ref + "/");
    EXPECT_EQ(sent.callback_url, "http://shop.test/api/v1/payment/callback/chapa/");
    EXPECT_EQ(answers.front().body,
              R"({"payment_url":"https://checkout.test/)" + sent.tx_ref + R"(","tx_ref":")" + sent.tx_ref +
                  R"(","amount":"400.00","currency":"ETB","expires_at":"2026-11-22T13:00:00Z"})");
  });
}

TEST_F(initiating, only_a_pending_order_of_ones_own) {
  in_shop([&]() -> awaitable<> {
    const uuid own = co_await place(1, 1);
    EXPECT_EQ((co_await initiate(own)).status, 404);
    EXPECT_EQ((co_await initiate_as(own, "Bearer user-2")).status, 404);
    EXPECT_EQ((co_await initiate_as(own, "Bearer user-1")).status, 200);
    EXPECT_EQ((co_await initiate(new_uuid(now.now()))).status, 404);
    for (const auto& [change, code] : std::vector<std::pair<std::string, std::string>>{
             {"status = 'cancelled', cancelled_at = now()", "order_cancelled"},
             {"status = 'expired', expired_at = now()", "order_expired"},
             {"status = 'completed', completed_at = now(), paid = total", "order_already_paid"},
             {"subtotal = 100000001, total = 100000001", "amount_not_payable"},
             {"subtotal = 0, total = 0", "amount_not_payable"}}) {
      const uuid order = co_await place(1);
      co_await database->run_script("UPDATE orders SET " + change + " WHERE id = '" + to_string(order) + "'");
      const http::response answer = co_await initiate(order);
      EXPECT_EQ(answer.status, 409);
      EXPECT_THAT(answer.body, HasSubstr(code));
    }
    const uuid late = co_await place(1);
    now.at += std::chrono::minutes(60);
    EXPECT_THAT((co_await initiate(late)).body, HasSubstr("order_expired"));
    EXPECT_EQ(bank->started.size(), 1u);
  });
}

TEST_F(initiating, a_refusal_ends_the_attempt_and_the_next_try_starts_another) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    bank->start_script = {start_answer::outcome::refused, start_answer::outcome::not_sent};
    for (int i = 0; i < 2; ++i) {
      const http::response refused = co_await initiate(order);
      EXPECT_EQ(refused.status, 502);
      EXPECT_THAT(refused.body, HasSubstr("payment_provider_error"));
    }
    EXPECT_TRUE(bank->cancelled.empty()) << "nothing exists there";
    EXPECT_EQ(co_await ask("SELECT string_agg(status || (closed_at IS NOT NULL)::text, ' ') FROM payment"),
              "failedtrue failedtrue");
    EXPECT_EQ((co_await initiate(order)).status, 200);
    EXPECT_EQ(co_await ask("SELECT count(DISTINCT tx_ref)::text FROM payment"), "3");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(initiating, an_unknown_start_is_asked_about_then_closed_on_both_sides) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    bank->start_script = {start_answer::outcome::unknown};
    EXPECT_EQ((co_await initiate(order)).status, 200)
        << "a second attempt, once the first is known and ended";
    EXPECT_EQ(bank->fetches, 1);
    EXPECT_EQ(bank->started.size(), 2u);
    EXPECT_THAT(bank->cancelled, ::testing::ElementsAre(bank->started.at(0).tx_ref));
    EXPECT_EQ(
        co_await ask(
            "SELECT string_agg(status || (closed_at IS NOT NULL)::text, ' ' ORDER BY status) FROM payment"),
        "failedtrue pendingfalse");
    // Paid under the first reference all the same: settled, for the last word is verify's.
    const std::string first = bank->started.at(0).tx_ref;
    bank->says[first] = paid(first, "200");
    EXPECT_THAT((co_await verify(first)).body, HasSubstr(R"("status":"success")"));
    EXPECT_THAT((co_await initiate(order)).body, HasSubstr("order_already_paid"));
    EXPECT_EQ(co_await audit(), "");
  });
}

// The program died between its commit and the provider's answer, or the session is over unpaid.
TEST_F(initiating, an_attempt_left_behind_is_retired_before_the_next) {
  settings.session_length = std::chrono::minutes(10);
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const std::string first = co_await start_paying(order);
    now.at += std::chrono::minutes(11);
    bank->is_away = true;
    EXPECT_EQ((co_await initiate(order)).status, 502)
        << "it may have been paid: nothing new before that is known";
    bank->is_away = false;
    const std::string second = co_await start_paying(order);
    EXPECT_NE(first, second);
    EXPECT_THAT(bank->cancelled, ::testing::ElementsAre(first));
    EXPECT_EQ(co_await ask("SELECT status FROM payment WHERE tx_ref = '" + first + "'"), "cancelled");

    co_await database->run_script("UPDATE payment SET payment_url = NULL WHERE tx_ref = '" + second + "'");
    now.at += std::chrono::minutes(2);
    const std::string third = co_await start_paying(order);
    EXPECT_NE(second, third);

    now.at += std::chrono::minutes(11);
    bank->says[third] = paid(third, "200.00"); // all news of it were lost
    EXPECT_THAT((co_await initiate(order)).body, HasSubstr("order_already_paid"));
    EXPECT_EQ(co_await state_of(order), "completed 20000 success");
    EXPECT_EQ(co_await audit(), "");
  });
}

} // namespace
} // namespace nexus::payments::testing
