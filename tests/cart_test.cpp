// Carts: a guest's by its id, a user's only by that user.
#include "harness/shopping.hpp"

#include <set>

namespace nexus::blackbox {
namespace {

class cart : public shop_suite<cart> {
protected:
  json::value read(client& c, const std::string& id) { return expect_body(c.get("cart/" + id + "/"), 200); }
  static std::set<std::string> warnings_of(const json::value& item) {
    std::set<std::string> out;
    for (const json::value& w : item.at("warnings").as_array())
      out.insert(text_at(w, "/code"));
    return out;
  }

  client staff_ = here().staff();
  client guest_ = here().guest();
};

TEST_F(cart, holds_what_is_put_into_it) {
  const reply made = guest_.post("cart/");
  ASSERT_TRUE(has_status(made, 201));
  EXPECT_TRUE(value_at(made, "/items").as_array().empty());
  EXPECT_EQ(text_at(made, "/subtotal"), "0.00");
  EXPECT_EQ(text_at(made, "/currency"), "ETB");
  const std::string id = text_at(made, "/id");
  const std::int64_t a = make_variant(staff_, 10, "10.10"), b = make_variant(staff_, 10, "0.05");

  const reply first = guest_.post("cart/" + id + "/items/", {{"variant_id", a}, {"quantity", 2}});
  ASSERT_TRUE(has_status(first, 201));
  EXPECT_EQ(text_at(first, "/unit_price"), "10.10");
  EXPECT_EQ(text_at(first, "/total"), "20.20");
  EXPECT_EQ(number_at(first, "/available"), 10);
  const reply more = guest_.post("cart/" + id + "/items/",
                                 {{"variant_id", a}}); // adds to what is there; one where it is left out
  EXPECT_EQ(number_at(more, "/quantity"), 3);
  EXPECT_EQ(number_at(more, "/id"), number_at(first, "/id"));
  add_item(guest_, id, b, 3);
  EXPECT_EQ(text_at(read(guest_, id), "/subtotal"), "30.45");

  const std::string item = "cart/" + id + "/items/" + std::to_string(number_at(first, "/id")) + "/";
  EXPECT_EQ(number_at(guest_.patch(item, {{"quantity", 1}}), "/quantity"), 1);
  EXPECT_TRUE(has_fault(guest_.patch(item, {{"quantity", 0}}), "/quantity", "too_small"));
  EXPECT_EQ(text_at(read(guest_, id), "/subtotal"), "10.25");
  EXPECT_TRUE(has_status(guest_.del(item), 204));
  EXPECT_TRUE(is_problem(guest_.del(item), 404, "not_found"));
  EXPECT_TRUE(is_problem(guest_.patch(item, {{"quantity", 1}}), 404, "not_found"));
  EXPECT_EQ(text_at(read(guest_, id), "/subtotal"), "0.15");
  EXPECT_TRUE(has_status(guest_.del("cart/" + id + "/"), 204));
  EXPECT_TRUE(is_problem(guest_.get("cart/" + id + "/"), 404, "not_found"));
}

TEST_F(cart, takes_no_more_than_there_is) {
  const std::int64_t variant = make_variant(staff_, 5);
  const std::string id = make_cart(guest_);
  const auto short_of = [&](const reply& r, int requested) {
    EXPECT_TRUE(is_problem(r, 409, "insufficient_stock"));
    EXPECT_EQ(number_at(r, "/variant_id"), variant);
    EXPECT_EQ(number_at(r, "/requested"), requested);
    EXPECT_EQ(number_at(r, "/available"), 5);
    EXPECT_FALSE(text_at(r, "/sku").empty());
  };
  short_of(guest_.post("cart/" + id + "/items/", {{"variant_id", variant}, {"quantity", 6}}), 6);
  EXPECT_TRUE(read(guest_, id).at("items").as_array().empty());
  add_item(guest_, id, variant, 3);
  short_of(guest_.post("cart/" + id + "/items/", {{"variant_id", variant}, {"quantity", 3}}), 6);
  short_of(guest_.patch("cart/" + id + "/items/" +
                            std::to_string(number_at(read(guest_, id), "/items/0/id")) + "/",
                        {{"quantity", 9}}),
           9);
  EXPECT_EQ(number_at(read(guest_, id), "/items/0/quantity"), 3);
  EXPECT_EQ(stock_of(staff_, variant), (stock{5, 0, 5})) << "a cart holds nothing back";
}

TEST_F(cart, warns_where_price_or_stock_has_changed) {
  const product p = make_product(staff_, "Changing", "50.00", {{10, {}}});
  const std::string id = make_cart(guest_);
  add_item(guest_, id, p.variants[0], 4);
  EXPECT_TRUE(warnings_of(read(guest_, id).at("items").at(0)).empty());

  const std::string target = "catalogue/products/" + std::to_string(p.id) + "/";
  expect_body(staff_.patch(target, {{"base_price", "60.00"}}), 200);
  json::value seen = read(guest_, id);
  EXPECT_EQ(warnings_of(seen.at("items").at(0)), std::set<std::string>{"price_changed"});
  EXPECT_EQ(text_at(seen, "/items/0/unit_price"), "60.00");
  EXPECT_EQ(text_at(seen, "/subtotal"), "240.00");

  expect_body(staff_.post("inventory/" + std::to_string(p.variants[0]) + "/movements/",
                          {{"quantity", -7}, {"reason", "broken"}}),
              201);
  seen = read(guest_, id);
  EXPECT_EQ(warnings_of(seen.at("items").at(0)),
            (std::set<std::string>{"price_changed", "insufficient_stock"}));
  EXPECT_EQ(number_at(seen, "/items/0/available"), 3);

  expect_body(staff_.patch(target, {{"status", "archived"}}), 200);
  seen = read(guest_, id);
  EXPECT_EQ(warnings_of(seen.at("items").at(0)), std::set<std::string>{"unavailable"});
  EXPECT_EQ(text_at(seen, "/subtotal"), "0.00");
  EXPECT_TRUE(has_fault(guest_.post("cart/" + id + "/items/", {{"variant_id", p.variants[0]}}), "/variant_id",
                        "unknown_reference"));
}

TEST_F(cart, of_a_user_is_one_and_theirs) {
  client abebe = here().user("abebe@example.com"), other = here().user("other@example.com");
  const std::string id = make_cart(abebe);
  EXPECT_EQ(make_cart(abebe), id) << "a user has one open cart";
  EXPECT_TRUE(is_problem(other.get("cart/" + id + "/"), 404, "not_found"));
  EXPECT_TRUE(is_problem(guest_.get("cart/" + id + "/"), 404, "not_found"));
  EXPECT_TRUE(is_problem(here().staff().get("cart/" + id + "/"), 404, "not_found"));
}

TEST_F(cart, is_claimed_and_merged_with_the_one_they_have) {
  client user = here().user("claimer@example.com");
  const std::int64_t a = make_variant(staff_, 50, "1.00"), b = make_variant(staff_, 50, "1.00");
  const std::string guests = make_cart(guest_);
  add_item(guest_, guests, a, 2);
  EXPECT_TRUE(is_problem(guest_.post("cart/" + guests + "/claim/"), 401, "not_authenticated"));
  EXPECT_EQ(text_at(expect_body(user.post("cart/" + guests + "/claim/"), 200), "/id"), guests)
      << "they had none: it is theirs now";
  EXPECT_TRUE(is_problem(guest_.get("cart/" + guests + "/"), 404, "not_found"));
  EXPECT_EQ(make_cart(user), guests);
  EXPECT_EQ(text_at(expect_body(user.post("cart/" + guests + "/claim/"), 200), "/id"), guests)
      << "again is no error";

  const std::string second = make_cart(guest_);
  add_item(guest_, second, a, 3);
  add_item(guest_, second, b, 1);
  const json::value merged = expect_body(user.post("cart/" + second + "/claim/"), 200);
  EXPECT_EQ(text_at(merged, "/id"), guests);
  EXPECT_EQ(text_at(merged, "/subtotal"), "6.00"); // 5 of a, 1 of b
  ASSERT_EQ(merged.at("items").as_array().size(), 2u);
  EXPECT_EQ(number_at(merged, "/items/0/quantity"), 5);
  EXPECT_TRUE(is_problem(guest_.get("cart/" + second + "/"), 404, "not_found"));
  EXPECT_TRUE(is_problem(user.post("cart/" + second + "/claim/"), 404, "not_found"));
}

TEST_F(cart, that_was_ordered_has_ended) {
  const std::int64_t variant = make_variant(staff_, 5);
  const std::string id = make_cart(guest_);
  add_item(guest_, id, variant);
  place_order(guest_, id);
  EXPECT_TRUE(is_problem(guest_.get("cart/" + id + "/"), 409, "cart_ordered"));
  EXPECT_TRUE(
      is_problem(guest_.post("cart/" + id + "/items/", {{"variant_id", variant}}), 409, "cart_ordered"));
  EXPECT_TRUE(is_problem(guest_.post("orders/", order_body(id)), 409, "cart_ordered"));
}

// Many at once on one cart: every piece is counted.
TEST_F(cart, counts_what_is_added_at_the_same_time) {
  const std::int64_t variant = make_variant(staff_, 1'000);
  const std::string id = make_cart(guest_);
  at_once(std::vector<std::function<void()>>(32, [&] {
    client c = here().guest();
    add_item(c, id, variant);
  }));
  EXPECT_EQ(number_at(read(guest_, id), "/items/0/quantity"), 32);
}

// Staff may give a product another currency while it lies in carts.
TEST_F(cart, shows_what_has_changed_its_currency_apart) {
  const product p = make_product(staff_, unique("Imported"), "5.00", {{.stock = 5}});
  const std::string id = make_cart(guest_);
  add_item(guest_, id, make_variant(staff_, 5, "10.00"));
  add_item(guest_, id, p.variants[0]);
  expect_body(staff_.patch("catalogue/products/" + std::to_string(p.id) + "/",
                           {{"currency", "USD"}, {"base_price", "2.00"}}),
              200);
  const json::value seen = read(guest_, id);
  EXPECT_EQ(text_at(seen, "/subtotal"), "10.00");
  EXPECT_TRUE(warnings_of(seen.at("items").at(1)).contains("currency_mismatch"));
  EXPECT_TRUE(has_status(guest_.post("orders/", order_body(id)), 409));

  client user = here().user("two-currencies@example.com");
  const std::string own = make_cart(user), guests = make_cart(guest_);
  add_item(user, own, make_variant(staff_, 5));
  add_item(guest_, guests, p.variants[0]);
  EXPECT_TRUE(is_problem(user.post("cart/" + guests + "/claim/"), 409, "currency_mismatch"));
}

// By a user who has no cart yet: one becomes theirs, the other is merged into it.
TEST_F(cart, two_claims_at_once_are_both_served) {
  const std::int64_t variant = make_variant(staff_, 100);
  for (int round = 0; round < 5; ++round) {
    const std::string email = "claims-" + std::to_string(round) + "@example.com";
    client user = here().user(email), again = here().user(email);
    const std::string one = make_cart(guest_), other = make_cart(guest_);
    add_item(guest_, one, variant);
    add_item(guest_, other, variant);
    at_once({[&] { EXPECT_TRUE(has_status(user.post("cart/" + one + "/claim/"), 200)); },
             [&] { EXPECT_TRUE(has_status(again.post("cart/" + other + "/claim/"), 200)); }});
    EXPECT_EQ(number_at(read(user, make_cart(user)), "/items/0/quantity"), 2);
  }
}

TEST_F(cart, knows_no_fields_where_it_is_made) {
  const reply r = guest_.post("cart/", {{"user_id", 1}});
  EXPECT_TRUE(has_fault(r, "/user_id", "unknown_field"));
}

} // namespace
} // namespace nexus::blackbox
