// A Chapa that lies, refuses, or says nothing at all.
#include "harness/fake_chapa.hpp"
#include "harness/shopping.hpp"

#include <atomic>
#include <thread>

namespace nexus::blackbox {
namespace {

class lying_chapa : public shop_suite<lying_chapa> {
public:
  static environment variables() {
    return {{"CHAPA_BASE_URL", chapa().base_url()},
            {"CHAPA_SECRET_KEY", "CHASECK_TEST-blackbox"},
            {"CHAPA_WEBHOOK_SECRET", "hook"},
            {"NEXUS_STOREFRONT_URL", "https://shop.example.com/thanks"}};
  }

protected:
  static fake_chapa& chapa() {
    static fake_chapa it;
    return it;
  }
  void SetUp() override { variant_ = make_variant(staff_, 1'000, "100.00"); }
  void TearDown() override {
    chapa().release();
    chapa().refuse_initialize(0, "");
  }

  client staff_ = here().staff();
  client guest_ = here().guest();
  std::int64_t variant_ = 0;
};

TEST_F(lying_chapa, is_asked_for_what_the_order_costs) {
  const placed_order o = order_of(guest_, variant_, 3);
  const payment p = initiate(guest_, o);
  const json::object asked = chapa().last_initialize();
  EXPECT_EQ(asked.at("amount").as_string(), "300.00");
  EXPECT_EQ(asked.at("currency").as_string(), "ETB");
  EXPECT_EQ(asked.at("tx_ref").as_string().c_str(), p.tx_ref);
  EXPECT_LE(p.tx_ref.size(), 50u);
  EXPECT_EQ(p.tx_ref.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"),
            std::string::npos);
  EXPECT_LE(asked.at("customization").at("title").as_string().size(), 16u);
}

TEST_F(lying_chapa, completes_no_order_with_another_amount_or_currency) {
  const struct {
    const char* what;
    json::object said;
    const char* status;
  } cases[] = {
      {"less", {{"status", "success"}, {"amount", 99.99}}, "refund_required"},
      {"less by a hundredth as text", {{"status", "success"}, {"amount", "99.99"}}, "refund_required"},
      {"more", {{"status", "success"}, {"amount", 100.01}}, "refund_required"},
      {"almost", {{"status", "success"}, {"amount", "100.004"}}, "refund_required"},
      {"minor units", {{"status", "success"}, {"amount", 10000}}, "refund_required"},
      {"dollars", {{"status", "success"}, {"currency", "USD"}}, "refund_required"},
      {"a currency in small letters", {{"status", "success"}, {"currency", "xyz"}}, "refund_required"},
      {"another reference", {{"status", "success"}, {"tx_ref", "somebody-elses"}}, "pending"},
      {"live money in a test shop", {{"status", "success"}, {"mode", "live"}}, "refund_required"},
      {"no amount", {{"status", "success"}, {"amount", nullptr}}, "pending"},
      {"no currency", {{"status", "success"}, {"currency", nullptr}}, "pending"},
      {"an amount that is none", {{"status", "success"}, {"amount", "a hundred"}}, "pending"},
      {"a state nobody knows", {{"status", "splendid"}}, "pending"},
      {"pending, with the money named", {{"status", "pending"}, {"amount", 100}}, "pending"},
  };
  for (const auto& each : cases) {
    const placed_order o = order_of(guest_, variant_);
    const payment p = initiate(guest_, o);
    chapa().say(p.tx_ref, each.said);
    const reply r = verify(guest_, p.tx_ref);
    ASSERT_TRUE(has_status(r, 200)) << each.what;
    EXPECT_EQ(text_at(r, "/status"), each.status) << each.what;
    EXPECT_EQ(text_at(r, "/order/status"), "pending") << each.what;
    EXPECT_TRUE(here().receipts(o.number).empty()) << each.what;
  }
  here().expect_audit_clean();
}

TEST_F(lying_chapa, is_believed_where_the_sum_is_written_otherwise) {
  for (const json::value& amount :
       {json::value(100), json::value(100.0), json::value("100"), json::value("100.000")}) {
    const placed_order o = order_of(guest_, variant_);
    const payment p = initiate(guest_, o);
    chapa().say(p.tx_ref, {{"status", "success"}, {"amount", amount}, {"reference", "R-" + o.number}});
    EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/order/status"), "completed");
  }
}

TEST_F(lying_chapa, may_say_failed_and_then_success) {
  const placed_order o = order_of(guest_, variant_);
  const payment p = initiate(guest_, o);
  chapa().say(p.tx_ref, {{"status", "failed/cancelled"}});
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/status"), "failed");
  chapa().say(p.tx_ref, {{"status", "success"}});
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/status"), "success");
  chapa().say(p.tx_ref, {{"status", "failed"}}); // too late to take it back
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/status"), "success");
  EXPECT_EQ(status_of(guest_, o), "completed");
}

TEST_F(lying_chapa, sends_a_browser_on_to_the_shop_front) {
  const placed_order o = order_of(guest_, variant_);
  const payment p = initiate(guest_, o);
  chapa().say(p.tx_ref, {{"status", "success"}});
  const reply r =
      guest_.get("payment/verify/" + p.tx_ref + "/?whatever=chapa-appends", {{"Accept", "text/html"}});
  ASSERT_TRUE(has_status(r, 303));
  EXPECT_EQ(r.header("Location"), "https://shop.example.com/thanks?order=" + o.id + "&status=success");
}

TEST_F(lying_chapa, that_refuses_is_a_502_and_nothing_is_lost) {
  const placed_order o = order_of(guest_, variant_);
  const struct {
    int status;
    const char* body;
  } refusals[] = {
      {400, R"({"message":{"amount":["validation.numeric"]},"status":"failed","data":null})"},
      {401, R"({"message":"Invalid API Key or User doesn't exist","status":"failed","data":null})"},
      {500, "<html>oops</html>"},
      {200, "not JSON"},
      {200,
       R"x({"message":"Hosted Link","status":"success","data":{"checkout_url":"javascript:alert(1)"}})x"}};
  for (const auto& each : refusals) {
    chapa().refuse_initialize(each.status, each.body);
    const reply r = guest_.post("payment/initiate/" + o.id + "/");
    EXPECT_TRUE(is_problem(r, 502, "payment_provider_error")) << each.body;
    EXPECT_EQ(r.body.find("API Key"), std::string::npos);
    EXPECT_EQ(status_of(guest_, o), "pending");
  }
  chapa().refuse_initialize(0, "");
  const payment p = initiate(guest_, o);
  chapa().say(p.tx_ref, {{"status", "success"}});
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/order/status"), "completed");
}

// The call to Chapa has a deadline of its own; all else goes on meanwhile.
TEST_F(lying_chapa, that_hangs_holds_up_nobody_else) {
  const placed_order o = order_of(guest_, variant_);
  chapa().hang("initialize");
  const int before = chapa().calls("initialize");
  std::atomic<bool> answered = false;
  reply slow;
  std::thread payer([&] {
    client c = here().guest();
    slow = c.post("payment/initiate/" + o.id + "/");
    answered = true;
  });
  ASSERT_TRUE(eventually([&] { return chapa().calls("initialize") > before; }));
  const auto began = std::chrono::steady_clock::now();
  for (int connection = 0; connection < 8;
       ++connection) { // so many that every loop of the server has its share
    client other = here().guest();
    for (int i = 0; i < 20; ++i)
      EXPECT_TRUE(has_status(other.get("catalogue/products/?page_size=1"), 200));
    order_of(other, variant_);
  }
  EXPECT_FALSE(answered) << "all of these were answered while Chapa hung";
  payer.join();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{50});
  EXPECT_TRUE(is_problem(slow, 502, "payment_provider_error"));
  chapa().release();
  EXPECT_EQ(status_of(guest_, o), "pending");
  EXPECT_FALSE(initiate(guest_, o).url.empty());
}

TEST_F(lying_chapa, that_does_not_answer_verify_leaves_the_payment_open) {
  const placed_order o = order_of(guest_, variant_);
  const payment p = initiate(guest_, o);
  chapa().say(p.tx_ref, {{"status", "success"}});
  chapa().hang("verify");
  EXPECT_TRUE(is_problem(verify(guest_, p.tx_ref), 502, "payment_provider_error"));
  EXPECT_EQ(status_of(guest_, o), "pending");
  chapa().release();
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/status"), "success");
}

} // namespace
} // namespace nexus::blackbox
