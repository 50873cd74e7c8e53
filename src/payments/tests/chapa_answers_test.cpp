#include "payments/chapa_answers.hpp"

#include "payments/message.hpp"
#include "platform/crypto/crypto.hpp"

#include <gtest/gtest.h>

namespace nexus::payments::chapa {
namespace {

using http = net::http_answer;

http answered(int status, std::string body) { return {http::outcome::answered, status, std::move(body), {}}; }
http lost() { return {http::outcome::unknown, 0, {}, "timeout"}; }
http not_sent() { return {http::outcome::not_sent, 0, {}, "connection refused"}; }

TEST(chapa_start, reads_each_answer) {
  using is = start_answer::outcome;
  const std::string link =
      R"({"message":"Hosted Link","status":"success","data":{"checkout_url":"https://checkout.chapa.co/p/1"}})";
  const std::vector<std::tuple<const char*, http, is>> table = {
      {"started", answered(200, link), is::started},
      {"no url", answered(200, R"({"message":"Hosted Link","status":"success","data":null})"), is::unknown},
      {"a url that is none", answered(200, R"({"status":"success","data":{"checkout_url":"javascript:0"}})"),
       is::unknown},
      {"text",
       answered(400, R"({"message":"Invalid currency, X is not supported","status":"failed","data":null})"),
       is::refused},
      {"object",
       answered(400, R"({"message":{"amount":["validation.min.numeric"]},"status":"failed","data":null})"),
       is::refused},
      {"key", answered(401, R"({"message":"Authorization required","status":"failed"})"), is::refused},
      {"failed with 200", answered(200, R"({"message":"no","status":"failed","data":null})"), is::refused},
      {"html with 400", answered(400, "<html>no</html>"), is::refused},
      {"too many", answered(429, ""), is::refused},
      {"not read to the end", answered(408, ""), is::unknown},
      {"500", answered(500, link), is::unknown},
      {"502 html", answered(502, "<html>Bad gateway</html>"), is::unknown},
      {"html with 200", answered(200, "<html>hello</html>"), is::unknown},
      {"half", answered(200, link.substr(0, 40)), is::unknown},
      {"redirect", answered(302, ""), is::unknown},
      {"lost", lost(), is::unknown},
      {"not sent", not_sent(), is::not_sent},
  };
  for (const auto& [name, answer, expected] : table)
    EXPECT_EQ(read_start(answer).result, expected) << name;
  EXPECT_EQ(read_start(answered(200, link)).payment_url, "https://checkout.chapa.co/p/1");
  EXPECT_EQ(read_start(std::get<1>(table[4])).reason, "HTTP 400: amount: validation.min.numeric");
}

std::string details(std::string_view data) {
  return R"({"message":"Payment details fetched successfully","status":"success","data":)" +
         std::string(data) + "}";
}

TEST(chapa_fetch, reads_a_paid_transaction) {
  for (const char* amount : {"100", "\"100.00\"", "100.0", "\"100\"", "\"100.000\""}) {
    const auto told = read_fetch(answered(
        200, details(R"({"first_name":null,"currency":"ETB","amount":)" + std::string(amount) +
                     R"(,"charge":3.5,"mode":"test","method":"test","type":"API","status":"success",)"
                     R"("reference":"6jnheVKQEmy","tx_ref":"r-1","meta":null})")));
    ASSERT_EQ(told.result, fetch_answer::outcome::told) << amount;
    EXPECT_EQ(told.charge.state, charge_state::success);
    EXPECT_EQ(told.charge.amount, decimal::parse("100.00"));
    EXPECT_EQ(told.charge.currency, "ETB");
    EXPECT_EQ(told.charge.mode, "test");
    EXPECT_EQ(told.charge.tx_ref, "r-1");
    EXPECT_EQ(told.charge.reference, "6jnheVKQEmy");
  }
}

TEST(chapa_fetch, reads_each_status) {
  const std::vector<std::pair<const char*, charge_state>> table = {
      {"pending", charge_state::pending},   {"success", charge_state::success},
      {"failed", charge_state::failed},     {"cancelled", charge_state::cancelled},
      {"refunded", charge_state::refunded}, {"failed/cancelled", charge_state::failed},
      {"reversed", charge_state::reversed}, {"SUCCESS", charge_state::success},
      {"on_hold", charge_state::unknown},   {"successful", charge_state::unknown},
      {"unknown", charge_state::unknown},
  };
  for (const auto& [status, state] : table) {
    const auto told = read_fetch(answered(200, details(R"({"status":")" + std::string(status) + R"("})")));
    EXPECT_EQ(told.result, fetch_answer::outcome::told) << status;
    EXPECT_EQ(told.charge.state, state) << status;
  }
}

TEST(chapa_fetch, the_calls_status_is_not_the_payments) {
  const auto told = read_fetch(answered(
      200, details(R"({"status":"pending","method":null,"charge":null,"amount":100,"currency":"ETB"})")));
  ASSERT_EQ(told.result, fetch_answer::outcome::told);
  EXPECT_EQ(told.charge.state, charge_state::pending);
  const auto contradictory = read_fetch(answered(
      200, R"({"message":"?","status":"failed","data":{"status":"success","amount":1,"currency":"ETB"}})"));
  EXPECT_EQ(contradictory.result, fetch_answer::outcome::unavailable);
}

TEST(chapa_fetch, reads_what_is_no_payment) {
  using is = fetch_answer::outcome;
  const std::vector<std::tuple<const char*, http, is>> table = {
      {"unknown, seen",
       answered(400, R"({"message":"Invalid transaction reference","status":"failed","data":null})"),
       is::not_known},
      {"unknown, doc",
       answered(404, R"({"message":"Invalid transaction or Transaction not found","status":"failed"})"),
       is::not_known},
      {"not paid yet", answered(404, R"({"message":"Payment not paid yet","status":"failed","data":null})"),
       is::told},
      {"no data", answered(200, details("null")), is::unavailable},
      {"status is an object", answered(200, details(R"({"status":{"a":1}})")), is::unavailable},
      {"key", answered(401, R"({"message":"Invalid API Key or User doesn't exist","status":"failed"})"),
       is::unavailable},
      {"404 html", answered(404, "<html>not found</html>"), is::unavailable},
      {"500", answered(500, details(R"({"status":"success"})")), is::unavailable},
      {"html", answered(200, "<!doctype html>"), is::unavailable},
      {"half", answered(200, R"({"message":"Payment de)"), is::unavailable},
      {"twice", answered(200, details(R"({"status":"pending","status":"success"})")), is::unavailable},
      {"lost", lost(), is::unavailable},
      {"not sent", not_sent(), is::unavailable},
  };
  for (const auto& [name, answer, expected] : table)
    EXPECT_EQ(read_fetch(answer).result, expected) << name;
  EXPECT_EQ(read_fetch(std::get<1>(table[2])).charge.state, charge_state::pending);
}

TEST(chapa_fetch, an_amount_that_is_no_decimal_is_none) {
  for (const char* amount : {"\"1,000\"", "1e3", "null", "\"\"", "\"ten\"", "[100]"}) {
    const auto told = read_fetch(answered(
        200, details(R"({"status":"success","currency":"ETB","amount":)" + std::string(amount) + "}")));
    EXPECT_EQ(told.result, fetch_answer::outcome::told);
    EXPECT_FALSE(told.charge.amount) << amount;
  }
}

TEST(chapa_cancel, closed_now_before_or_never_there) {
  EXPECT_TRUE(
      read_cancel(answered(200, R"({"message":"Checkout link expired successfully","status":"success"})"))
          .closed);
  EXPECT_TRUE(
      read_cancel(answered(400, R"({"message":"Payment link already expired","status":"failed"})")).closed);
  EXPECT_TRUE(read_cancel(answered(404, R"({"message":"Payment link not found","status":"failed"})")).closed);
  EXPECT_FALSE(
      read_cancel(answered(401, R"({"message":"Authorization required","status":"failed"})")).closed);
  EXPECT_FALSE(read_cancel(answered(500, "oops")).closed);
  EXPECT_FALSE(read_cancel(lost()).closed);
}

TEST(chapa_refund, reads_each_answer) {
  using is = refund_answer::outcome;
  EXPECT_EQ(
      read_refund(answered(200, R"({"message":"Refund initiated","status":"success","data":{"id":730}})"))
          .result,
      is::initiated);
  EXPECT_EQ(read_refund(answered(400, R"({"message":"too much","status":"failed"})")).result, is::refused);
  EXPECT_EQ(read_refund(answered(500, "")).result, is::unknown);
  EXPECT_EQ(read_refund(lost()).result, is::unknown);
  EXPECT_EQ(read_refund(not_sent()).result, is::not_sent);
}

class chapa_webhook : public ::testing::Test {
protected:
  static void SetUpTestSuite() { crypto::initialize(); }
  static constexpr std::string_view secret = "webhook-secret";
  static std::string sign(std::string_view body) { return crypto::hmac_sha256_hex(secret, body); }
};

TEST_F(chapa_webhook, is_signed_as_chapa_signs) {
  // HMAC-SHA256("key", "The quick brown fox jumps over the lazy dog")
  EXPECT_EQ(crypto::hmac_sha256_hex("key", "The quick brown fox jumps over the lazy dog"),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}

TEST_F(chapa_webhook, is_refused_without_its_signature) {
  const std::string body = R"({"event":"charge.success","tx_ref":"r-1","amount":"400.00"})";
  const auto what = [&](std::optional<std::string> signature, std::string_view key = secret) {
    return read_webhook(key, signature, body).what;
  };
  EXPECT_EQ(what(sign(body)), notice::kind::charge);
  EXPECT_EQ(what(std::nullopt), notice::kind::forged);
  EXPECT_EQ(what(""), notice::kind::forged);
  EXPECT_EQ(what(sign(body + " ")), notice::kind::forged) << "over other bytes";
  EXPECT_EQ(what(sign(body).substr(0, 63)), notice::kind::forged);
  EXPECT_EQ(what(sign(body) + "0"), notice::kind::forged);
  EXPECT_EQ(what(crypto::hmac_sha256_hex(secret, secret)), notice::kind::forged)
      << "the constant of chapa-signature";
  EXPECT_EQ(what(crypto::hmac_sha256_hex("other", body)), notice::kind::forged);
  EXPECT_EQ(what(crypto::hmac_sha256_hex("", body), ""), notice::kind::forged)
      << "without a secret nobody is believed";
}

TEST_F(chapa_webhook, tells_what_it_is_about) {
  const auto read = [](std::string_view body) { return read_webhook(secret, sign(body), body); };
  for (const char* event :
       {"charge.success", "charge.failed/cancelled", "charge.refunded", "charge.reversed", "charge.new"}) {
    const auto said = read(R"({"event":")" + std::string(event) + R"(","tx_ref":"r-1"})");
    EXPECT_EQ(said.what, notice::kind::charge) << event;
    EXPECT_EQ(said.tx_ref, "r-1");
    EXPECT_EQ(said.event, event);
  }
  EXPECT_EQ(read(R"({"event":"payout.success","reference":"x"})").what, notice::kind::ignored);
  EXPECT_EQ(read(R"({"event":"something.else"})").what, notice::kind::ignored);
  EXPECT_EQ(read(R"({"event":"charge.success"})").what, notice::kind::unreadable);
  EXPECT_EQ(read(R"({"tx_ref":"r-1"})").what, notice::kind::unreadable);
  EXPECT_EQ(read("event=charge.success").what, notice::kind::unreadable);
  EXPECT_EQ(read("").what, notice::kind::unreadable);
}

TEST(chapa_initialize, sends_what_chapa_takes) {
  start_request r{.tx_ref = "NX7-abc",
                  .amount = {125'050, currency::etb()},
                  .order_number = "NX-7/<b>&",
                  .email = "a@b.et",
                  .full_name = "Abebe  Bikila Demissie",
                  .phone_number = "0911121314",
                  .return_url = "http://shop/r/",
                  .callback_url = "http://shop/c/"};
  const auto sent = [](const start_request& from) { return *message::parse(initialize_body(from)); };
  const message m = sent(r);
  EXPECT_EQ(m.at("/amount"), "1250.50");
  EXPECT_EQ(m.at("/currency"), "ETB");
  EXPECT_EQ(m.at("/tx_ref"), "NX7-abc");
  EXPECT_EQ(m.at("/first_name"), "Abebe");
  EXPECT_EQ(m.at("/last_name"), "Bikila Demissie");
  EXPECT_EQ(m.at("/phone_number"), "0911121314");
  EXPECT_EQ(m.at("/return_url"), "http://shop/r/");
  EXPECT_EQ(m.at("/callback_url"), "http://shop/c/");
  EXPECT_LE(m.at("/customization/title").size(), 16u);
  EXPECT_EQ(m.at("/customization/description"), "Order NX-7b");
  for (const char* phone : {"+251911121314", "0811121314", "091112131", "09111213145", "09111 1314", ""}) {
    r.phone_number = phone;
    EXPECT_EQ(sent(r).at("/phone_number"), "") << phone;
  }
  r.full_name = "Madonna";
  EXPECT_EQ(sent(r).at("/first_name"), "Madonna");
  EXPECT_EQ(sent(r).at("/last_name"), "");
  r.order_number = std::string(80, '9');
  EXPECT_EQ(sent(r).at("/customization/description").size(), 50u);
}

} // namespace
} // namespace nexus::payments::chapa
