// What the shop is told, and how often.
#include "merchant.hpp"
#include "shop.hpp"

namespace nexus::chapa {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

using testing::answer;
using testing::shop;

class webhooks_test : public testing::merchant {};

TEST_F(webhooks_test, a_webhook_comes_again_until_it_is_taken) {
  shop s([](int number) { return number < 3 ? 500 : 200; });
  start({.webhook_url = s.url("/hook"), .webhook_retry_delay = 10ms});
  pay(open("a"), "0900123456");
  const auto first = s.wait_for("POST /hook ");
  EXPECT_EQ(s.wait_for("POST /hook ").body, first.body);
  EXPECT_EQ(s.wait_for("POST /hook ").body, first.body);
  pay(open("b"), "0900123456"); // a fourth of "a" would stand before it
  EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("tx_ref"), "b");
}

TEST_F(webhooks_test, a_webhook_is_given_up_after_its_retries) {
  shop s([](int) { return 500; });
  start({.webhook_url = s.url("/hook"), .webhook_retry_delay = 1ms, .webhook_retries = 2});
  pay(open("a"), "0900123456");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("tx_ref"), "a");
  pay(open("b"), "0900123456");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("tx_ref"), "b");
}

TEST_F(webhooks_test, ends_at_once_with_deliveries_waiting) {
  shop s([](int) { return 500; });
  start({.webhook_retry_delay = 1h});
  chapa->set_webhook_url(s.url("/hook"));
  pay(open("a"), "0900123456");
  s.wait_for("POST /hook ");
  const auto began = std::chrono::steady_clock::now();
  chapa.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(webhooks_test, a_refund_goes_its_way_and_is_told) {
  shop s;
  start({.webhook_url = s.url("/hook"), .refund_step = 1ms});
  EXPECT_EQ(api("POST", "/refund/a").status, 404);
  const std::string page = open("a");
  EXPECT_EQ(api("POST", "/refund/a").status, 400);
  pay(page, "0900123456");
  s.wait_for("POST /hook ");
  const auto reference = json::value_to<std::string>(verify("a").data().at("reference"));
  EXPECT_EQ(api("POST", "/refund/a", "amount=100.01", "application/x-www-form-urlencoded").status, 400);

  const answer made =
      api("POST", "/refund/" + reference, "amount=40&reason=broken&reference=r-1&meta[line]=2",
          "application/x-www-form-urlencoded");
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.message(), R"("Refund initiated successfully. Processing time: 1-3 business days")");
  const auto data = made.data();
  EXPECT_EQ(data.at("status"), "Refund Initiated");
  EXPECT_EQ(data.at("amount"), "40.00");
  EXPECT_EQ(data.at("chapa_reference"), json::value(reference));
  EXPECT_EQ(data.at("merchant_reference"), "r-1");
  const auto ref = json::value_to<std::string>(data.at("ref"));
  EXPECT_EQ(api("GET", "/refund/" + ref + "/verify").data().at("status"), "initiated");
  EXPECT_EQ(api("GET", "/refund/none/verify").status, 404);
  EXPECT_EQ(api("POST", "/refund/a", "reference=r-1", "application/x-www-form-urlencoded").status, 400);
  time.turn(1ms);
  EXPECT_EQ(api("GET", "/refund/r-1/verify").data().at("status"), "processing");
  EXPECT_EQ(api("POST", "/refund/a").data().at("amount"), "60.00"); // the rest, by the merchant's reference
  time.turn(1s);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("event"), "charge.refunded");
  EXPECT_EQ(api("GET", "/refund/r-1/verify").data().at("status"), "refunded");
  EXPECT_EQ(verify("a").data().at("status"), "refunded");
}

} // namespace
} // namespace nexus::chapa
