// Money that comes after the order's hold has ended.
#include "harness/fake_chapa.hpp"
#include "harness/shopping.hpp"

namespace nexus::blackbox {
namespace {

class late_payments : public shop_suite<late_payments> {
public:
  static environment variables() {
    return {{"CHAPA_BASE_URL", chapa().base_url()},
            {"CHAPA_SECRET_KEY", "CHASECK_TEST-blackbox"},
            {"CHAPA_WEBHOOK_SECRET", "hook"},
            {"ORDER_EXPIRES_AFTER", "4s"}};
  }

protected:
  static fake_chapa& chapa() {
    static fake_chapa it;
    return it;
  }
  bool expires(const placed_order& o) {
    return eventually([&] { return status_of(guest_, o) == "expired"; });
  }

  client staff_ = here().staff();
  client guest_ = here().guest();
};

TEST_F(late_payments, an_unpaid_order_expires_and_frees_its_stock) {
  const std::int64_t variant = make_variant(staff_, 5);
  const placed_order o = order_of(guest_, variant, 5);
  EXPECT_EQ(stock_of(staff_, variant), (stock{5, 5, 0}));
  ASSERT_TRUE(expires(o));
  EXPECT_EQ(stock_of(staff_, variant), (stock{5, 0, 5}));
  EXPECT_TRUE(is_problem(guest_.post("payment/initiate/" + o.id + "/"), 409, "order_expired"));
  EXPECT_TRUE(is_problem(guest_.post("orders/" + o.id + "/cancel/?email=" + o.email), 409, "order_expired"));
  EXPECT_TRUE(is_problem(staff_.post("orders/" + o.id + "/ship/"), 409, "order_expired"));
}

TEST_F(late_payments, the_customer_is_told_once_that_a_hold_has_ended) {
  const std::int64_t variant = make_variant(staff_, 9);
  const placed_order one = order_of(guest_, variant, 2),
                     other = order_of(guest_, variant, 3, "other@example.com");
  for (const placed_order& o : {one, other}) {
    ASSERT_TRUE(expires(o));
    const auto told = [&] {
      auto mails = here().mails_about(o.number);
      std::erase_if(mails, [](const mail& m) { return !m.file.starts_with("expired-"); });
      return mails;
    };
    ASSERT_TRUE(eventually([&] { return !told().empty(); }));
    EXPECT_EQ(told().size(), 1u);
    EXPECT_EQ(told()[0].subject, "The hold on order " + o.number + " has ended");
    EXPECT_NE(told()[0].to.find(o.email), std::string::npos);
  }
  EXPECT_EQ(stock_of(staff_, variant), (stock{9, 0, 9})) << "what both held of one variant is free";
}

TEST_F(late_payments, take_the_stock_again_where_it_is_there) {
  const std::int64_t variant = make_variant(staff_, 3);
  const placed_order o = order_of(guest_, variant, 2);
  const payment p = initiate(guest_, o);
  ASSERT_TRUE(expires(o));
  EXPECT_EQ(stock_of(staff_, variant).reserved, 0);
  chapa().say(p.tx_ref, {{"status", "success"}});
  const reply r = verify(guest_, p.tx_ref);
  EXPECT_EQ(text_at(r, "/status"), "success");
  EXPECT_EQ(text_at(r, "/order/status"), "completed");
  EXPECT_EQ(stock_of(staff_, variant), (stock{3, 2, 1}));
  EXPECT_TRUE(eventually([&] { return here().receipts(o.number).size() == 1; }));
}

TEST_F(late_payments, go_back_where_the_stock_is_gone) {
  const std::int64_t variant = make_variant(staff_, 3);
  const placed_order o = order_of(guest_, variant, 2);
  const payment p = initiate(guest_, o);
  ASSERT_TRUE(expires(o));
  ASSERT_TRUE(has_status(staff_.post("inventory/" + std::to_string(variant) + "/movements/",
                                     {{"quantity", -2}, {"reason", "broken"}}),
                         201));
  chapa().say(p.tx_ref, {{"status", "success"}});
  const reply r = verify(guest_, p.tx_ref);
  EXPECT_EQ(text_at(r, "/status"), "refund_required");
  EXPECT_EQ(text_at(r, "/order/status"), "expired");
  const json::value order = order_as_guest(guest_, o);
  EXPECT_EQ(text_at(order, "/payment/status"), "refund_required");
  EXPECT_EQ(text_at(order, "/payment/paid"), "200.00");
  EXPECT_EQ(stock_of(staff_, variant), (stock{1, 0, 1}));
  EXPECT_TRUE(here().receipts(o.number).empty());
}

TEST_F(late_payments, of_a_cancelled_order_go_back) {
  const std::int64_t variant = make_variant(staff_, 3);
  const placed_order o = order_of(guest_, variant, 2);
  const payment p = initiate(guest_, o);
  ASSERT_TRUE(has_status(guest_.post("orders/" + o.id + "/cancel/?email=" + o.email), 200));
  chapa().say(p.tx_ref, {{"status", "success"}});
  const reply r = verify(guest_, p.tx_ref);
  EXPECT_EQ(text_at(r, "/status"), "refund_required");
  EXPECT_EQ(text_at(r, "/order/status"), "cancelled");
  EXPECT_EQ(stock_of(staff_, variant), (stock{3, 0, 3}));
}

// The hold ends at the same time as its payment comes, again and again: either way the books stay true.
TEST_F(late_payments, racing_the_expiry_are_settled_once) {
  const std::int64_t variant = make_variant(staff_, 100);
  std::vector<std::pair<placed_order, payment>> all;
  for (int i = 0; i < 10; ++i) {
    const placed_order o = order_of(guest_, variant);
    all.emplace_back(o, initiate(guest_, o));
    chapa().say(all.back().second.tx_ref, {{"status", "success"}});
  }
  std::vector<std::function<void()>> work;
  for (const auto& each : all)
    work.emplace_back([&each] {
      const auto& [o, p] = each;
      client c = here().guest();
      // Begins to ask when the hold is about to end: at the very moment in which another order of its age is
      // seen expired, or before.
      const auto due = [&] {
        const json::value seen = order_as_guest(c, each.first);
        return text_at(seen, "/status") == "expired" ||
               text_at(seen, "/expires_at") <= text_at(c.post("cart/"), "/created_at");
      };
      EXPECT_TRUE(eventually(due));
      EXPECT_EQ(text_at(verify(c, p.tx_ref), "/status"), "success");
      EXPECT_EQ(status_of(c, o), "completed");
    });
  at_once(work);
  EXPECT_EQ(stock_of(staff_, variant), (stock{100, 10, 90}));
  here().expect_audit_clean();
}

} // namespace
} // namespace nexus::blackbox
