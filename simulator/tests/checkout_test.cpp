// The page that the payer sees.
#include "merchant.hpp"
#include "platform/crypto/crypto.hpp"
#include "shop.hpp"

namespace nexus::chapa {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

using testing::answer;
using testing::shop;

class checkout_test : public testing::merchant {};

TEST_F(checkout_test, the_whole_way_to_a_payment) {
  shop s;
  start({.webhook_url = s.url("/hook")});
  const std::string page = open("order-1", {{"amount", 100},
                                            {"email", "abebe@example.com"},
                                            {"first_name", "Abebe"},
                                            {"phone_number", "0911223344"},
                                            {"callback_url", s.url("/callback")},
                                            {"return_url", s.url("/thanks/order-1")},
                                            {"customization", {{"title", "Shoes"}}},
                                            {"meta", {{"order", 1}}}});
  const answer form = call({.url = page});
  EXPECT_EQ(form.status, 200);
  for (const char* part :
       {"<form method=\"post\">", "name=\"mobile\"", "name=\"action\" value=\"pay\"",
        "name=\"action\" value=\"cancel\"", "100.00 ETB", "order-1", "Shoes", "<label for=\"mobile\">"})
    EXPECT_NE(form.body.find(part), std::string::npos) << part;

  const answer declined = pay(page, "0911111111");
  EXPECT_EQ(declined.status, 422);
  EXPECT_NE(declined.body.find("declined"), std::string::npos);
  EXPECT_NE(declined.body.find("9 attempts are left"), std::string::npos);
  EXPECT_EQ(verify("order-1").data().at("status"), "failed");
  const auto failed = json::parse(s.wait_for("POST /hook ").body);
  EXPECT_EQ(failed.at("event"), "charge.failed/cancelled");
  EXPECT_FALSE(failed.at("failure_reason").is_null());
  EXPECT_TRUE(s.wait_for("GET /callback?trx_ref=order-1&ref_id=").head.find("&status=failed ") !=
              std::string::npos);

  EXPECT_EQ(pay(page, "0900123456").status, 303);
  const answer verified = verify("order-1");
  EXPECT_NE(verified.body.find(
                R"("amount":100,"charge":3.5,"mode":"test","method":"test","type":"API","status":"success")"),
            std::string::npos)
      << verified.body;
  const auto data = verified.data();
  const auto reference = json::value_to<std::string>(data.at("reference"));
  EXPECT_EQ(data.at("meta").at("order"), 1);

  const auto hook = s.wait_for("POST /hook ");
  EXPECT_EQ(hook.header("x-chapa-signature"), crypto::hmac_sha256_hex("hook", hook.body));
  EXPECT_EQ(hook.header("chapa-signature"), crypto::hmac_sha256_hex("hook", "hook"));
  EXPECT_EQ(hook.header("Content-Type"), "application/json");
  const auto paid = json::parse(hook.body);
  EXPECT_EQ(paid.at("event"), "charge.success");
  EXPECT_EQ(paid.at("amount"), "100.00");
  EXPECT_EQ(paid.at("charge"), "3.50");
  EXPECT_EQ(paid.at("mobile"), "251900123456");
  EXPECT_EQ(paid.at("reference"), json::value(reference));
  EXPECT_EQ(paid.at("mode"), "test");
  s.wait_for("GET /callback?trx_ref=order-1&ref_id=" + reference + "&status=success ");

  EXPECT_EQ(pay(page, "0900123456").status, 200); // again: says that it is paid, and nothing more happens
  EXPECT_EQ(call({.url = page}).body.find("<form"), std::string::npos);
  EXPECT_EQ(api("PUT", "/transaction/cancel/order-1").status, 400);
}

TEST_F(checkout_test, the_payer_cancels) {
  shop s;
  start({.webhook_url = s.url("/hook")});
  const std::string page = open("a", {{"callback_url", s.url("/cb?x=1")}, {"return_url", s.url("/back")}});
  EXPECT_EQ(submit(page, "mobile=&action=cancel").status, 303);
  EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("event"), "charge.failed/cancelled");
  EXPECT_NE(s.wait_for("GET /cb?x=1&trx_ref=a&").head.find("status=cancelled"), std::string::npos);
  EXPECT_EQ(verify("a").data().at("status"), "cancelled");
  EXPECT_EQ(call({.url = page}).status, 410);
  EXPECT_EQ(pay(page, "0900123456").status, 410);
  EXPECT_EQ(verify("a").data().at("status"), "cancelled");
}

TEST_F(checkout_test, an_expired_page_says_so) {
  start({.session_length = 5min});
  const std::string page = open("a", {{"return_url", "http://shop.example/back"}});
  time.turn(5min);
  const answer a = call({.url = page});
  EXPECT_EQ(a.status, 410);
  EXPECT_NE(a.body.find("has expired"), std::string::npos);
  EXPECT_NE(a.body.find("href=\"http://shop.example/back\""), std::string::npos);
  EXPECT_EQ(pay(page, "0900123456").status, 410);
  EXPECT_EQ(verify("a").data().at("status"), "pending");
}

TEST_F(checkout_test, what_is_no_number_is_no_attempt) {
  start();
  const std::string page = open("a");
  for (const char* mobile : {"", "123", "%3Cscript%3E", "%ff%fe"}) {
    const answer a = pay(page, mobile);
    EXPECT_EQ(a.status, 422);
    EXPECT_EQ(a.body.find("<script>"), std::string::npos);
    EXPECT_NE(a.body.find("role=\"alert\""), std::string::npos);
  }
  EXPECT_EQ(verify("a").data().at("status"), "pending");
  EXPECT_EQ(submit(page, "mobile=0900123456&action=steal").status, 422);
  EXPECT_EQ(verify("a").data().at("status"), "pending");
}

TEST_F(checkout_test, ten_failures_end_the_session) {
  start();
  const std::string page = open("a");
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(pay(page, "0911111111").status, 422);
  EXPECT_EQ(pay(page, "0911111111").status, 410);
  EXPECT_EQ(pay(page, "0900123456").status, 410);
  EXPECT_EQ(verify("a").data().at("status"), "failed");
}

TEST_F(checkout_test, what_the_merchant_wrote_is_text_on_the_page) {
  start();
  const std::string page = open("<b>'\"&", {{"return_url", "http://shop.example/?a=\"><script>"}});
  const answer a = call({.url = page});
  EXPECT_NE(a.body.find("&lt;b&gt;"), std::string::npos);
  EXPECT_EQ(a.body.find("<b>"), std::string::npos);
  submit(page, "action=cancel");
  EXPECT_EQ(call({.url = page}).body.find("<script>"), std::string::npos);
}

TEST_F(checkout_test, checkout_begins_with_the_public_address) {
  start({.public_url = "https://pay.example"});
  EXPECT_TRUE(open("a").starts_with("https://pay.example/checkout/payment/"));
  EXPECT_EQ(chapa->base_url(), "http://127.0.0.1:" + std::to_string(chapa->port()) + "/v1");
}

} // namespace
} // namespace nexus::chapa
