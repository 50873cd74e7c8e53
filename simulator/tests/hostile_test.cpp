// Every fault, as a merchant's client and a shop see it.
#include "merchant.hpp"
#include "platform/crypto/crypto.hpp"
#include "shop.hpp"

namespace nexus::chapa {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

using outcome = net::http_answer::outcome;
using testing::answer;
using testing::key;
using testing::shop;

class hostile_test : public testing::merchant {
protected:
  net::http_answer raw(std::string method, const std::string& path, std::string body = "",
                       std::string simulate = "", std::chrono::milliseconds timeout = 10s) {
    net::http_request r{
        .method = std::move(method),
        .url = chapa->base_url() + path,
        .headers = {{"Authorization", std::string("Bearer ") + key}, {"Content-Type", "application/json"}},
        .body = std::move(body),
        .timeout = timeout};
    if (!simulate.empty())
      r.headers.emplace_back("X-Chapa-Simulate", std::move(simulate));
    return run_to_end(loop, [&](executor) { return client.call(std::move(r)); });
  }
  net::http_answer start_payment(const std::string& tx_ref, const std::string& simulate) {
    return raw("POST", "/transaction/initialize",
               json::serialize(json::object{{"amount", "100"}, {"currency", "ETB"}, {"tx_ref", tx_ref}}),
               simulate);
  }
  bool is_known(const std::string& tx_ref) { return verify(tx_ref).status == 200; }
  json::object verified(const std::string& tx_ref, const std::string& simulate) {
    const auto got = raw("GET", "/transaction/verify/" + tx_ref, "", simulate);
    EXPECT_EQ(got.status, 200) << got.body;
    return json::parse(got.body).at("data").as_object();
  }
};

TEST_F(hostile_test, initialize_goes_wrong_before_or_after_it_was_done) {
  start();
  const struct {
    const char* fault;
    int status;
    const char* part;
    bool is_done;
  } cases[] = {
      {"status_500", 500, "Server Error", false},
      {"status_500;acts=true", 500, "Server Error", true},
      {"status_429", 429, "Too Many Attempts", false},
      {"html", 502, "<html>", false},
      {"html;acts=true", 502, "<html>", true},
      {"object_message", 400, R"("message":{"tx_ref":[)", false},
      {"refuse", 400, "not active", false},
      {"half_json", 200, R"({"message":"Hosted)", true},
  };
  for (const auto& each : cases) {
    const std::string tx_ref = crypto::sha256_hex(each.fault).substr(0, 20);
    const auto got = start_payment(tx_ref, std::string("initialize:") + each.fault);
    EXPECT_EQ(got.status, each.status) << each.fault;
    EXPECT_NE(got.body.find(each.part), std::string::npos) << each.fault << ": " << got.body;
    EXPECT_EQ(is_known(tx_ref), each.is_done) << each.fault;
  }
  boost::system::error_code fault;
  json::parse(start_payment("half", "initialize:half_json").body, fault);
  EXPECT_TRUE(fault) << "half a JSON is none";
}

TEST_F(hostile_test, no_answer_leaves_the_outcome_unknown) {
  start();
  EXPECT_EQ(start_payment("dropped", "initialize:drop").result, outcome::unknown);
  EXPECT_FALSE(is_known("dropped"));
  EXPECT_EQ(start_payment("done", "initialize:drop;acts=true").result, outcome::unknown);
  EXPECT_TRUE(is_known("done"));
  const auto slow = raw("GET", "/transaction/verify/done", "", "verify:timeout", 100ms);
  EXPECT_EQ(slow.result, outcome::unknown);
  EXPECT_EQ(raw("GET", "/transaction/verify/done", "", "verify:timeout;ms=5").result, outcome::unknown)
      << "the connection ends without an answer";
  EXPECT_EQ(raw("GET", "/transaction/verify/done", "", "verify:delay;ms=5").status, 200);
}

TEST_F(hostile_test, verify_lies) {
  start();
  pay(open("a"), "0900123456");
  open("unpaid");
  EXPECT_EQ(verified("a", "verify:pending").at("status"), "pending");
  EXPECT_TRUE(verified("a", "verify:pending").at("method").is_null());
  EXPECT_FALSE(verified("a", "verify:pending").contains("reference"));
  EXPECT_EQ(verified("a", "verify:failed").at("status"), "failed");
  EXPECT_EQ(verified("unpaid", "verify:success").at("status"), "success");
  EXPECT_EQ(verified("a", "verify:unknown_status").at("status"), "splendid");
  EXPECT_EQ(verified("a", "verify:other_amount;value=99.99").at("amount").to_number<double>(), 99.99);
  EXPECT_EQ(verified("a", "verify:other_currency").at("currency"), "USD");
  EXPECT_EQ(verified("a", "verify:other_tx_ref").at("tx_ref"), "somebody-elses");
  EXPECT_EQ(verified("a", "verify:other_mode").at("mode"), "live");
  EXPECT_EQ(verified("a", "").at("status"), "success") << "and tells the truth when it is not made to lie";
  EXPECT_EQ(raw("GET", "/transaction/verify/a", "", "verify:unknown").status, 400);
  EXPECT_EQ(raw("GET", "/transaction/verify/unpaid", "", "verify:other_source").status, 404);
  EXPECT_EQ(raw("GET", "/transaction/verify/unpaid", "").status, 200);
}

TEST_F(hostile_test, a_header_that_makes_no_sense_is_refused) {
  start();
  const auto got = raw("GET", "/banks", "", "webhook:explode");
  EXPECT_EQ(got.status, 400);
  EXPECT_NE(got.body.find("X-Chapa-Simulate"), std::string::npos);
}

TEST_F(hostile_test, refunds_are_refused_come_back_or_never_move) {
  shop s;
  start({.webhook_url = s.url("/hook"), .refund_step = 1ms});
  pay(open("a"), "0900123456");
  s.wait_for("POST /hook ");
  EXPECT_EQ(raw("POST", "/refund/a", "", "refund:refuse").status, 400);
  EXPECT_EQ(raw("POST", "/refund/a", "", "refund:unknown").status, 404);
  const auto asked = [&](const std::string& fault, const std::string& amount) {
    const auto got =
        raw("POST", "/refund/a", json::serialize(json::object{{"amount", amount}, {"reference", fault}}),
            "refund:" + fault);
    EXPECT_EQ(got.status, 200) << got.body;
    time.turn(10ms);
  };
  const auto status = [&](const std::string& reference) {
    return api("GET", "/refund/" + reference + "/verify").data().at("status");
  };
  asked("reversed", "100");
  while (status("reversed") != "reversed") // the step is waited for on the real clock
    ;
  asked("stuck", "40"); // what came back can be refunded again
  asked("delay;ms=1", "60");
  EXPECT_EQ(s.wait_for("POST /hook ").body.find("charge.refunded"), 10U);
  EXPECT_EQ(status("stuck"), "initiated");
}

TEST_F(hostile_test, messages_are_dropped_repeated_and_forged) {
  shop s;
  start({.webhook_url = s.url("/hook")});
  const auto pay_with = [&](const std::string& tx_ref, const std::string& simulate) {
    call({.method = "POST",
          .url = open(tx_ref, {{"callback_url", s.url("/back")}}),
          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Chapa-Simulate", simulate}},
          .body = "mobile=0911000000&action=pay"}); // declined
  };
  pay_with("silent", "webhook:drop, callback:drop");
  pay_with("often", "webhook:repeat;times=3, callback:repeat;times=2");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("tx_ref"), "often")
        << "nothing was sent of the first";
  for (int i = 0; i < 2; ++i)
    EXPECT_NE(s.wait_for("GET /back").head.find("trx_ref=often"), std::string::npos);

  pay_with("forged", "webhook:forge, callback:forge");
  int forged = 0, honest = 0;
  for (int i = 0; i < 2; ++i) {
    const auto told = s.wait_for("POST /hook ");
    const bool is_ours = told.header("x-chapa-signature") == crypto::hmac_sha256_hex("hook", told.body);
    EXPECT_EQ(json::parse(told.body).at("status"), is_ours ? "failed" : "success");
    ++(is_ours ? honest : forged);
  }
  EXPECT_EQ(forged, 1);
  EXPECT_EQ(honest, 1);
  EXPECT_NE(s.wait_for("GET /back").head.find("trx_ref=forged"), std::string::npos);
  EXPECT_NE(s.wait_for("GET /back").head.find("trx_ref=forged"), std::string::npos);

  pay_with("lying", "webhook:other_amount, webhook:success");
  const auto lie = json::parse(s.wait_for("POST /hook ").body).as_object();
  EXPECT_EQ(lie.at("amount"), "1.00");
  EXPECT_EQ(lie.at("status"), "success");
}

TEST_F(hostile_test, a_message_is_overtaken_by_the_next) {
  shop s;
  start({.webhook_url = s.url("/hook"), .faults = {"webhook:reorder;count=1;ms=3600000"}});
  const std::string page = open("a");
  pay(page, "0911000000");
  pay(page, "0900123456");
  EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("status"), "success");
  EXPECT_EQ(json::parse(s.wait_for("POST /hook ").body).at("event"), "charge.failed/cancelled");
}

TEST_F(hostile_test, the_payers_way_back_is_lost) {
  start({.faults = {"redirect:drop;count=1", "redirect:status_500;count=1;after=1"}});
  const auto submit = [&](const std::string& page) {
    return run_to_end(loop, [&](executor) {
      return client.call({.method = "POST",
                          .url = page,
                          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                          .body = "mobile=0900123456&action=pay"});
    });
  };
  EXPECT_EQ(submit(open("a", {{"return_url", "https://shop.example/back"}})).result, outcome::unknown);
  EXPECT_EQ(verify("a").data().at("status"), "success") << "the money is taken all the same";
  EXPECT_EQ(submit(open("b")).status, 500);
  EXPECT_EQ(verify("b").data().at("status"), "success");
}

TEST_F(hostile_test, a_fault_at_the_start_that_is_none_is_said) {
  EXPECT_THROW(start({.faults = {"webhook:explode"}}), std::runtime_error);
}

} // namespace
} // namespace nexus::chapa
