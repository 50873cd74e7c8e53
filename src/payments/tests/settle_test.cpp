// Settling against a real PostgreSQL: every side at once, in any order, settles once.
#include "shop.hpp"

namespace nexus::payments::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto receipts = "SELECT count(*)::text FROM task WHERE kind = 'order.completed'";
std::string sign(std::string_view body) { return crypto::hmac_sha256_hex(webhook_secret, body); }

class settling : public shop {};

TEST_F(settling, twenty_verifies_the_callback_and_the_webhook_at_once_settle_once) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await start_paying(order);
    bank->says[ref] = paid(ref);
    const std::string body = R"({"event":"charge.success","amount":"400.00","tx_ref":")" + ref + "\"}";
    std::vector<awaitable<http::response>> all;
    for (int i = 0; i < 20; ++i)
      all.push_back(verify(ref));
    all.push_back(call(http::method::get,
                       "/payment/callback/chapa/?trx_ref=" + ref + "&ref_id=AP1&status=success&new=1"));
    all.push_back(webhook(body, sign(body)));
    for (const http::response& answer : co_await together(std::move(all))) {
      EXPECT_EQ(answer.status, 200) << answer.body;
      EXPECT_THAT(answer.body,
                  ::testing::AnyOf(HasSubstr(R"("status":"success")"), HasSubstr(R"("result":"verified")")));
    }
    EXPECT_EQ(co_await state_of(order), "completed 40000 success");
    EXPECT_EQ(co_await ask(receipts), "1");
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM payment_event WHERE captured > 0"), "1");
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM payment_event WHERE kind IN ('callback', 'webhook')"),
              "2");
    EXPECT_EQ(co_await audit(), "");
    const int fetches = bank->fetches;
    const http::response again = co_await verify(ref);
    EXPECT_THAT(again.body, HasSubstr(R"("status":"completed")"));
    EXPECT_EQ(bank->fetches, fetches) << "what is settled is not asked for again";
  });
}

TEST_F(settling, what_differs_never_completes_and_is_noted) {
  in_shop([&]() -> awaitable<> {
    struct row {
      const char* amount;
      const char* currency;
      const char* mode;
      const char* order; // after
      const char* payment;
    };
    for (const row& r :
         {row{"399.99", "ETB", "test", "pending 39999 refund_required", "refund_required 39999 ETB"},
          row{"400.01", "ETB", "test", "pending 40001 refund_required", "refund_required 40001 ETB"},
          row{"400.00", "USD", "test", "pending 0 refund_required", "refund_required 40000 USD"},
          row{"400.00", "ETB", "live", "pending 40000 refund_required", "refund_required 40000 ETB"}}) {
      const uuid order = co_await place(2);
      const std::string ref = co_await start_paying(order);
      bank->says[ref] = {charge_state::success, ref, decimal::parse(r.amount), r.currency, r.mode, "AP1"};
      const http::response answer = co_await verify(ref);
      EXPECT_THAT(answer.body, HasSubstr(R"("status":"refund_required")"));
      EXPECT_EQ(co_await state_of(order), r.order);
      EXPECT_EQ(
          co_await ask(
              "SELECT status || ' ' || captured || ' ' || captured_currency FROM payment WHERE tx_ref = '" +
              ref + "'"),
          r.payment);
      EXPECT_NE(co_await ask("SELECT detail FROM payment WHERE tx_ref = '" + ref + "'"), "");
    }
    EXPECT_EQ(co_await ask(receipts), "0");
    EXPECT_EQ(co_await audit(), "");
  });
}

// An answer about another payment is not money for this one; the right answer still settles it.
TEST_F(settling, an_answer_about_another_reference_says_nothing) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await start_paying(order);
    bank->says[ref] = {charge_state::success, "other", decimal::parse("400.00"), "ETB", "test", "AP1"};
    EXPECT_THAT((co_await verify(ref)).body, HasSubstr(R"("status":"pending")"));
    bank->says[ref] = {charge_state::success, ref, decimal::parse("400.00"), "ETB", "test", "AP1"};
    EXPECT_THAT((co_await verify(ref)).body, HasSubstr(R"("status":"success")"));
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(settling, pending_stays_and_success_after_failure_settles) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const std::string ref = co_await start_paying(order);
    EXPECT_THAT((co_await verify(ref)).body, HasSubstr(R"("status":"pending","order")"));
    bank->says[ref] = {charge_state::unknown};
    EXPECT_THAT((co_await verify(ref)).body, HasSubstr(R"("status":"pending","order")"));
    bank->says[ref] = {charge_state::failed};
    EXPECT_THAT((co_await verify(ref)).body, HasSubstr(R"("status":"failed")"));
    EXPECT_EQ(co_await state_of(order), "pending 0 pending");
    bank->says[ref] = {charge_state::pending};
    EXPECT_THAT((co_await verify(ref)).body, HasSubstr(R"("status":"failed")"));
    bank->says[ref] = paid(ref, "200");
    EXPECT_THAT((co_await verify(ref)).body, HasSubstr(R"("status":"success")"));
    EXPECT_EQ(co_await state_of(order), "completed 20000 success");
    EXPECT_EQ(co_await ask(receipts), "1");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(settling, two_attempts_paid_at_once_complete_one_and_refund_the_other) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const std::string first = co_await start_paying(order);
    bank->says[first] = {charge_state::failed};
    co_await verify(first);
    const std::string second = co_await start_paying(order); // the first is closed, but a payer was quicker
    EXPECT_NE(first, second);
    EXPECT_THAT(bank->cancelled, ::testing::ElementsAre(first));
    bank->says[first] = paid(first, "200.00");
    bank->says[second] = paid(second, "200.00");
    std::vector<awaitable<http::response>> all;
    for (int i = 0; i < 6; ++i)
      all.push_back(verify(i % 2 == 0 ? first : second));
    co_await together(std::move(all));
    EXPECT_EQ(co_await state_of(order), "completed 40000 success");
    EXPECT_EQ(co_await ask("SELECT string_agg(status, ' ' ORDER BY status) FROM payment"),
              "refund_required success");
    EXPECT_EQ(co_await ask(receipts), "1");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(settling, paid_too_late_takes_the_stock_again_or_must_go_back) {
  in_shop([&]() -> awaitable<> {
    const uuid lucky = co_await place(4);
    const std::string lucky_ref = co_await start_paying(lucky);
    const uuid late = co_await place(6);
    const std::string late_ref = co_await start_paying(late);
    now.at += std::chrono::hours(2);
    co_await orders::expire_due(database->use(), settings.orders, now.now());
    EXPECT_EQ(co_await state_of(late), "expired 0 pending");
    co_await place(5); // 5 of 10 are left: 4 can be taken again, then 6 cannot
    bank->says[lucky_ref] = paid(lucky_ref, "800");
    bank->says[late_ref] = paid(late_ref, "1200");
    EXPECT_THAT((co_await verify(lucky_ref)).body, HasSubstr(R"("status":"success")"));
    EXPECT_THAT((co_await verify(late_ref)).body, HasSubstr(R"("status":"refund_required")"));
    EXPECT_EQ(co_await state_of(lucky), "completed 80000 success");
    EXPECT_EQ(co_await state_of(late), "expired 120000 refund_required");
    EXPECT_EQ(co_await ask("SELECT reserved::text FROM stock"), "9");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(settling, webhooks_are_believed_by_their_signature_alone) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await start_paying(order);
    bank->says[ref] = paid(ref);
    const std::string body = R"({"event":"charge.success","amount":"400.00","tx_ref":")" + ref + "\"}";
    const int fetches = bank->fetches;
    const std::string events = co_await ask("SELECT count(*)::text FROM payment_event");
    for (const std::optional<std::string>& signature :
         {std::optional<std::string>{}, std::optional(sign(body + "x")),
          std::optional(crypto::hmac_sha256_hex(webhook_secret, webhook_secret))}) {
      const http::response refused = co_await webhook(body, signature);
      EXPECT_EQ(refused.status, 401);
      EXPECT_THAT(refused.body, HasSubstr("invalid_signature"));
    }
    const http::response constant =
        co_await call(http::method::post, "/payment/webhook/chapa/",
                      {{"chapa-signature", crypto::hmac_sha256_hex(webhook_secret, webhook_secret)}}, body);
    EXPECT_EQ(constant.status, 401);
    EXPECT_EQ(bank->fetches, fetches);
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM payment_event"), events);
    EXPECT_EQ(co_await state_of(order), "pending 0 pending");

    const std::string payout = R"({"event":"payout.success","reference":"x"})";
    EXPECT_EQ((co_await webhook(payout, sign(payout))).status, 200);
    const std::string stranger = R"({"event":"charge.success","tx_ref":"nobody's"})";
    EXPECT_EQ((co_await webhook(stranger, sign(stranger))).status, 202);
    EXPECT_EQ((co_await webhook(stranger, sign(stranger))).status, 202);
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM payment_event WHERE payment_id IS NULL"), "1")
        << "kept, once";
    EXPECT_EQ((co_await webhook("[]", sign("[]"))).status, 400);

    bank->is_away = true; // not 200, so that Chapa sends it again
    EXPECT_EQ((co_await webhook(body, sign(body))).status, 502);
    EXPECT_EQ(co_await state_of(order), "pending 0 pending");
    bank->is_away = false;
    EXPECT_EQ((co_await webhook(body, sign(body))).status, 200);
    EXPECT_EQ(co_await state_of(order), "completed 40000 success");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(settling, a_browser_gets_words_and_a_stranger_nothing) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await start_paying(order);
    const std::string address = "/payment/verify/" + ref + "/?trx_ref=x&status=success";
    const auto browse = [&] {
      return call(http::method::get, address,
                  {{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}});
    };
    http::response page = co_await browse();
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    const std::pair<std::string, std::string> again{"Refresh", "5"};
    EXPECT_THAT(page.headers, ::testing::Contains(again));
    bank->is_away = true;
    page = co_await browse();
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("on its way"));
    EXPECT_EQ((co_await verify(ref)).status, 502);
    bank->is_away = false;
    bank->forgets = true;
    EXPECT_THAT((co_await verify(ref)).body, HasSubstr(R"("status":"pending","order")"));
    bank->forgets = false;
    bank->says[ref] = paid(ref);
    page = co_await browse();
    EXPECT_THAT(page.body, HasSubstr("your payment has arrived"));
    EXPECT_EQ((co_await verify("NX1-nobody")).status, 404);
    EXPECT_EQ((co_await call(http::method::get, "/payment/callback/chapa/?trx_ref=nobody")).status, 404);
    EXPECT_EQ((co_await call(http::method::get, "/payment/callback/chapa/")).status, 404);
  });
}

TEST_F(settling, a_browser_is_sent_on_to_the_shop_front) {
  settings.storefront_url = "https://front.test/thanks";
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await start_paying(order);
    bank->says[ref] = paid(ref);
    const http::response away =
        co_await call(http::method::get, "/payment/verify/" + ref + "/", {{"Accept", "text/html"}});
    EXPECT_EQ(away.status, 303);
    const std::pair<std::string, std::string> where{
        "Location", "https://front.test/thanks?order=" + to_string(order) + "&status=success"};
    EXPECT_THAT(away.headers, ::testing::Contains(where));
    EXPECT_EQ((co_await verify(ref)).content_type, "application/json");
  });
}

} // namespace
} // namespace nexus::payments::testing
