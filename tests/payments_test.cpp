// Paying, with the simulated Chapa that the server brings along.
#include "harness/shopping.hpp"

#include <boost/json/serialize.hpp>
#include <set>

namespace nexus::blackbox {
namespace {

class payments : public shop_suite<payments> {
protected:
  void SetUp() override { variant_ = make_variant(staff_, 1'000, "125.50"); }

  client staff_ = here().staff();
  client guest_ = here().guest();
  std::int64_t variant_ = 0;
};

constexpr std::string_view webhook_secret = "development-webhook-secret"; // the default of a shop to try

std::string webhook_body(const std::string& tx_ref) {
  return json::serialize(json::object{{"event", "charge.success"},
                                      {"status", "success"},
                                      {"currency", "ETB"},
                                      {"amount", "125.50"},
                                      {"charge", "3.00"},
                                      {"mode", "test"},
                                      {"reference", "REF"},
                                      {"tx_ref", tx_ref},
                                      {"type", "API"}});
}

reply post_webhook(client& c, const std::string& body, const headers& signatures) {
  headers with{{"Content-Type", "application/json"}};
  with.insert(with.end(), signatures.begin(), signatures.end());
  return c.call("POST", "payment/webhook/chapa/", with, body);
}

TEST_F(payments, everybody_at_once_settles_an_order_once) {
  const placed_order o = order_of(guest_, variant_);
  const payment p = initiate(guest_, o);
  const std::string body = webhook_body(p.tx_ref);
  std::vector<std::function<void()>> all;
  // Beside these the simulator itself calls back and sends its webhook.
  all.emplace_back([&] { EXPECT_TRUE(has_status(pay_on_page(p), 303)); });
  const auto until_settled = [](auto ask) {
    return [ask] {
      client c = here().guest();
      EXPECT_TRUE(eventually([&] {
        const reply r = ask(c);
        EXPECT_TRUE(has_status(r, 200));
        return r.status != 200 || r.body.find("\"pending\"") == std::string::npos;
      }));
    };
  };
  for (int i = 0; i < 20; ++i)
    all.emplace_back(until_settled([&](client& c) { return verify(c, p.tx_ref); }));
  all.emplace_back(until_settled([&](client& c) {
    return c.get("payment/callback/chapa/?trx_ref=" + p.tx_ref + "&ref_id=REF&status=success");
  }));
  all.emplace_back([&] {
    client c = here().guest();
    EXPECT_TRUE(
        has_status(post_webhook(c, body, {{"x-chapa-signature", hmac_sha256(webhook_secret, body)}}), 200));
  });
  at_once(all);

  const reply verified = verify(guest_, p.tx_ref);
  EXPECT_EQ(text_at(verified, "/status"), "success");
  EXPECT_EQ(text_at(verified, "/order/status"), "completed");
  const json::value order = order_as_guest(guest_, o);
  EXPECT_EQ(text_at(order, "/status"), "completed");
  EXPECT_EQ(text_at(order, "/payment/paid"), "125.50");
  ASSERT_TRUE(eventually([&] { return !here().receipts(o.number).empty(); }));
  // The audit proves one receipt's task for the order; and what has been written by now is one mail.
  here().expect_audit_clean();
  EXPECT_EQ(here().receipts(o.number).size(), 1u);
}

TEST_F(payments, a_webhook_that_is_not_signed_changes_nothing) {
  const placed_order o = order_of(guest_, variant_);
  const payment p = initiate(guest_, o);
  const std::string body = webhook_body(p.tx_ref);
  const std::string right = hmac_sha256(webhook_secret, body);
  const std::string constant = hmac_sha256(webhook_secret, webhook_secret);
  const std::string other_body = hmac_sha256(webhook_secret, body + " ");
  std::string upper = right;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return static_cast<char>(std::toupper(c)); });
  const struct {
    const char* what;
    headers signatures;
  } cases[] = {
      {"missing", {}},
      {"empty", {{"x-chapa-signature", ""}}},
      {"wrong", {{"x-chapa-signature", std::string(64, '0')}}},
      {"truncated", {{"x-chapa-signature", right.substr(0, 63)}}},
      {"longer", {{"x-chapa-signature", right + "0"}}},
      {"of another body", {{"x-chapa-signature", other_body}}},
      {"the constant alone", {{"chapa-signature", constant}}},
      {"the constant in its place", {{"x-chapa-signature", constant}}},
      {"the right one in the other's place", {{"chapa-signature", right}}},
      {"under another secret", {{"x-chapa-signature", hmac_sha256("guessed", body)}}},
  };
  const auto calls_refused = [&] {
    return here().log().find("without a valid signature was refused") != std::string::npos;
  };
  for (const auto& each : cases) {
    const reply r = post_webhook(guest_, body, each.signatures);
    EXPECT_TRUE(is_problem(r, 401, "invalid_signature")) << each.what;
    EXPECT_EQ(status_of(guest_, o), "pending") << each.what;
  }
  EXPECT_TRUE(eventually(calls_refused)) << "a refused webhook is logged";
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/status"), "pending");
  EXPECT_TRUE(here().receipts(o.number).empty());
}

TEST_F(payments, a_signed_webhook_is_only_a_hint) {
  const placed_order o = order_of(guest_, variant_);
  const payment p = initiate(guest_, o);
  const std::string body = webhook_body(p.tx_ref); // says success, but nobody has paid
  EXPECT_TRUE(has_status(
      post_webhook(guest_, body, {{"x-chapa-signature", hmac_sha256(webhook_secret, body)}}), 200));
  EXPECT_EQ(status_of(guest_, o), "pending");

  const std::string unknown = webhook_body("never-heard-of");
  EXPECT_TRUE(has_status(
      post_webhook(guest_, unknown, {{"x-chapa-signature", hmac_sha256(webhook_secret, unknown)}}), 202));
  const std::string payout = R"({"event":"payout.success","reference":"X","amount":"5.00"})";
  EXPECT_TRUE(has_status(
      post_webhook(guest_, payout, {{"x-chapa-signature", hmac_sha256(webhook_secret, payout)}}), 200));
  const std::string nonsense = "not JSON at all";
  EXPECT_TRUE(is_problem(
      post_webhook(guest_, nonsense, {{"x-chapa-signature", hmac_sha256(webhook_secret, nonsense)}}), 400,
      "malformed_request"));
}

TEST_F(payments, verify_of_an_unpaid_one_stays_pending) {
  const placed_order o = order_of(guest_, variant_);
  const payment p = initiate(guest_, o);
  for (int i = 0; i < 3; ++i) {
    const reply r = verify(guest_, p.tx_ref);
    EXPECT_EQ(text_at(r, "/tx_ref"), p.tx_ref);
    EXPECT_EQ(text_at(r, "/status"), "pending");
    EXPECT_EQ(text_at(r, "/order/id"), o.id);
    EXPECT_EQ(text_at(r, "/order/number"), o.number);
    EXPECT_EQ(text_at(r, "/order/status"), "pending");
  }
  const reply page = guest_.get("payment/verify/" + p.tx_ref + "/", {{"Accept", "text/html"}});
  EXPECT_TRUE(has_status(page, 200));
  EXPECT_TRUE(page.header("Content-Type").value_or("").starts_with("text/html"));
  const reply callback =
      guest_.get("payment/callback/chapa/?trx_ref=" + p.tx_ref + "&status=success"); // unsigned: not believed
  EXPECT_EQ(text_at(callback, "/status"), "pending");
  EXPECT_EQ(status_of(guest_, o), "pending");
}

TEST_F(payments, what_is_not_known_is_not_found) {
  EXPECT_TRUE(is_problem(verify(guest_, "nobody-knows-this"), 404, "not_found"));
  EXPECT_TRUE(is_problem(guest_.get("payment/callback/chapa/?trx_ref=nobody"), 404, "not_found"));
  EXPECT_TRUE(is_problem(guest_.get("payment/callback/chapa/"), 404, "not_found"));
  EXPECT_TRUE(
      is_problem(guest_.post("payment/initiate/00000000-0000-4000-8000-000000000000/"), 404, "not_found"));
  EXPECT_TRUE(is_problem(guest_.post("payment/initiate/not-a-uuid/"), 404, "not_found"));
}

TEST_F(payments, only_its_user_pays_a_users_order) {
  client abebe = here().user("payer@example.com");
  client other = here().user("another@example.com");
  const placed_order o = order_of(abebe, variant_, 1, "payer@example.com");
  EXPECT_TRUE(is_problem(other.post("payment/initiate/" + o.id + "/"), 404, "not_found"));
  EXPECT_TRUE(is_problem(guest_.post("payment/initiate/" + o.id + "/"), 404, "not_found"));
  EXPECT_TRUE(has_status(abebe.post("payment/initiate/" + o.id + "/"), 200));
}

TEST_F(payments, to_initiate_twice_gives_the_same) {
  const placed_order o = order_of(guest_, variant_, 2);
  const reply first = guest_.post("payment/initiate/" + o.id + "/");
  ASSERT_TRUE(has_status(first, 200));
  EXPECT_EQ(text_at(first, "/amount"), "251.00");
  EXPECT_EQ(text_at(first, "/currency"), "ETB");
  EXPECT_FALSE(text_at(first, "/expires_at").empty());
  EXPECT_EQ(guest_.post("payment/initiate/" + o.id + "/").body, first.body);

  // At once, too: on a fresh order twenty of them agree on one link.
  const placed_order fresh = order_of(guest_, variant_);
  std::vector<std::string> links(20);
  std::vector<std::function<void()>> all;
  for (std::string& link : links)
    all.emplace_back([&] {
      client c = here().guest();
      link = initiate(c, fresh).url;
    });
  at_once(all);
  EXPECT_EQ(std::set<std::string>(links.begin(), links.end()).size(), 1u);
}

TEST_F(payments, a_declined_payer_may_try_again_on_the_same_reference) {
  const placed_order o = order_of(guest_, variant_);
  const payment p = initiate(guest_, o);
  EXPECT_TRUE(has_status(pay_on_page(p, "0911999999"), 422));
  EXPECT_TRUE(eventually([&] { return text_at(verify(guest_, p.tx_ref), "/status") == "failed"; }));
  EXPECT_EQ(status_of(guest_, o), "pending");
  const reply back = follow(pay_on_page(p));
  EXPECT_TRUE(has_status(back, 200));
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/status"), "success");
  EXPECT_EQ(status_of(guest_, o), "completed");
  EXPECT_TRUE(eventually([&] { return here().receipts(o.number).size() == 1; }));
}

TEST_F(payments, a_cancelled_one_can_be_paid_by_another) {
  const placed_order o = order_of(guest_, variant_);
  const payment p = initiate(guest_, o);
  const reply page = follow(pay_on_page(p, "0900123456", "cancel"));
  EXPECT_TRUE(has_status(page, 200));
  EXPECT_NE(page.body.find("cancelled"), std::string::npos);
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/status"), "cancelled");
  EXPECT_EQ(status_of(guest_, o), "pending");

  const payment second = initiate(guest_, o);
  EXPECT_NE(second.tx_ref, p.tx_ref);
  follow(pay_on_page(second));
  EXPECT_EQ(status_of(guest_, o), "completed");
  EXPECT_TRUE(is_problem(guest_.post("payment/initiate/" + o.id + "/"), 409, "order_already_paid"));
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/status"), "cancelled");
}

TEST_F(payments, a_cancelled_order_is_not_paid) {
  const placed_order o = order_of(guest_, variant_);
  ASSERT_TRUE(has_status(guest_.post("orders/" + o.id + "/cancel/?email=" + o.email), 200));
  EXPECT_TRUE(is_problem(guest_.post("payment/initiate/" + o.id + "/"), 409, "order_cancelled"));
}

} // namespace
} // namespace nexus::blackbox
