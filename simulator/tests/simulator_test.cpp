// The whole over HTTP: a merchant with our own client, a payer who fills in the form, a shop that is told.
#include "platform/async/run.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/http/message.hpp"
#include "platform/net/http_client.hpp"
#include "shop.hpp"
#include "simulator/simulator.hpp"
#include "turned_clock.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>

#include <unistd.h>

namespace nexus::chapa {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

using testing::shop;

constexpr const char* key = "CHASECK_TEST-abc";

struct answer {
  int status;
  std::string body;
  [[nodiscard]] json::object json() const { return json::parse(body).as_object(); }
  [[nodiscard]] json::object data() const { return json().at("data").as_object(); }
  [[nodiscard]] std::string message() const { return json::serialize(json().at("message")); }
};

struct simulator_test : ::testing::Test {
  void start(simulator::options o = {}) {
    o.secret_key = key;
    o.webhook_secret = "hook";
    o.clock = &time;
    chapa.emplace(std::move(o));
  }

  answer call(net::http_request r) {
    auto got = run_to_end(loop, [&](executor) { return client.call(std::move(r)); });
    EXPECT_EQ(got.result, net::http_answer::outcome::answered) << got.failure;
    return {got.status, std::move(got.body)};
  }
  answer api(std::string method, const std::string& path, std::string body = "",
             std::string content_type = "application/json") {
    return call({.method = std::move(method),
                 .url = chapa->base_url() + path,
                 .headers = {{"Authorization", std::string("Bearer ") + key},
                             {"Content-Type", std::move(content_type)}},
                 .body = std::move(body)});
  }
  answer initialize(std::string tx_ref, json::object more = {}) {
    json::object body{{"amount", "100"}, {"currency", "ETB"}, {"tx_ref", std::move(tx_ref)}};
    for (const auto& [name, value] : more)
      body[name] = value;
    return api("POST", "/transaction/initialize", json::serialize(body));
  }
  // The page's address.
  std::string open(std::string tx_ref, json::object more = {}) {
    const answer a = initialize(std::move(tx_ref), std::move(more));
    EXPECT_EQ(a.status, 200) << a.body;
    return json::value_to<std::string>(a.data().at("checkout_url"));
  }
  answer submit(const std::string& page, std::string form) {
    return call({.method = "POST",
                 .url = page,
                 .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                 .body = std::move(form)});
  }
  answer pay(const std::string& page, const std::string& mobile) {
    return submit(page, "mobile=" + mobile + "&action=pay");
  }
  answer verify(const std::string& tx_ref) { return api("GET", "/transaction/verify/" + tx_ref); }

  testing::turned_clock time;
  boost::asio::io_context loop{1}; // outlives the client
  net::client client;
  std::optional<simulator> chapa;
};

TEST_F(simulator_test, the_key_is_asked_for) {
  start();
  for (const char* path : {"/transaction/verify/a", "/banks", "/nowhere"}) {
    const answer without = call({.url = chapa->base_url() + path});
    EXPECT_EQ(without.status, 401);
    EXPECT_EQ(without.body, R"({"message":"Authorization required","status":"failed","data":null})");
    const answer wrong =
        call({.url = chapa->base_url() + path, .headers = {{"Authorization", "Bearer CHASECK_TEST-x"}}});
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.message(), R"("Invalid API Key or User doesn't exist")");
  }
}

TEST_F(simulator_test, unknown_paths_and_methods) {
  start();
  EXPECT_EQ(api("GET", "/nowhere").status, 404);
  EXPECT_EQ(api("GET", "/transaction/initialize").status, 405);
  EXPECT_EQ(call({.url = "http://127.0.0.1:" + std::to_string(chapa->port()) + "/"}).status, 404);
}

TEST_F(simulator_test, initialize_answers_as_chapa_does) {
  start();
  const answer a = initialize("a");
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a.message(), R"("Hosted Link")");
  EXPECT_EQ(a.json().at("status"), "success");
  EXPECT_EQ(a.data().size(), 1U); // no Chapa reference comes back here
  const answer again = initialize("a");
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.body,
            R"({"message":"Transaction reference has been used before","status":"failed","data":null})");
  const answer bad = initialize("b", {{"amount", "1,000"}});
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.body, R"({"message":{"amount":["validation.numeric"]},"status":"failed","data":null})");
  const answer broken = api("POST", "/transaction/initialize", "{\"amount\"");
  EXPECT_EQ(broken.status, 400);
}

TEST_F(simulator_test, initialize_takes_forms_with_flat_keys) {
  start();
  const answer a = api("POST", "/transaction/initialize",
                       "amount=10.50&currency=ETB&tx_ref=form&customization[title]=Shoes",
                       "application/x-www-form-urlencoded");
  EXPECT_EQ(a.status, 200) << a.body;
  const auto data = verify("form").data();
  EXPECT_EQ(data.at("customization").at("title"), "Shoes");
}

TEST_F(simulator_test, unpaid_is_pending_as_seen) {
  start();
  open("a");
  const answer a = verify("a");
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a.json().at("status"), "success");
  const auto data = a.data();
  EXPECT_EQ(data.at("status"), "pending");
  EXPECT_TRUE(data.at("method").is_null());
  EXPECT_TRUE(data.at("charge").is_null());
  EXPECT_FALSE(data.contains("reference"));
  EXPECT_EQ(data.at("created_at"), "2026-02-02T07:05:23.500000Z");
  const answer unknown = verify("b");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.message(), R"("Invalid transaction reference")");
}

TEST_F(simulator_test, unpaid_is_not_found_as_documented) {
  start({.simulate_documented_errors = true});
  const std::string page = open("a", {{"amount", "5000000"}});
  EXPECT_EQ(verify("a").status, 404);
  EXPECT_EQ(verify("a").message(), R"("Payment not paid yet")");
  EXPECT_EQ(verify("b").status, 404);
  EXPECT_EQ(verify("b").message(), R"("Invalid transaction or Transaction not found")");
  EXPECT_EQ(pay(page, "0900123456").status, 200);
  EXPECT_EQ(verify("a").status, 200);
}

TEST_F(simulator_test, the_whole_way_to_a_payment) {
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

TEST_F(simulator_test, the_payer_cancels) {
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

TEST_F(simulator_test, the_merchant_cancels) {
  start();
  const std::string page = open("a");
  const answer done = api("PUT", "/transaction/cancel/a");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.message(), R"("Checkout link expired successfully")");
  const answer again = api("PUT", "/transaction/cancel/a");
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.message(), R"("Payment link already expired")");
  const answer unknown = api("PUT", "/transaction/cancel/b");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.message(), R"("Payment link not found")");
  EXPECT_EQ(verify("a").data().at("status"), "pending");
  EXPECT_EQ(pay(page, "0900123456").status, 410);
}

TEST_F(simulator_test, an_expired_page_says_so) {
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

TEST_F(simulator_test, what_is_no_number_is_no_attempt) {
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

TEST_F(simulator_test, ten_failures_end_the_session) {
  start();
  const std::string page = open("a");
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(pay(page, "0911111111").status, 422);
  EXPECT_EQ(pay(page, "0911111111").status, 410);
  EXPECT_EQ(pay(page, "0900123456").status, 410);
  EXPECT_EQ(verify("a").data().at("status"), "failed");
}

TEST_F(simulator_test, what_the_merchant_wrote_is_text_on_the_page) {
  start();
  const std::string page = open("<b>'\"&", {{"return_url", "http://shop.example/?a=\"><script>"}});
  const answer a = call({.url = page});
  EXPECT_NE(a.body.find("&lt;b&gt;"), std::string::npos);
  EXPECT_EQ(a.body.find("<b>"), std::string::npos);
  submit(page, "action=cancel");
  EXPECT_EQ(call({.url = page}).body.find("<script>"), std::string::npos);
}

TEST_F(simulator_test, a_webhook_comes_again_until_it_is_taken) {
  shop s([](int number) { return number < 3 ? 500 : 200; });
  start({.webhook_url = s.url("/hook"), .webhook_retry_delay = 10ms});
  pay(open("a"), "0900123456");
  const auto first = s.wait_for("POST /hook ");
  EXPECT_EQ(s.wait_for("POST /hook ").body, first.body);
  EXPECT_EQ(s.wait_for("POST /hook ").body, first.body);
  pay(open("b"), "0900123456"); // a fourth of "a" would stand before it
  EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("tx_ref"), "b");
}

TEST_F(simulator_test, a_webhook_is_given_up_after_its_retries) {
  shop s([](int) { return 500; });
  start({.webhook_url = s.url("/hook"), .webhook_retry_delay = 1ms, .webhook_retries = 2});
  pay(open("a"), "0900123456");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("tx_ref"), "a");
  pay(open("b"), "0900123456");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("tx_ref"), "b");
}

TEST_F(simulator_test, ends_at_once_with_deliveries_waiting) {
  shop s([](int) { return 500; });
  start({.webhook_retry_delay = 1h});
  chapa->set_webhook_url(s.url("/hook"));
  pay(open("a"), "0900123456");
  s.wait_for("POST /hook ");
  const auto began = std::chrono::steady_clock::now();
  chapa.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(simulator_test, a_refund_goes_its_way_and_is_told) {
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

TEST_F(simulator_test, lists) {
  start();
  for (int i = 1; i <= 11; ++i)
    open("t" + std::to_string(i), {{"amount", "12"}});
  const auto first = api("GET", "/transactions").data();
  EXPECT_EQ(first.at("transactions").as_array().size(), 10U);
  EXPECT_EQ(first.at("transactions").at(0).at("amount"), "12.000");
  EXPECT_EQ(first.at("transactions").at(0).at("trans_id"), "t11");
  EXPECT_TRUE(first.at("pagination").at("prev_page_url").is_null());
  const auto next = json::value_to<std::string>(first.at("pagination").at("next_page_url"));
  EXPECT_TRUE(next.ends_with("/v1/transactions?page=2"));
  const auto second = api("GET", "/transactions?page=2").data();
  EXPECT_EQ(second.at("transactions").as_array().size(), 1U);
  EXPECT_TRUE(second.at("pagination").at("next_page_url").is_null());
  EXPECT_EQ(api("GET", "/transactions?page=99999999999999999999").status, 200);
  EXPECT_GE(api("GET", "/banks").json().at("data").as_array().size(), 5U);
  EXPECT_EQ(api("GET", "/transaction/events/t1").json().at("data").at(0).at("type"), "log");
  EXPECT_EQ(api("GET", "/transaction/events/none").status, 404);
}

TEST_F(simulator_test, the_journal_survives_a_restart) {
  const auto path =
      std::filesystem::temp_directory_path() / ("nexus-simulator-" + std::to_string(::getpid()));
  std::filesystem::remove(path);
  start({.journal = path});
  pay(open("paid"), "0900123456");
  const std::string page = open("pending");
  const std::string before = verify("paid").body;
  const auto token = page.substr(page.rfind('/'));
  chapa.reset();
  start({.journal = path});
  EXPECT_EQ(verify("paid").body, before);
  EXPECT_EQ(initialize("pending").status, 400);
  EXPECT_EQ(
      pay("http://127.0.0.1:" + std::to_string(chapa->port()) + "/checkout/payment" + token, "0900123456")
          .status,
      200);
  EXPECT_EQ(verify("pending").data().at("status"), "success");
  chapa.reset();
  std::filesystem::remove(path);
}

TEST_F(simulator_test, a_taken_port_is_said) {
  start();
  simulator::options o{.port = chapa->port(), .secret_key = key, .webhook_secret = "hook"};
  EXPECT_THROW(simulator{o}, std::system_error);
}

TEST_F(simulator_test, checkout_begins_with_the_public_address) {
  start({.public_url = "https://pay.example"});
  EXPECT_TRUE(open("a").starts_with("https://pay.example/checkout/payment/"));
  EXPECT_EQ(chapa->base_url(), "http://127.0.0.1:" + std::to_string(chapa->port()) + "/v1");
}

} // namespace
} // namespace nexus::chapa
