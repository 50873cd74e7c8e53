// The server is killed (SIGKILL) at each marked point between Chapa and our commits. Started again, every
// payment ends right: nobody is charged twice, and nothing is lost.
#include "harness/shopping.hpp"
#include "harness/simulated_chapa.hpp"

#include <csignal>

namespace nexus::blackbox {
namespace {

using namespace std::chrono_literals;

// What the server is at when it dies.
enum class dying_at { start, settlement, refund };

struct victim {
  const char* point;
  dying_at at;
  placed_order order = {};
  payment pay = {};
};

class crash : public ::testing::Test {
protected:
  // Messages are lost: it is the payer who comes back, in the end, or the shop by itself.
  void SetUp() override {
    chapa_.tell("settings", json::object{{"refund_step_ms", 200}});
    chapa_.go_wrong({json::object{{"at", "webhook"}, {"fault", "drop"}},
                     json::object{{"at", "callback"}, {"fault", "drop"}}});
    shop_.start();
    chapa_.serve(shop_);
    client staff = shop_.staff();
    variant_ = make_variant(staff, 100, "100.00");
  }

  // The worker rests where a request is to die: a task that it had just claimed would wait for its lease.
  void restart(const std::string& crash_at, bool worker = true) {
    shop_.set("NEXUS_CRASH_AT", crash_at);
    shop_.set("NEXUS_WORKER", worker ? "on" : "off");
    shop_.start();
    chapa_.serve(shop_);
  }

  void strike(victim& v) {
    client before = shop_.guest();
    v.order = order_of(before, variant_, 1, unique("victim") + "@example.com");
    if (v.at != dying_at::start) {
      v.pay = initiate(before, v.order);
      ASSERT_TRUE(has_status(pay_on_page(v.pay), 303));
    }
    if (v.at == dying_at::refund)
      ASSERT_EQ(text_at(verify(before, v.pay.tx_ref), "/order/status"), "completed");
    shop_.tell_to_stop();
    ASSERT_EQ(shop_.wait_for_end(), 0);
    restart(v.point, v.at == dying_at::refund);
    client c = v.at == dying_at::refund ? shop_.staff() : shop_.guest();
    try {
      if (v.at == dying_at::start)
        c.post("payment/initiate/" + v.order.id + "/");
      else if (v.at == dying_at::settlement)
        verify(c, v.pay.tx_ref);
      else
        c.post("payment/" + v.pay.tx_ref + "/refunds/", json::object{{"reason", v.point}});
    } catch (const connection_lost&) { // the worker may be as quick as the answer
    }
    ASSERT_EQ(shop_.wait_for_end(), -SIGKILL) << v.point << "\n" << shop_.log();
  }

  // Once the money was taken, or is on its way back, the shop goes on by itself. Before, the payer tries
  // again, as a person does: presses the button, pays, comes back.
  bool ends_right(client& c, victim& v) {
    const std::string status = status_of(c, v.order);
    if (v.at == dying_at::refund)
      return status == "refunded";
    if (status == "completed" || v.at == dying_at::settlement)
      return status == "completed";
    const reply r = c.post("payment/initiate/" + v.order.id + "/");
    if (r.status != 200)
      return false;
    v.pay = {text_at(r, "/payment_url"), text_at(r, "/tx_ref")};
    pay_on_page(v.pay);
    return text_at(verify(c, v.pay.tx_ref), "/order/status") == "completed";
  }

  void check_the_books(const victim& v) {
    int taken = 0;
    for (const json::value& each : chapa_.transactions_of(v.order.email))
      taken += text_at(each, "/status") == "success" ? 1 : 0;
    if (v.at == dying_at::refund) {
      const json::value seen = chapa_.transaction(v.pay.tx_ref);
      EXPECT_EQ(seen.at("refunds").as_array().size(), 1U) << v.point << ": given back once";
      EXPECT_EQ(text_at(seen, "/refunds/0/amount"), "100.00") << v.point;
      return;
    }
    EXPECT_EQ(taken, 1) << v.point << ": charged once";
    EXPECT_TRUE(eventually([&] { return !shop_.receipts(v.order.number).empty(); })) << v.point;
    EXPECT_EQ(shop_.receipts(v.order.number).size(), 1U) << v.point;
  }

  simulated_chapa chapa_;
  shop shop_{chapa_.variables()};
  std::int64_t variant_ = 0;
};

TEST_F(crash, between_chapa_and_our_commits_loses_and_doubles_nothing) {
  std::vector<victim> all{{"payments.initiate.before_call", dying_at::start},
                          {"payments.initiate.after_call", dying_at::start},
                          {"payments.verify.after_call", dying_at::settlement},
                          {"payments.settle.before_commit", dying_at::settlement},
                          {"payments.settle.after_commit", dying_at::settlement},
                          {"payments.refund.before_call", dying_at::refund},
                          {"payments.refund.after_call", dying_at::refund},
                          {"payments.refund.before_commit", dying_at::refund},
                          {"payments.refund.after_commit", dying_at::refund}};
  for (victim& each : all) {
    strike(each);
    ASSERT_FALSE(HasFatalFailure());
    restart("");
  }
  std::vector<std::function<void()>> work;
  for (victim& each : all)
    work.emplace_back([this, &each] {
      client c = shop_.guest();
      EXPECT_TRUE(eventually([&] { return ends_right(c, each); }, 100s)) << each.point;
    });
  at_once(work);
  for (const victim& each : all)
    check_the_books(each);
  client staff = shop_.staff();
  EXPECT_EQ(stock_of(staff, variant_), (stock{100, 5, 95}));
  shop_.expect_audit_clean();
}

} // namespace
} // namespace nexus::blackbox
