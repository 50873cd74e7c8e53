// The control API, and the pages that show what is going on.
#include "merchant.hpp"
#include "shop.hpp"

namespace nexus::chapa {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

using testing::answer;
using testing::shop;

class control_test : public testing::merchant {
protected:
  answer control(std::string method, const std::string& path, const json::value& body = nullptr) {
    net::http_request r{.method = std::move(method), .url = chapa->url() + "/_control" + path};
    if (!body.is_null()) {
      r.headers = {{"Content-Type", "application/json"}};
      r.body = json::serialize(body);
    }
    return call(std::move(r));
  }
  answer page(const std::string& path) { return call({.url = chapa->url() + path}); }
};

TEST_F(control_test, faults_are_set_listed_and_taken_back) {
  start();
  open("a");
  const answer made =
      control("POST", "/faults",
              json::array{json::object{{"at", "verify"}, {"fault", "status_500"}, {"count", 1}},
                          json::object{{"at", "webhook"}, {"fault", "drop"}}});
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(verify("a").status, 500);
  EXPECT_EQ(verify("a").status, 200);
  const auto faults = control("GET", "/faults").json().at("faults").as_array();
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[0].at("struck"), 1);
  EXPECT_EQ(control("DELETE", "/faults/" + std::to_string(faults[0].at("id").as_int64())).status, 204);
  EXPECT_EQ(control("DELETE", "/faults/999").status, 404);
  EXPECT_EQ(control("DELETE", "/faults").status, 204);
  EXPECT_TRUE(control("GET", "/faults").json().at("faults").as_array().empty());
  const answer wrong = control("POST", "/faults",
                               json::array{json::object{{"at", "verify"}, {"fault", "drop"}},
                                           json::object{{"at", "verify"}, {"fault", "forge"}}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_TRUE(control("GET", "/faults").json().at("faults").as_array().empty()) << "all or none";
  EXPECT_EQ(control("GET", "/calls").json().at("verify"), (json::object{{"calls", 2}, {"struck", 1}}));
}

TEST_F(control_test, a_transaction_is_forced_and_told) {
  shop s;
  start({.webhook_url = s.url("/hook")});
  open("a", {{"callback_url", s.url("/back")}, {"email", "abebe@example.com"}});
  const answer forced = control("POST", "/transactions/a", json::object{{"status", "success"}});
  EXPECT_EQ(forced.status, 200);
  EXPECT_EQ(forced.json().at("status"), "success");
  EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("event"), "charge.success");
  EXPECT_NE(s.wait_for("GET /back").head.find("status=success"), std::string::npos);
  EXPECT_EQ(verify("a").data().at("status"), "success");
  EXPECT_EQ(verify("a").data().at("method"), "test");

  control("POST", "/transactions/a", json::object{{"status", "reversed"}});
  EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("event"), "charge.reversed");
  EXPECT_EQ(verify("a").data().at("status"), "reversed");
  EXPECT_EQ(control("POST", "/transactions/a", json::object{{"status", "gone"}}).status, 422);
  EXPECT_EQ(control("POST", "/transactions/b", json::object{{"status", "success"}}).status, 404);

  const auto all = control("GET", "/transactions").json();
  EXPECT_EQ(all.at("count"), 1);
  EXPECT_EQ(all.at("transactions").at(0).at("email"), "abebe@example.com");
  EXPECT_GE(control("GET", "/transactions/a").json().at("events").as_array().size(), 3U);
  EXPECT_GE(control("GET", "/transactions/a").json().at("seen").as_array().size(), 3U);
}

TEST_F(control_test, messages_are_sent_at_once) {
  shop s;
  start();
  EXPECT_EQ(control("POST", "/settings", json::object{{"webhook_url", s.url("/hook")}}).status, 204);
  open("a");
  EXPECT_EQ(
      control(
          "POST", "/transactions/a/webhooks",
          json::object{{"event", "charge.success"}, {"times", 3}, {"says", json::object{{"amount", "7.00"}}}})
          .status,
      202);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("amount"), "7.00");
  EXPECT_EQ(control("POST", "/transactions/a/webhooks", json::object{{"event", "charge.what"}}).status, 422);
}

TEST_F(control_test, a_refund_is_moved_by_hand) {
  shop s;
  start({.webhook_url = s.url("/hook"), .refund_step = 1ms, .faults = {"refund:stuck"}});
  pay(open("a"), "0900123456");
  s.wait_for("POST /hook ");
  const auto ref =
      json::value_to<std::string>(api("POST", "/refund/a", R"({"reference":"mine"})").data().at("ref"));
  time.turn(1h);
  const auto status = [&] { return api("GET", "/refund/" + ref + "/verify").data().at("status"); };
  EXPECT_EQ(status(), "initiated");
  EXPECT_EQ(control("POST", "/refunds/mine", json::object{{"status", "processing"}}).status, 200);
  EXPECT_EQ(status(), "processing");
  EXPECT_EQ(control("POST", "/refunds/" + ref, json::object{{"status", "refunded"}}).status, 200);
  EXPECT_EQ(status(), "refunded");
  EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("event"), "charge.refunded");
  EXPECT_EQ(control("POST", "/refunds/mine", json::object{{"status", "reversed"}}).status, 409);
  EXPECT_EQ(control("POST", "/refunds/none", json::object{{"status", "reversed"}}).status, 404);
}

TEST_F(control_test, a_browser_of_somebody_else_can_force_nothing) {
  start();
  open("a");
  const answer a = call({.method = "POST",
                         .url = chapa->url() + "/_control/transactions/a",
                         .headers = {{"Content-Type", "text/plain"}},
                         .body = R"({"status":"success"})"});
  EXPECT_EQ(a.status, 415);
  EXPECT_EQ(verify("a").data().at("status"), "pending");
}

TEST_F(control_test, pages_show_the_transactions_with_their_events) {
  start({.faults = {"verify:delay;ms=1"}});
  EXPECT_NE(page("/").body.find("None yet."), std::string::npos);
  pay(open("a<b>", {{"email", "abebe@example.com"}}), "0900123456");
  verify("a%3Cb%3E");
  const std::string all = page("/").body;
  for (const char* part : {"a&lt;b&gt;", "success", "100.00 ETB", "abebe@example.com", "struck 1 of 1"})
    EXPECT_NE(all.find(part), std::string::npos) << part << "\n" << all;
  const std::string one = page("/transactions/a%3Cb%3E").body;
  for (const char* part : {"Transaction was initialized", "Transaction is successful", "verify [delay]"})
    EXPECT_NE(one.find(part), std::string::npos) << part << "\n" << one;
  EXPECT_EQ(page("/transactions/none").status, 404);
}

} // namespace
} // namespace nexus::chapa
