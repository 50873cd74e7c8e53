// Shipping, tax and promotions as a customer meets them.
#include "harness/fake_chapa.hpp"
#include "harness/shopping.hpp"

#include <atomic>
#include <mutex>
#include <set>

namespace nexus::blackbox {
namespace {

std::int64_t make_rule(client& staff, const std::string& list, const json::value& body) {
  return number_at(expect_body(staff.post("pricing/" + list + "/", body), 201), "/id");
}

// A code that is nobody else's; more: what the promotion has beside it.
struct promotion {
  std::int64_t id = 0;
  std::string code;
};
promotion make_code(client& staff, json::object more) {
  promotion out;
  out.code = unique("CODE");
  more["code"] = out.code;
  more["name"] = "Promotion " + out.code;
  if (!more.contains("kind"))
    more["kind"] = more.contains("amount") ? "amount" : "percentage";
  out.id = make_rule(staff, "promotions", more);
  return out;
}

std::int64_t used(client& staff, const promotion& p) {
  return number_at(staff.get("pricing/promotions/" + std::to_string(p.id) + "/usage/"), "/used");
}

json::object body_with(const std::string& cart, const std::vector<std::string>& codes,
                       const std::string& email = "buyer@example.com") {
  json::object body = order_body(cart, email);
  body["promotion_codes"] = json::array(codes.begin(), codes.end());
  return body;
}

std::string cart_with(client& by, std::int64_t variant, int quantity = 1) {
  const std::string cart = make_cart(by);
  add_item(by, cart, variant, quantity);
  return cart;
}

// "discount shipping tax total"
std::string sums(const json::value& o) {
  return text_at(o, "/discount") + " " + text_at(o, "/shipping") + " " + text_at(o, "/tax") + " " +
         text_at(o, "/total");
}

// A rule for as long as a test needs it.
class passing_rule {
public:
  passing_rule(client& staff, std::string list, const json::value& body)
      : staff_(staff), list_(std::move(list)), id(make_rule(staff, list_, body)) {}
  ~passing_rule() { EXPECT_EQ(staff_.del("pricing/" + list_ + "/" + std::to_string(id) + "/").status, 204); }
  passing_rule(const passing_rule&) = delete;
  passing_rule& operator=(const passing_rule&) = delete;

private:
  client& staff_;
  std::string list_;

public:
  const std::int64_t id;
};

class pricing : public shop_suite<pricing> {
public:
  static environment variables() { return {{"NEXUS_LOG_LEVEL", "warn"}}; }

protected:
  client staff_ = here().staff();
  client guest_ = here().guest();
};

TEST_F(pricing, without_rules_is_the_sum_of_the_lines) {
  const std::string cart = cart_with(guest_, make_variant(staff_, 5, "99.95"), 2);
  const json::value o = expect_body(guest_.post("orders/", order_body(cart)), 201);
  EXPECT_EQ(text_at(o, "/subtotal"), "199.90");
  EXPECT_EQ(sums(o), "0.00 0.00 0.00 199.90");
  EXPECT_EQ(text_at(o, "/items/0/discount"), "0.00");
  EXPECT_TRUE(o.at("adjustments").as_array().empty());
}

TEST_F(pricing, explains_a_total_line_by_line) {
  const product p = make_product(staff_, unique("Explained"), "500.00", {{10, {}}, {10, "200.00"}});
  const std::string variant =
      "catalogue/products/" + p.slug + "/variants/" + std::to_string(p.variants[0]) + "/";
  EXPECT_EQ(number_at(staff_.patch(variant, {{"weight_grams", 550}}), "/weight_grams"), 550);
  const passing_rule courier(staff_, "shipping-methods",
                             {{"name", unique("Courier")},
                              {"currency", "ETB"},
                              {"price", "100"},
                              {"price_per_kg", "20"},
                              {"countries", json::array{"ET"}}});
  const passing_rule post(
      staff_, "shipping-methods",
      {{"name", unique("Post")}, {"currency", "ETB"}, {"price", "30"}, {"free_from", "1000"}});
  const passing_rule vat(staff_, "tax-rates",
                         {{"name", "VAT 15 %"}, {"country", "ET"}, {"percentage", "15"}});
  const promotion tenth = make_code(staff_, {{"percentage", "10"}});

  const std::string cart = cart_with(guest_, p.variants[0], 2);
  add_item(guest_, cart, p.variants[1]);
  json::object ask{{"cart_id", cart}, {"country", "ET"}, {"promotion_codes", json::array{tenth.code}}};
  json::value q = expect_body(guest_.post("orders/quote/", ask), 200);
  EXPECT_EQ(sums(q), "120.00 0.00 162.00 1242.00");
  EXPECT_EQ(text_at(q, "/shipping_methods/0/price"), "0.00") << "1,080.00 are above the post's 1,000.00";
  EXPECT_EQ(text_at(q, "/shipping_methods/1/price"), "140.00") << "1.1 kg are two begun";
  ask["shipping_method_id"] = courier.id;
  q = expect_body(guest_.post("orders/quote/", ask), 200);
  EXPECT_EQ(sums(q), "120.00 140.00 183.00 1403.00");
  EXPECT_EQ(used(staff_, tenth), 0) << "a quote uses nothing";

  json::object body = body_with(cart, {tenth.code});
  EXPECT_TRUE(is_problem(guest_.post("orders/", body), 409, "shipping_method_required"));
  body["shipping_method_id"] = courier.id;
  body["expected_total"] = "1242.00";
  EXPECT_TRUE(is_problem(guest_.post("orders/", body), 409, "total_changed"));
  body["expected_total"] = text_at(q, "/total");
  const std::string key = unique("key");
  const json::value o = expect_body(guest_.post("orders/", body, {{"Idempotency-Key", key}}), 201);
  EXPECT_EQ(sums(o), sums(q));
  for (const char* part : {"items", "adjustments"})
    EXPECT_EQ(o.at(part), q.at(part));
  EXPECT_EQ(text_at(o, "/items/0/discount"), "100.00");
  EXPECT_EQ(text_at(o, "/items/0/tax"), "135.00");
  EXPECT_EQ(o.at("adjustments").as_array().size(), 6u) << "two discounts, shipping, three taxes";
  EXPECT_EQ(text_at(o, "/adjustments/0/kind"), "discount");
  EXPECT_EQ(text_at(o, "/adjustments/0/code"), tenth.code);
  EXPECT_EQ(number_at(o, "/adjustments/0/line"), 0);
  EXPECT_EQ(text_at(o, "/adjustments/2/kind"), "shipping");
  EXPECT_TRUE(o.at("adjustments").as_array()[2].at("line").is_null());
  EXPECT_EQ(text_at(o, "/adjustments/5/label"), "VAT 15 %");
  EXPECT_EQ(used(staff_, tenth), 1);
  const json::value later =
      expect_body(guest_.get("orders/" + text_at(o, "/id") + "/?email=buyer@example.com"), 200);
  EXPECT_EQ(later, o) << "frozen as it was placed";
  EXPECT_EQ(expect_body(guest_.post("orders/", body, {{"Idempotency-Key", key}}), 201), o);
  EXPECT_EQ(used(staff_, tenth), 1);
}

TEST_F(pricing, ships_where_a_method_goes_or_not_at_all) {
  const std::int64_t variant = make_variant(staff_, 100);
  const passing_rule abroad(
      staff_, "shipping-methods",
      {{"name", unique("Abroad")}, {"currency", "ETB"}, {"price", "900"}, {"countries", json::array{"KE"}}});
  json::object body = order_body(cart_with(guest_, variant));
  body["shipping_method_id"] = abroad.id;
  EXPECT_TRUE(has_fault(guest_.post("orders/", body), "/shipping_method_id", "unavailable"));
  json::object to = shipping_address();
  to["country"] = "KE";
  body["shipping_address"] = to;
  EXPECT_EQ(text_at(guest_.post("orders/", body), "/total"), "1000.00");
  EXPECT_TRUE(
      expect_body(guest_.post("orders/quote/", {{"cart_id", cart_with(guest_, variant)}, {"country", "ET"}}),
                  200)
          .at("shipping_methods")
          .as_array()
          .empty());
}

TEST_F(pricing, takes_the_tax_of_the_category_and_tells_what_prices_contain) {
  const std::int64_t print =
      number_at(expect_body(staff_.post("catalogue/categories/", {{"name", unique("Print")}}), 201), "/id");
  const std::int64_t books = number_at(
      expect_body(staff_.post("catalogue/categories/", {{"name", unique("Books")}, {"parent", print}}), 201),
      "/id");
  const product book = make_product(staff_, unique("Book"), "102.00", {{5, {}}});
  expect_body(staff_.patch("catalogue/products/" + book.slug + "/", {{"categories", json::array{books}}}),
              200);
  const passing_rule vat(staff_, "tax-rates",
                         {{"name", "VAT"}, {"country", "ET"}, {"percentage", "15"}, {"is_included", true}});
  const passing_rule low(
      staff_, "tax-rates",
      {{"name", "Low"}, {"country", "ET"}, {"percentage", "2"}, {"is_included", true}, {"category", print}});
  const std::string cart = cart_with(guest_, book.variants[0]);
  add_item(guest_, cart, make_variant(staff_, 5, "115.00"));
  const json::value o = expect_body(guest_.post("orders/", order_body(cart)), 201);
  EXPECT_EQ(sums(o), "0.00 0.00 17.00 217.00");
  EXPECT_EQ(text_at(o, "/tax_included"), "17.00");
  EXPECT_EQ(text_at(o, "/items/0/tax"), "2.00") << "of the category above its own";
  EXPECT_EQ(text_at(o, "/items/1/tax"), "15.00");
}

TEST_F(pricing, refuses_a_code_with_its_reason) {
  const std::int64_t variant = make_variant(staff_, 100);
  const product other = make_product(staff_, unique("Other"), "10.00", {{1, {}}});
  const promotion early = make_code(staff_, {{"percentage", "10"}, {"starts_at", "2999-01-01T00:00:00Z"}});
  const promotion over = make_code(
      staff_,
      {{"percentage", "10"}, {"starts_at", "2020-01-01T00:00:00Z"}, {"ends_at", "2020-02-01T00:00:00Z"}});
  const promotion large = make_code(staff_, {{"amount", "10"}, {"minimum_subtotal", "100.01"}});
  const promotion of_other =
      make_code(staff_, {{"amount", "10"}, {"applies_to", "product"}, {"target_ids", json::array{other.id}}});
  const promotion alone = make_code(staff_, {{"percentage", "10"}, {"is_exclusive", true}});
  const promotion good = make_code(staff_, {{"percentage", "10"}});
  const std::string cart = cart_with(guest_, variant);
  const auto reason = [&](std::vector<std::string> codes) {
    const reply r = guest_.post("orders/", body_with(cart, codes));
    EXPECT_TRUE(is_problem(r, 409, "promotion_not_applicable"));
    return text_at(r, "/errors/0/pointer") + " " + text_at(r, "/errors/0/code");
  };
  EXPECT_EQ(reason({"NOSUCHCODE"}), "/promotion_codes/0 unknown");
  EXPECT_EQ(reason({good.code, early.code}), "/promotion_codes/1 not_yet");
  EXPECT_EQ(reason({over.code}), "/promotion_codes/0 ended");
  EXPECT_EQ(reason({large.code}), "/promotion_codes/0 minimum_not_reached");
  EXPECT_EQ(reason({of_other.code}), "/promotion_codes/0 nothing_to_discount");
  EXPECT_EQ(reason({good.code, alone.code}), "/promotion_codes/1 not_combinable");
  EXPECT_EQ(text_at(guest_.post("orders/", body_with(cart, {"  " + good.code})), "/total"), "90.00");
  EXPECT_EQ(stock_of(staff_, variant).reserved, 1);
}

TEST_F(pricing, goes_by_the_rules_of_the_moment) {
  const product p = make_product(staff_, unique("Changing"), "100.00", {{100, {}}});
  const auto total = [&] { return order_of(guest_, p.variants[0]).total; };
  EXPECT_EQ(total(), "100.00");
  const json::object sale{{"name", "Sale"},
                          {"kind", "percentage"},
                          {"percentage", "20"},
                          {"applies_to", "product"},
                          {"target_ids", json::array{p.id}},
                          {"max_uses", 1}};
  const std::int64_t id = make_rule(staff_, "promotions", sale);
  EXPECT_EQ(total(), "80.00");
  EXPECT_EQ(total(), "100.00") << "an automatic promotion that is used up just ends";
  const std::string at = "pricing/promotions/" + std::to_string(id) + "/";
  expect_body(staff_.patch(at, {{"max_uses", 2}}), 200);
  EXPECT_EQ(total(), "80.00");
  EXPECT_TRUE(has_fault(staff_.patch(at, {{"max_uses", 1}}), "/max_uses", "too_small"));
  expect_body(staff_.patch(at, {{"max_uses", nullptr}}), 200);
  EXPECT_EQ(total(), "80.00");
  EXPECT_EQ(staff_.del(at).status, 204);
  EXPECT_EQ(total(), "100.00");
  EXPECT_FALSE(value_at(staff_.get(at), "/ends_at").is_null()) << "orders used it: it is ended, not lost";
  EXPECT_EQ(number_at(staff_.get(at + "usage/"), "/used"), 3);
}

TEST_F(pricing, counts_what_a_customer_uses_and_gives_it_back) {
  const std::int64_t variant = make_variant(staff_, 100);
  const promotion once = make_code(staff_, {{"percentage", "10"}, {"max_uses_per_customer", 1}});
  const auto place = [&](client& by, const std::string& email) {
    return by.post("orders/", body_with(cart_with(by, variant), {once.code}, email));
  };
  const reply first = place(guest_, "one@example.com");
  ASSERT_TRUE(has_status(first, 201));
  const reply again = place(guest_, "ONE@example.com");
  EXPECT_TRUE(is_problem(again, 409, "promotion_used_up"));
  EXPECT_TRUE(has_fault(again, "/promotion_codes/0", "used_up_by_customer"));
  EXPECT_TRUE(has_status(place(guest_, "two@example.com"), 201));
  client user = here().user("one@example.com");
  EXPECT_TRUE(has_status(place(user, "one@example.com"), 201)) << "an account is its own customer";
  EXPECT_TRUE(is_problem(place(user, "three@example.com"), 409, "promotion_used_up"))
      << "whatever address it gives";
  EXPECT_EQ(used(staff_, once), 3);
  const std::string cancel = "orders/" + text_at(first, "/id") + "/cancel/?email=one@example.com";
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(has_status(guest_.post(cancel), 200));
  EXPECT_EQ(used(staff_, once), 2) << "given back once";
  EXPECT_TRUE(has_status(place(guest_, "one@example.com"), 201));
}

TEST_F(pricing, an_order_of_nothing_after_its_discount_is_completed_at_once) {
  const promotion gift = make_code(staff_, {{"percentage", "100"}});
  const json::value o = expect_body(
      guest_.post("orders/", body_with(cart_with(guest_, make_variant(staff_, 5)), {gift.code})), 201);
  EXPECT_EQ(text_at(o, "/total"), "0.00");
  EXPECT_EQ(text_at(o, "/status"), "completed");
  EXPECT_EQ(used(staff_, gift), 1);
}

// The proof: one code for a hundred, a thousand who want it, sixty-four at a time.
TEST_F(pricing, a_code_for_a_hundred_is_used_a_hundred_times) {
  constexpr int buyers = 1'000, connections = 64, uses = 100;
  const std::int64_t variant = make_variant(staff_, 2 * buyers);
  const promotion scarce = make_code(staff_, {{"percentage", "25"}, {"max_uses", uses}});
  std::vector<std::string> carts(buyers);
  const auto serve_all = [&](auto work) {
    std::atomic<std::size_t> next = 0;
    at_once(std::vector<std::function<void()>>(connections, [&] {
      client c = here().guest();
      for (std::size_t i = next++; i < carts.size(); i = next++)
        work(i, c);
    }));
  };
  serve_all([&](std::size_t i, client& c) { carts[i] = cart_with(c, variant); });
  std::atomic<int> had = 0, refused = 0;
  serve_all([&](std::size_t i, client& c) {
    const reply r =
        c.post("orders/", body_with(carts[i], {scarce.code}, "b" + std::to_string(i) + "@example.com"));
    if (r.status == 201) {
      ++had;
      EXPECT_EQ(text_at(r, "/total"), "75.00");
    } else {
      ++refused;
      EXPECT_TRUE(is_problem(r, 409, "promotion_used_up"));
    }
  });
  EXPECT_EQ(had, uses);
  EXPECT_EQ(refused, buyers - uses);
  EXPECT_EQ(used(staff_, scarce), uses);
  EXPECT_EQ(stock_of(staff_, variant).reserved, uses) << "a refused order holds nothing";
  here().expect_audit_clean();
}

// Uses and their ends, as orders run out of time and are paid too late.
class pricing_expiry : public shop_suite<pricing_expiry> {
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
  placed_order order_with(const promotion& p, std::int64_t variant) {
    const json::value o =
        expect_body(guest_.post("orders/", body_with(cart_with(guest_, variant), {p.code})), 201);
    return {text_at(o, "/id"), text_at(o, "/number"), text_at(o, "/total"), "buyer@example.com"};
  }
  bool expires(const placed_order& o) {
    return eventually([&] { return status_of(guest_, o) == "expired"; });
  }

  client staff_ = here().staff();
  client guest_ = here().guest();
};

TEST_F(pricing_expiry, gives_the_use_back_and_a_late_payment_takes_it_again) {
  const std::int64_t variant = make_variant(staff_, 10);
  const promotion one = make_code(staff_, {{"percentage", "10"}, {"max_uses", 1}});
  const placed_order o = order_with(one, variant);
  const payment p = initiate(guest_, o);
  ASSERT_TRUE(expires(o));
  EXPECT_EQ(used(staff_, one), 0);
  chapa().say(p.tx_ref, {{"status", "success"}});
  EXPECT_EQ(text_at(verify(guest_, p.tx_ref), "/order/status"), "completed");
  EXPECT_EQ(used(staff_, one), 1);
  EXPECT_TRUE(is_problem(guest_.post("orders/", body_with(cart_with(guest_, variant), {one.code})), 409,
                         "promotion_used_up"));
}

TEST_F(pricing_expiry, the_late_payment_goes_back_where_another_has_the_use) {
  const std::int64_t variant = make_variant(staff_, 10);
  const promotion one = make_code(staff_, {{"percentage", "10"}, {"max_uses", 1}});
  const placed_order o = order_with(one, variant);
  const payment p = initiate(guest_, o);
  ASSERT_TRUE(expires(o));
  const placed_order next = order_with(one, variant);
  chapa().say(p.tx_ref, {{"status", "success"}});
  const reply r = verify(guest_, p.tx_ref);
  EXPECT_EQ(text_at(r, "/status"), "refund_required");
  EXPECT_EQ(text_at(r, "/order/status"), "expired");
  EXPECT_EQ(used(staff_, one), status_of(guest_, next) == "pending" ? 1 : 0);
  here().expect_audit_clean();
}

} // namespace
} // namespace nexus::blackbox
