// The second provider behind the same interface: staff say what came. And what staff see of payments.
#include "payments/guarded.hpp"
#include "shop.hpp"

namespace nexus::payments::testing {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

class manual_payments : public shop {
protected:
  awaitable<http::response> initiate_by(uuid order, std::string body) {
    return call(http::method::post, "/payment/initiate/" + to_string(order) + "/",
                {{"Content-Type", "application/json"}}, std::move(body));
  }
  awaitable<std::string> begin(uuid order) {
    const auto answer = co_await initiate_by(order, R"({"provider":"manual"})");
    EXPECT_EQ(answer.status, 200) << answer.body;
    co_return co_await ask("SELECT tx_ref FROM payment WHERE provider = 'manual' ORDER BY id DESC LIMIT 1");
  }
  awaitable<http::response> confirm(std::string tx_ref, std::string body = "{}",
                                    std::string_view who = "Bearer staff") {
    return call(http::method::post, "/payment/" + tx_ref + "/confirm/",
                {{"Content-Type", "application/json"}, {"Authorization", who}}, std::move(body));
  }
  awaitable<http::response> look(std::string target, std::string_view who = "Bearer staff") {
    return call(http::method::get, std::move(target), {{"Authorization", who}});
  }
};

TEST_F(manual_payments, are_completed_by_staff_and_given_back_by_them) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await begin(order);
    EXPECT_EQ(bank->started.size(), 0u) << "Chapa hears nothing of it";
    EXPECT_THAT((co_await verify(ref)).body, HasSubstr(R"("status":"pending")"));
    EXPECT_EQ((co_await confirm(ref, "{}", "Bearer user-1")).status, 403);
    EXPECT_EQ((co_await confirm(ref, R"({"amount":"0"})")).status, 422);
    const auto done = co_await confirm(ref, R"({"reference":"FT26331XK2","note":"at the door"})");
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_THAT(done.body, HasSubstr(R"("status":"success")"));
    EXPECT_EQ(co_await state_of(order), "completed 40000 success");
    EXPECT_EQ((co_await confirm(ref)).status, 200);
    EXPECT_EQ(co_await ask("SELECT count(*)::text FROM payment_event WHERE captured > 0"), "1");
    EXPECT_THAT(
        co_await ask("SELECT message FROM payment_event WHERE kind = 'confirmed' ORDER BY id LIMIT 1"),
        HasSubstr("at the door"));
    EXPECT_EQ((co_await ask_refund(ref)).status, 201);
    co_await carry_out();
    EXPECT_EQ(co_await state_of(order), "refunded 40000 refunded");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(manual_payments, of_another_amount_must_go_back) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(2);
    const std::string ref = co_await begin(order);
    EXPECT_THAT((co_await confirm(ref, R"({"amount":"399.00"})")).body,
                HasSubstr(R"("status":"refund_required")"));
    EXPECT_EQ(co_await state_of(order), "pending 39900 refund_required");
    EXPECT_EQ(co_await audit(), "");
  });
}

TEST_F(manual_payments, and_online_ones_take_each_others_place) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const std::string online = co_await start_paying(order);
    const std::string cash = co_await begin(order);
    EXPECT_THAT(bank->cancelled, ::testing::ElementsAre(online));
    EXPECT_THAT((co_await initiate_by(order, "")).body, HasSubstr(cash))
        << "without a choice: the living one";
    EXPECT_THAT((co_await initiate_by(order, R"({"provider":"chapa"})")).body, HasSubstr("checkout.test"));
    EXPECT_EQ(co_await ask("SELECT string_agg(provider || ' ' || status, ', ' ORDER BY id) FROM payment "
                           "WHERE closed_at IS NULL"),
              "chapa pending");
    EXPECT_EQ((co_await confirm(online)).status, 409);
    EXPECT_EQ((co_await initiate_by(order, R"({"provider":"gold"})")).status, 422);
    EXPECT_EQ((co_await initiate_by(order, R"({"provder":"chapa"})")).status, 422);
    EXPECT_EQ((co_await initiate_by(order, "provider")).status, 400);
  });
}

TEST_F(manual_payments, a_browser_is_sent_on_to_pay) {
  in_shop([&]() -> awaitable<> {
    const uuid order = co_await place(1);
    const auto away =
        co_await call(http::method::post, "/payment/initiate/" + to_string(order) + "/",
                      {{"Accept", "text/html"}, {"Content-Type", "application/x-www-form-urlencoded"}});
    EXPECT_EQ(away.status, 303);
    const std::pair<std::string, std::string> where{"Location",
                                                    "https://checkout.test/" + bank->started.at(0).tx_ref};
    EXPECT_THAT(away.headers, ::testing::Contains(where));
  });
}

TEST_F(manual_payments, staff_see_the_history_in_order_and_what_must_go_back) {
  in_shop([&]() -> awaitable<> {
    const uuid good = co_await place(1);
    const std::string good_ref = co_await buy(good, "200.00");
    now.at += 1s;
    const uuid bad = co_await place(1);
    const std::string bad_ref = co_await buy(bad, "1.00");
    const auto history = co_await look("/payment/" + good_ref + "/");
    EXPECT_EQ(history.status, 200) << history.body;
    std::size_t at = 0;
    for (const char* kind : {"initialize.request", "initialize.answer", "verify.answer", "success"}) {
      at = history.body.find("\"kind\":\"" + std::string(kind) + "\"", at);
      EXPECT_NE(at, std::string::npos) << kind << " " << history.body;
    }
    const auto due = co_await look("/payment/?status=refund_required&count=true");
    EXPECT_THAT(due.body, HasSubstr(bad_ref));
    EXPECT_THAT(due.body, ::testing::Not(HasSubstr(good_ref)));
    EXPECT_THAT(due.body, HasSubstr(R"("count":1)"));
    EXPECT_THAT(due.body, HasSubstr(R"("refundable":"1.00")"));
    const auto page = co_await look("/payment/?page_size=1");
    EXPECT_THAT(page.body, HasSubstr(bad_ref)) << "newest first";
    EXPECT_THAT(page.body, HasSubstr("cursor="));
    EXPECT_EQ((co_await look("/payment/?order_id=" + to_string(good))).body.find(bad_ref), std::string::npos);
    EXPECT_EQ((co_await look("/payment/", "Bearer user-1")).status, 403);
    EXPECT_EQ((co_await look("/payment/" + good_ref + "/", "Bearer user-1")).status, 403);
    EXPECT_EQ((co_await look("/payment/nobody/")).status, 404);
  });
}

TEST_F(manual_payments, a_provider_that_is_down_is_not_waited_for) {
  in_shop([&]() -> awaitable<> {
    const auto fused = guard(bank, nullptr, {.failures = 3, .open_for = 60'000ms});
    bank->is_away = true;
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ((co_await fused->fetch("r")).result, fetch_answer::outcome::unavailable);
    EXPECT_EQ(bank->fetches, 3);
    EXPECT_EQ((co_await fused->start({.tx_ref = "r"})).result, start_answer::outcome::not_sent);
    EXPECT_EQ((co_await fused->refund({.reference = "r"})).result, refund_answer::outcome::not_sent);
    EXPECT_EQ(bank->started.size() + bank->refunds.size(), 0u);
  });
}

} // namespace
} // namespace nexus::payments::testing
