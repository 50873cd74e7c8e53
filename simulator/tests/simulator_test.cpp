// What the merchant asks, and the program as a whole.
#include "merchant.hpp"

#include <filesystem>
#include <unistd.h>

namespace nexus::chapa {
namespace {

namespace json = boost::json;

using testing::answer;
using testing::key;

class simulator_test : public testing::merchant {};

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
  EXPECT_EQ(call({.url = "http://127.0.0.1:" + std::to_string(chapa->port()) + "/nowhere"}).status, 404);
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

} // namespace
} // namespace nexus::chapa
