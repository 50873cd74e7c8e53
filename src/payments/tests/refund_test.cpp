// Refunds against a real PostgreSQL: the table of states, the books, races, unknown outcomes.
#include "shop.hpp"

namespace nexus::payments::testing {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

// Every state of a refund against everything that a provider can say.
TEST(refund_states, every_state_against_every_word) {
  using S = refund_status;
  // initiated, processing, refunded, reversed, failed, unknown; "-" stays
  const std::map<S, std::array<const char*, 6>> table = {
      {S::initiated, {"-", "processing", "refunded", "reversed", "failed", "-"}},
      {S::processing, {"-", "-", "refunded", "reversed", "failed", "-"}},
      {S::refunded, {"-", "-", "-", "-", "-", "-"}},
      {S::reversed, {"-", "-", "-", "-", "-", "-"}},
      {S::failed, {"-", "-", "-", "-", "-", "-"}},
  };
  ASSERT_EQ(table.size(), enum_names(S{}).size());
  for (const auto& [state, row] : table)
    for (std::size_t word = 0; word < row.size(); ++word) {
      const auto to = next(state, static_cast<refund_state>(word));
      EXPECT_EQ(to ? json::name_of(*to) : "-", row[word])
          << json::name_of(state) << " × " << enum_names(refund_state{})[word];
    }
}

class refunding : public shop {
protected:
  awaitable<std::string> books(std::string ref) {
    return ask("SELECT status || ' ' || captured || ' ' || refund_reserved || ' ' || refunded FROM payment "
               "WHERE tx_ref = '" +
               ref + "'");
  }
  awaitable<std::string> refunds() {
    return ask(
        "SELECT coalesce(string_agg(status || ' ' || amount, ', ' ORDER BY amount, status), '') FROM refund");
  }
  awaitable<std::string> stock() { return ask("SELECT on_hand || ' ' || reserved FROM stock"); }
  // What the provider says of all refunds it has heard of.
  void bank_says(refund_state state) {
    for (auto& [reference, said] : bank->refund_says)
      said = state;
  }
  awaitable<> pass(std::chrono::seconds time) {
    now.at += time;
    co_await look_after();
  }
};

const char* const credit_notes = "SELECT count(*)::text FROM task WHERE kind = 'refund.completed'";

TEST_F(refunding, all_of_it_cancels_an_order_in_the_house_and_then_refunds_it) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await buy(order, "400.00");
    EXPECT_EQ(co_await stock(), "10 2");
    const http::response asked = co_await ask_refund(ref, R"({"reason":"Changed my mind"})");
    EXPECT_EQ(asked.status, 201) << asked.body;
    EXPECT_THAT(asked.body, HasSubstr(R"("status":"initiated","amount":"400.00")"));
    EXPECT_EQ(bank->refunds.size(), 0u) << "the intent is committed before the provider hears of it";
    EXPECT_EQ(co_await books(ref), "refund_required 40000 40000 0");
    EXPECT_EQ(co_await state_of(order), "cancelled 40000 refund_required");
    EXPECT_EQ(co_await stock(), "10 0");
    EXPECT_EQ(co_await audit(), "");

    co_await carry_out();
    EXPECT_EQ(bank->refunds.size(), 1u);
    EXPECT_EQ(bank->refunds.at(0).provider_reference, "AP1");
    EXPECT_EQ(bank->refunds.at(0).reason, "Changed my mind");
    bank_says(refund_state::processing);
    co_await pass(5s);
    EXPECT_EQ(co_await refunds(), "processing 40000");
    bank_says(refund_state::refunded);
    co_await pass(10s);
    EXPECT_EQ(co_await refunds(), "refunded 40000");
    EXPECT_EQ(co_await books(ref), "refunded 40000 40000 40000");
    EXPECT_EQ(co_await state_of(order), "refunded 40000 refunded");
    EXPECT_EQ(co_await ask(credit_notes), "1");
    EXPECT_EQ(bank->refunds.size(), 1u);
    EXPECT_EQ((co_await ask_refund(ref)).status, 409);
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(refunding, parts_of_it_restock_line_by_line_and_never_exceed_it) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(3);
    const std::string ref = co_await buy(order, "600.00");
    const auto refused = co_await ask_refund(ref, R"({"amount":"600.01"})");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("refund_exceeds_captured"));
    EXPECT_THAT(refused.body, HasSubstr(R"("refundable":"600.00")"));
    for (const char* bad : {R"({"amount":"0"})", R"({"amount":"-1"})", R"({"amount":"1.001"})",
                            R"({"amount":"1","restock":[{"variant_id":1,"quantity":4}]})",
                            R"({"amount":"1","restock":[{"variant_id":99,"quantity":1}]})"})
      EXPECT_EQ((co_await ask_refund(ref, bad)).status, 422) << bad;
    EXPECT_EQ(co_await refunds(), "");
    EXPECT_EQ(co_await stock(), "10 3");

    // One of three pieces will not leave.
    EXPECT_EQ(
        (co_await ask_refund(ref, R"({"amount":"200.00","restock":[{"variant_id":1,"quantity":1}]})")).status,
        201);
    EXPECT_EQ(co_await stock(), "10 2");
    EXPECT_EQ(co_await state_of(order), "completed 60000 success");
    co_await carry_out();
    bank_says(refund_state::refunded);
    co_await pass(5s);
    EXPECT_EQ(co_await books(ref), "partially_refunded 60000 20000 20000");
    EXPECT_EQ(co_await state_of(order), "completed 60000 partially_refunded");
    EXPECT_EQ(co_await audit(), "");
    EXPECT_EQ((co_await ask_refund(ref, R"({"amount":"400.01"})")).status, 409);
    EXPECT_EQ(
        (co_await ask_refund(ref, R"({"amount":"1","restock":[{"variant_id":1,"quantity":3}]})")).status,
        422);

    // The rest: the other two are free as well.
    EXPECT_EQ((co_await ask_refund(ref)).status, 201);
    EXPECT_EQ(co_await stock(), "10 0");
    co_await carry_out();
    bank_says(refund_state::refunded);
    co_await pass(5s);
    EXPECT_EQ(co_await books(ref), "refunded 60000 60000 60000");
    EXPECT_EQ(co_await state_of(order), "refunded 60000 refunded");
    EXPECT_EQ(co_await ask(credit_notes), "2");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(refunding, twenty_at_once_give_back_no_more_than_was_taken) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await buy(order, "400.00");
    std::vector<awaitable<http::response>> all;
    for (int i = 0; i < 20; ++i)
      all.push_back(ask_refund(ref, R"({"amount":"150.00"})"));
    int made = 0;
    for (const http::response& answer : co_await together(std::move(all))) {
      EXPECT_TRUE(answer.status == 201 || answer.status == 409) << answer.body;
      made += answer.status == 201;
    }
    EXPECT_EQ(made, 2);
    EXPECT_EQ(co_await books(ref), "success 40000 30000 0");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(refunding, the_same_key_asks_once) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await buy(order, "400.00");
    const auto first = co_await ask_refund(ref, R"({"amount":"10.00"})", "k-1");
    const auto again = co_await ask_refund(ref, R"({"amount":"10.00"})", "k-1");
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(first.body, again.body);
    EXPECT_EQ(co_await refunds(), "initiated 1000");
  });
}

TEST_F(refunding, nobody_but_staff_and_nothing_that_was_not_taken) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const std::string ref = co_await start_paying(order);
    const std::string path = "/payment/" + ref + "/refunds/";
    EXPECT_EQ((co_await call(http::method::post, path, {{"Content-Type", "application/json"}}, "{}")).status,
              401);
    EXPECT_EQ(
        (co_await call(http::method::post, path,
                       {{"Content-Type", "application/json"}, {"Authorization", "Bearer user-1"}}, "{}"))
            .status,
        403);
    EXPECT_THAT((co_await ask_refund(ref)).body, HasSubstr("payment_not_captured"));
    EXPECT_EQ((co_await ask_refund("nobody")).status, 404);
  });
}

// A timeout: it may have arrived. It is asked for before it is said again, and said again under the same
// reference only where the provider does not know it.
class refund_timeouts : public refunding, public ::testing::WithParamInterface<bool> {};

TEST_P(refund_timeouts, are_never_a_second_refund) {
  in_shop([&]() -> awaitable<> {
    const bool acted = GetParam();
    const uuid order = co_await place(2);
    const std::string ref = co_await buy(order, "400.00");
    bank->refund_acts = acted;
    bank->refund_script = {refund_answer::outcome::unknown};
    EXPECT_EQ((co_await ask_refund(ref)).status, 201);
    co_await carry_out();
    EXPECT_EQ(bank->refunds.size(), 1u);
    co_await pass(5s);
    EXPECT_EQ(bank->refunds.size(), 1u) << "the first may still be on its way";
    bank->is_away = true;
    co_await pass(60s);
    EXPECT_EQ(bank->refunds.size(), 1u) << "no second try before the first is known";
    bank->is_away = false;
    co_await pass(60s);
    EXPECT_EQ(bank->refunds.size(), acted ? 1u : 2u);
    EXPECT_EQ(bank->refunds.front().reference, bank->refunds.back().reference);
    bank_says(refund_state::refunded);
    co_await pass(60s);
    EXPECT_EQ(co_await books(ref), "refunded 40000 40000 40000");
    EXPECT_EQ(co_await ask(credit_notes), "1");
    EXPECT_EQ(co_await audit(), "");
  });
}
INSTANTIATE_TEST_SUITE_P(refunds, refund_timeouts, ::testing::Bool(),
                         [](const auto& given) { return given.param ? "that_acted" : "that_did_not"; });

TEST_F(refunding, refused_frees_what_it_had_reserved) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await buy(order, "400.00");
    bank->refund_script = {refund_answer::outcome::refused};
    EXPECT_EQ((co_await ask_refund(ref, R"({"amount":"100.00"})")).status, 201);
    co_await carry_out();
    EXPECT_EQ(co_await refunds(), "failed 10000");
    EXPECT_EQ(co_await books(ref), "success 40000 0 0");
    // Of a cancelled order the money is still to go back, and everybody can see it.
    bank->refund_script = {refund_answer::outcome::refused};
    EXPECT_EQ((co_await ask_refund(ref)).status, 201);
    co_await carry_out();
    EXPECT_EQ(co_await books(ref), "refund_required 40000 0 0");
    EXPECT_EQ(co_await state_of(order), "cancelled 40000 refund_required");
    EXPECT_EQ(co_await audit(), "");
    EXPECT_EQ((co_await ask_refund(ref)).status, 201);
    co_await carry_out();
    bank_says(refund_state::reversed);
    co_await pass(5s);
    EXPECT_EQ(co_await books(ref), "refund_required 40000 0 0");
    EXPECT_EQ(co_await refunds(), "failed 10000, failed 40000, reversed 40000");
    EXPECT_EQ(co_await ask(credit_notes), "0");
    EXPECT_EQ(co_await audit(), "");
  });
}

// The provider's own dashboard, or the payer's bank: money goes back without us.
TEST_F(refunding, what_the_provider_gives_back_itself_moves_the_books) {
  in_shop([&]() -> awaitable<> {
    for (const auto state : {charge_state::refunded, charge_state::reversed}) {
      const uuid order = co_await place(2);
      const std::string ref = co_await buy(order, "400.00");
      bank->says[ref].state = state;
      const std::string body =
          R"({"event":"charge.)" + std::string(json::name_of(state)) + R"(","tx_ref":")" + ref + "\"}";
      std::vector<awaitable<http::response>> all;
      for (int i = 0; i < 8; ++i)
        all.push_back(webhook(body, crypto::hmac_sha256_hex(webhook_secret, body)));
      for (const http::response& answer : co_await together(std::move(all)))
        EXPECT_EQ(answer.status, 200) << answer.body;
      EXPECT_EQ(co_await books(ref), "refunded 40000 40000 40000");
      EXPECT_EQ(co_await state_of(order), "refunded 40000 refunded");
      EXPECT_EQ(co_await stock(), "10 0");
      EXPECT_EQ(co_await audit(), "");
    }
    EXPECT_EQ(co_await ask(credit_notes), "2");
    EXPECT_EQ(bank->refunds.size(), 0u);
  });
}

// Our refund is under way while the webhook says that all went back: it is that refund, not another.
TEST_F(refunding, a_webhook_in_between_is_about_the_same_money) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await buy(order, "400.00");
    EXPECT_EQ((co_await ask_refund(ref)).status, 201);
    bank->says[ref].state = charge_state::refunded;
    const std::string body = R"({"event":"charge.refunded","tx_ref":")" + ref + "\"}";
    std::vector<awaitable<http::response>> all;
    for (int i = 0; i < 5; ++i)
      all.push_back(webhook(body, crypto::hmac_sha256_hex(webhook_secret, body)));
    const auto send = [this]() -> awaitable<http::response> {
      co_await carry_out();
      co_return http::response{};
    };
    all.push_back(send());
    co_await together(std::move(all));
    bank_says(refund_state::refunded);
    co_await pass(5s);
    EXPECT_EQ(bank->refunds.size(), 1u);
    EXPECT_EQ(co_await refunds(), "refunded 40000");
    EXPECT_EQ(co_await books(ref), "refunded 40000 40000 40000");
    EXPECT_EQ(co_await ask(credit_notes), "1");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(refunding, what_could_not_be_used_goes_back_by_itself_where_configured) {
  settings.refund_automatically = true;
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await buy(order, "399.99");
    EXPECT_EQ(co_await books(ref), "refund_required 39999 39999 0");
    co_await carry_out();
    bank_says(refund_state::refunded);
    co_await pass(5s);
    EXPECT_EQ(co_await books(ref), "refunded 39999 39999 39999");
    EXPECT_EQ(co_await state_of(order), "pending 39999 refunded") << "it can still be paid";
    const std::string second = co_await buy(order, "400.00");
    EXPECT_NE(second, ref);
    EXPECT_EQ(co_await state_of(order), "completed 79999 success");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(refunding, a_second_payment_goes_back_and_its_order_stands) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const std::string first = co_await start_paying(order);
    bank->says[first] = {charge_state::failed};
    co_await verify(first);
    const std::string second = co_await start_paying(order);
    bank->says[first] = paid(first, "200.00");
    bank->says[second] = paid(second, "200.00");
    co_await verify(first);
    co_await verify(second);
    EXPECT_EQ((co_await ask_refund(second, R"({"restock":[{"variant_id":1,"quantity":1}]})")).status, 422);
    EXPECT_EQ((co_await ask_refund(second)).status, 201);
    co_await carry_out();
    bank_says(refund_state::refunded);
    co_await pass(5s);
    EXPECT_EQ(co_await books(second), "refunded 20000 20000 20000");
    EXPECT_EQ(co_await state_of(order), "completed 40000 success");
    EXPECT_EQ(co_await stock(), "10 1");
    EXPECT_EQ(co_await audit(), "");
  });
}

} // namespace
} // namespace nexus::payments::testing
