// Money that goes back, with the simulated Chapa that the server brings along: asynchronous, as Chapa's
// refunds are.
#include "harness/shopping.hpp"

namespace nexus::blackbox {
namespace {

class refunds : public shop_suite<refunds> {
public:
  static environment variables() { return {{"REFUND_AUTOMATICALLY", "on"}}; }

protected:
  struct paid_order {
    placed_order order;
    std::string tx_ref;
  };
  paid_order pay(std::int64_t variant, int quantity) {
    const placed_order o = order_of(guest_, variant, quantity);
    const payment p = initiate(guest_, o);
    follow(pay_on_page(p));
    EXPECT_EQ(status_of(guest_, o), "completed");
    return {o, p.tx_ref};
  }
  reply refund(const std::string& tx_ref, const json::value& body, const headers& with = {}) {
    return staff_.post("payment/" + tx_ref + "/refunds/", body, with);
  }
  bool ends(const std::string& tx_ref, const std::string& status) {
    return eventually(
        [&] {
          const reply r = staff_.get("payment/" + tx_ref + "/refunds/");
          const json::value list = value_at(r, "/results");
          for (const json::value& each : list.as_array())
            if (text_at(each, "/status") != status)
              return false;
          return !list.as_array().empty();
        },
        std::chrono::seconds{60});
  }
  std::size_t credit_notes(const std::string& number) {
    std::size_t out = 0;
    for (const mail& m : here().mails())
      out += m.subject == "Credit note for order " + number;
    return out;
  }

  client staff_ = here().staff();
  client guest_ = here().guest();
};

TEST_F(refunds, of_all_cancel_the_order_and_then_refund_it) {
  const std::int64_t variant = make_variant(staff_, 10, "125.50");
  const auto [order, tx_ref] = pay(variant, 2);
  EXPECT_EQ(stock_of(staff_, variant), (stock{10, 2, 8}));
  const reply asked =
      refund(tx_ref, {{"reason", "A change of mind"}}, {{"Idempotency-Key", unique("refund")}});
  ASSERT_TRUE(has_status(asked, 201));
  EXPECT_EQ(text_at(asked, "/status"), "initiated");
  EXPECT_EQ(text_at(asked, "/amount"), "251.00");
  EXPECT_EQ(stock_of(staff_, variant), (stock{10, 0, 10}));
  EXPECT_TRUE(is_problem(staff_.post("orders/" + order.id + "/ship/"), 409, "order_cancelled"));
  EXPECT_TRUE(is_problem(refund(tx_ref, json::object{}), 409, "refund_exceeds_captured"));
  ASSERT_TRUE(ends(tx_ref, "refunded"));
  const json::value after = order_as_guest(guest_, order);
  EXPECT_EQ(text_at(after, "/status"), "refunded");
  EXPECT_EQ(text_at(after, "/payment/status"), "refunded");
  EXPECT_EQ(text_at(after, "/payment/paid"), "251.00");
  EXPECT_EQ(text_at(after, "/payment/refunded"), "251.00");
  EXPECT_EQ(text_at(verify(guest_, tx_ref), "/status"), "refunded");
  EXPECT_TRUE(eventually([&] { return credit_notes(order.number) == 1; }));
  here().expect_audit_clean();
}

TEST_F(refunds, of_parts_put_the_pieces_named_back_on_sale) {
  const std::int64_t variant = make_variant(staff_, 10, "100.00");
  const auto [order, tx_ref] = pay(variant, 3);
  ASSERT_TRUE(has_status(staff_.post("orders/" + order.id + "/ship/"), 200));
  EXPECT_EQ(stock_of(staff_, variant), (stock{7, 0, 7}));
  const json::value one_back = {{"amount", "100.00"},
                                {"restock", {{{"variant_id", variant}, {"quantity", 1}}}}};
  ASSERT_TRUE(has_status(refund(tx_ref, one_back), 201));
  EXPECT_EQ(stock_of(staff_, variant), (stock{8, 0, 8})) << "it has come back";
  EXPECT_TRUE(is_problem(refund(tx_ref, {{"amount", "200.01"}}), 409, "refund_exceeds_captured"));
  EXPECT_TRUE(has_fault(refund(tx_ref, {{"amount", "0.001"}}), "/amount", "too_precise"));
  EXPECT_TRUE(has_fault(
      refund(tx_ref, {{"amount", "1.00"}, {"restock", {{{"variant_id", variant}, {"quantity", 3}}}}}),
      "/restock/0/quantity", "too_large"));
  ASSERT_TRUE(ends(tx_ref, "refunded"));
  json::value after = order_as_guest(guest_, order);
  EXPECT_EQ(text_at(after, "/status"), "shipped");
  EXPECT_EQ(text_at(after, "/payment/status"), "partially_refunded");
  EXPECT_EQ(text_at(after, "/payment/refunded"), "100.00");
  ASSERT_TRUE(has_status(refund(tx_ref, json::object{}), 201)); // without the pieces: the payer keeps them
  ASSERT_TRUE(ends(tx_ref, "refunded"));
  after = order_as_guest(guest_, order);
  EXPECT_EQ(text_at(after, "/status"), "refunded");
  EXPECT_EQ(stock_of(staff_, variant), (stock{8, 0, 8}));
  EXPECT_TRUE(eventually([&] { return credit_notes(order.number) == 2; }));
  here().expect_audit_clean();
}

TEST_F(refunds, follow_when_staff_cancel_a_paid_order) {
  const std::int64_t variant = make_variant(staff_, 10, "50.00");
  const auto [order, tx_ref] = pay(variant, 4);
  EXPECT_TRUE(is_problem(guest_.post("orders/" + order.id + "/cancel/?email=" + order.email), 409,
                         "order_already_paid"));
  const reply cancelled = staff_.post("orders/" + order.id + "/cancel/");
  ASSERT_TRUE(has_status(cancelled, 200));
  EXPECT_EQ(text_at(cancelled, "/status"), "cancelled");
  EXPECT_EQ(text_at(cancelled, "/payment/status"), "refund_required");
  EXPECT_EQ(stock_of(staff_, variant), (stock{10, 0, 10}));
  ASSERT_TRUE(ends(tx_ref, "refunded"));
  EXPECT_EQ(status_of(guest_, order), "refunded");
  EXPECT_TRUE(eventually([&] { return credit_notes(order.number) == 1; }));
  here().expect_audit_clean();
}

TEST_F(refunds, are_for_staff_and_for_what_was_taken) {
  const std::int64_t variant = make_variant(staff_, 10);
  const placed_order o = order_of(guest_, variant);
  const payment p = initiate(guest_, o);
  EXPECT_TRUE(
      is_problem(guest_.post("payment/" + p.tx_ref + "/refunds/", json::object{}), 401, "not_authenticated"));
  client user = here().user("curious@example.com");
  EXPECT_TRUE(
      is_problem(user.post("payment/" + p.tx_ref + "/refunds/", json::object{}), 403, "permission_denied"));
  EXPECT_TRUE(is_problem(user.get("payment/" + p.tx_ref + "/refunds/"), 403, "permission_denied"));
  EXPECT_TRUE(is_problem(refund(p.tx_ref, json::object{}), 409, "payment_not_captured"));
  EXPECT_TRUE(is_problem(refund("nobody", json::object{}), 404, "not_found"));
}

} // namespace
} // namespace nexus::blackbox
