// The server is killed (SIGKILL) at each marked point between Chapa and our commits. Started again, every
// payment ends right: nobody is charged twice, and nothing is lost.
#include "harness/shopping.hpp"
#include "harness/simulated_chapa.hpp"

#include <csignal>

namespace nexus::blackbox {
namespace {

using namespace std::chrono_literals;

struct victim {
  const char* point;
  bool has_paid; // before the server dies; otherwise it dies while the payment is started
  placed_order order = {};
  payment pay = {};
};

class crash : public ::testing::Test {
protected:
  // Messages are lost: it is the payer who comes back, in the end, or the shop by itself.
  void SetUp() override {
    chapa_.go_wrong({json::object{{"at", "webhook"}, {"fault", "drop"}},
                     json::object{{"at", "callback"}, {"fault", "drop"}}});
    shop_.start();
    chapa_.serve(shop_);
    client staff = shop_.staff();
    variant_ = make_variant(staff, 100, "100.00");
  }

  void restart(const std::string& crash_at) {
    shop_.set("NEXUS_CRASH_AT", crash_at);
    shop_.start();
    chapa_.serve(shop_);
  }

  void dies(const victim& v, const std::function<void(client&)>& work) {
    client c = shop_.guest();
    EXPECT_THROW(work(c), connection_lost) << v.point;
    ASSERT_EQ(shop_.wait_for_end(), -SIGKILL) << v.point << "\n" << shop_.log();
  }

  void strike(victim& v) {
    client before = shop_.guest();
    v.order = order_of(before, variant_, 1, unique("victim") + "@example.com");
    if (v.has_paid) {
      v.pay = initiate(before, v.order);
      ASSERT_TRUE(has_status(pay_on_page(v.pay), 303));
    }
    shop_.tell_to_stop();
    ASSERT_EQ(shop_.wait_for_end(), 0);
    restart(v.point);
    dies(v, [&](client& c) {
      if (v.has_paid)
        verify(c, v.pay.tx_ref);
      else
        c.post("payment/initiate/" + v.order.id + "/");
    });
  }

  // The payer tries until the order is paid, as a person does: presses the button, pays, comes back.
  bool ends_right(client& c, victim& v) {
    if (status_of(c, v.order) == "completed")
      return true;
    if (v.has_paid)
      return text_at(verify(c, v.pay.tx_ref), "/order/status") == "completed";
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
    EXPECT_EQ(taken, 1) << v.point << ": charged once";
    EXPECT_TRUE(eventually([&] { return !shop_.receipts(v.order.number).empty(); })) << v.point;
    EXPECT_EQ(shop_.receipts(v.order.number).size(), 1U) << v.point;
  }

  simulated_chapa chapa_;
  shop shop_{chapa_.variables()};
  std::int64_t variant_ = 0;
};

TEST_F(crash, between_chapa_and_our_commits_loses_and_doubles_nothing) {
  std::vector<victim> all{{"payments.initiate.before_call", false},
                          {"payments.initiate.after_call", false},
                          {"payments.verify.after_call", true},
                          {"payments.settle.before_commit", true},
                          {"payments.settle.after_commit", true}};
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
