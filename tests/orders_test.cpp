// Placing orders, and what becomes of them.
#include "harness/shopping.hpp"

#include <atomic>
#include <mutex>
#include <set>

namespace nexus::blackbox {
namespace {

class orders : public shop_suite<orders> {
protected:
  client staff_ = here().staff();
  client guest_ = here().guest();
};

TEST_F(orders, freeze_the_prices_and_hold_the_stock) {
  const product p = make_product(staff_, "Frozen", "99.95", {{10, {}}, {10, "5.00"}});
  const std::string cart = make_cart(guest_);
  add_item(guest_, cart, p.variants[0], 2);
  add_item(guest_, cart, p.variants[1], 1);
  json::object body = order_body(cart);
  body["note"] = "Ring twice";
  const reply r = guest_.post("orders/", body);
  ASSERT_TRUE(has_status(r, 201));
  const json::value o = r.json();
  const std::string id = text_at(o, "/id");
  EXPECT_EQ(r.header("Location"), "/api/v1/orders/" + id + "/");
  EXPECT_EQ(text_at(o, "/status"), "pending");
  EXPECT_EQ(text_at(o, "/subtotal"), "204.90");
  EXPECT_EQ(text_at(o, "/total"), "204.90");
  EXPECT_EQ(text_at(o, "/currency"), "ETB");
  EXPECT_EQ(text_at(o, "/items/0/unit_price"), "99.95");
  EXPECT_EQ(text_at(o, "/items/0/total"), "199.90");
  EXPECT_EQ(text_at(o, "/items/1/variant_name"), "No. 2");
  EXPECT_EQ(text_at(o, "/shipping_address/city"), "Addis Ababa");
  EXPECT_EQ(text_at(o, "/payment/status"), "pending");
  EXPECT_EQ(text_at(o, "/payment/paid"), "0.00");
  EXPECT_LT(text_at(o, "/placed_at"), text_at(o, "/expires_at"));
  EXPECT_EQ(stock_of(staff_, p.variants[0]), (stock{10, 2, 8}));

  expect_body(
      staff_.patch("catalogue/products/" + p.slug + "/", {{"base_price", "1.00"}, {"name", "Thawed"}}), 200);
  const json::value later = expect_body(guest_.get("orders/" + id + "/?email=buyer@example.com"), 200);
  EXPECT_EQ(text_at(later, "/total"), "204.90");
  EXPECT_EQ(text_at(later, "/items/0/product_name"), "Frozen");
}

TEST_F(orders, name_every_line_that_is_short_and_change_nothing) {
  const std::int64_t enough = make_variant(staff_, 10), few = make_variant(staff_, 10),
                     none = make_variant(staff_, 10);
  const std::string cart = make_cart(guest_);
  add_item(guest_, cart, enough, 1);
  add_item(guest_, cart, few, 5);
  add_item(guest_, cart, none, 2);
  for (const auto& [variant, gone] : {std::pair{few, -7}, {none, -10}})
    expect_body(staff_.post("inventory/" + std::to_string(variant) + "/movements/",
                            {{"quantity", gone}, {"reason", "broken"}}),
                201);

  const reply r = guest_.post("orders/", order_body(cart));
  ASSERT_TRUE(is_problem(r, 409, "insufficient_stock"));
  const json::value errors = value_at(r, "/errors");
  ASSERT_EQ(errors.as_array().size(), 2u);
  EXPECT_EQ(number_at(errors, "/0/variant_id"), few);
  EXPECT_EQ(number_at(errors, "/0/requested"), 5);
  EXPECT_EQ(number_at(errors, "/0/available"), 3);
  EXPECT_FALSE(text_at(errors, "/0/sku").empty());
  EXPECT_EQ(number_at(errors, "/1/variant_id"), none);
  EXPECT_EQ(number_at(errors, "/1/available"), 0);
  EXPECT_EQ(stock_of(staff_, enough), (stock{10, 0, 10}));
  EXPECT_EQ(stock_of(staff_, few), (stock{3, 0, 3}));
  EXPECT_EQ(value_at(guest_.get("cart/" + cart + "/"), "/items").as_array().size(), 3u) << "the cart lives";
}

TEST_F(orders, need_a_cart_with_something_in_it_and_an_address) {
  EXPECT_TRUE(is_problem(guest_.post("orders/", order_body(make_cart(guest_))), 409, "cart_empty"));
  EXPECT_TRUE(is_problem(guest_.post("orders/", order_body("00000000-0000-4000-8000-000000000000")), 404,
                         "not_found"));
  const std::string cart = make_cart(guest_);
  add_item(guest_, cart, make_variant(staff_, 1));
  json::object no_email = order_body(cart);
  no_email.erase("email");
  EXPECT_TRUE(has_fault(guest_.post("orders/", no_email), "/email", "required"));
  client user = here().user("hasone@example.com");
  const std::string own = make_cart(user);
  add_item(user, own, make_variant(staff_, 1));
  json::object of_user = order_body(own);
  of_user.erase("email");
  EXPECT_EQ(text_at(user.post("orders/", of_user), "/email"), "hasone@example.com");
}

TEST_F(orders, are_placed_once_with_an_idempotency_key) {
  const std::int64_t variant = make_variant(staff_, 10);
  const std::string cart = make_cart(guest_), key = unique("key");
  add_item(guest_, cart, variant, 2);
  const reply first = guest_.post("orders/", order_body(cart), {{"Idempotency-Key", key}});
  ASSERT_TRUE(has_status(first, 201));
  EXPECT_FALSE(first.header("Idempotent-Replayed"));
  const reply again = guest_.post("orders/", order_body(cart), {{"Idempotency-Key", key}});
  ASSERT_TRUE(has_status(again, 201));
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(stock_of(staff_, variant).reserved, 2);
  EXPECT_TRUE(
      is_problem(guest_.post("orders/", order_body(cart, "other@example.com"), {{"Idempotency-Key", key}}),
                 422, "idempotency_key_reused"));
  EXPECT_TRUE(
      is_problem(guest_.post("orders/", order_body(cart), {{"Idempotency-Key", std::string(256, 'k')}}), 400,
                 "malformed_request"));
  // A refusal is not kept: the same key works once there is something to sell.
  const std::string short_cart = make_cart(guest_), other_key = unique("key");
  add_item(guest_, short_cart, variant, 8);
  expect_body(staff_.post("inventory/" + std::to_string(variant) + "/movements/",
                          {{"quantity", -1}, {"reason", "broken"}}),
              201);
  EXPECT_TRUE(is_problem(guest_.post("orders/", order_body(short_cart), {{"Idempotency-Key", other_key}}),
                         409, "insufficient_stock"));
  expect_body(staff_.post("inventory/" + std::to_string(variant) + "/movements/",
                          {{"quantity", 1}, {"reason", "found"}}),
              201);
  EXPECT_TRUE(
      has_status(guest_.post("orders/", order_body(short_cart), {{"Idempotency-Key", other_key}}), 201));
}

TEST_F(orders, fifty_identical_posts_at_once_make_one) {
  const std::int64_t variant = make_variant(staff_, 100);
  const std::string cart = make_cart(guest_), key = unique("key");
  add_item(guest_, cart, variant);
  std::mutex lock;
  std::set<std::string> ids;
  int fresh = 0;
  at_once(std::vector<std::function<void()>>(50, [&] {
    client c = here().guest();
    reply r;
    EXPECT_TRUE(eventually([&] {
      r = c.post("orders/", order_body(cart), {{"Idempotency-Key", key}});
      return r.status != 409; // in progress: ask again
    }));
    ASSERT_TRUE(has_status(r, 201));
    const std::lock_guard held(lock);
    ids.insert(text_at(r, "/id"));
    fresh += r.header("Idempotent-Replayed") ? 0 : 1;
  }));
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(stock_of(staff_, variant), (stock{100, 1, 99}));
}

TEST_F(orders, without_a_key_a_cart_still_makes_only_one) {
  const std::int64_t variant = make_variant(staff_, 100);
  const std::string cart = make_cart(guest_);
  add_item(guest_, cart, variant);
  std::atomic<int> placed = 0;
  at_once(std::vector<std::function<void()>>(20, [&] {
    client c = here().guest();
    const reply r = c.post("orders/", order_body(cart));
    placed += r.status == 201;
    EXPECT_TRUE(r.status == 201 || is_problem(r, 409, "cart_ordered"));
  }));
  EXPECT_EQ(placed, 1);
  EXPECT_EQ(stock_of(staff_, variant).reserved, 1);
}

// Carts with the same variants in opposite orders: no deadlock reaches a client.
TEST_F(orders, that_want_the_same_things_do_not_block_each_other) {
  std::vector<std::int64_t> variants;
  for (int i = 0; i < 6; ++i)
    variants.push_back(make_variant(staff_, 1'000));
  std::vector<std::function<void()>> all;
  for (int i = 0; i < 40; ++i)
    all.emplace_back([&, i] {
      client c = here().guest();
      const std::string cart = make_cart(c);
      for (std::size_t k = 0; k < variants.size(); ++k)
        add_item(c, cart, variants[i % 2 == 0 ? k : variants.size() - 1 - k]);
      place_order(c, cart);
    });
  at_once(all);
  for (const std::int64_t variant : variants)
    EXPECT_EQ(stock_of(staff_, variant), (stock{1'000, 40, 960}));
}

TEST_F(orders, that_are_cancelled_free_their_stock) {
  const std::int64_t variant = make_variant(staff_, 5);
  const placed_order o = order_of(guest_, variant, 3);
  EXPECT_TRUE(is_problem(guest_.post("orders/" + o.id + "/cancel/"), 404, "not_found"))
      << "without the address";
  const reply r = guest_.post("orders/" + o.id + "/cancel/?email=" + o.email);
  EXPECT_EQ(text_at(r, "/status"), "cancelled");
  EXPECT_EQ(stock_of(staff_, variant), (stock{5, 0, 5}));
  EXPECT_TRUE(has_status(guest_.post("orders/" + o.id + "/cancel/?email=" + o.email), 200))
      << "again is no error";
  EXPECT_EQ(stock_of(staff_, variant), (stock{5, 0, 5}));
  EXPECT_TRUE(is_problem(staff_.post("orders/" + o.id + "/ship/"), 409, "order_cancelled"));
}

TEST_F(orders, are_shipped_and_delivered_with_a_ledger) {
  const std::int64_t variant = make_variant(staff_, 10);
  const placed_order unpaid = order_of(guest_, variant, 1);
  EXPECT_TRUE(is_problem(staff_.post("orders/" + unpaid.id + "/ship/"), 409, "order_not_paid"));
  const placed_order o = buy(here(), guest_, variant, 4);
  EXPECT_EQ(stock_of(staff_, variant), (stock{10, 5, 5}));
  EXPECT_TRUE(
      is_problem(guest_.post("orders/" + o.id + "/cancel/?email=" + o.email), 409, "order_already_paid"));
  EXPECT_TRUE(is_problem(staff_.post("orders/" + o.id + "/deliver/"), 409, "order_not_shipped"));
  EXPECT_EQ(text_at(staff_.post("orders/" + o.id + "/ship/"), "/status"), "shipped");
  EXPECT_EQ(stock_of(staff_, variant), (stock{6, 1, 5}));
  EXPECT_EQ(text_at(staff_.post("orders/" + o.id + "/ship/"), "/status"), "shipped") << "again is no error";
  EXPECT_EQ(stock_of(staff_, variant), (stock{6, 1, 5}));
  EXPECT_EQ(text_at(staff_.post("orders/" + o.id + "/deliver/"), "/status"), "delivered");
  EXPECT_TRUE(
      is_problem(guest_.post("orders/" + o.id + "/cancel/?email=" + o.email), 409, "order_already_shipped"));

  const json::value ledger =
      expect_body(staff_.get("inventory/" + std::to_string(variant) + "/movements/"), 200);
  std::int64_t quantity = 0, held = 0, of_order = 0;
  for (const json::value& m : ledger.at("results").as_array()) {
    quantity += number_at(m, "/quantity");
    held += number_at(m, "/reserved_change");
    of_order += m.at("order_id").is_string() && text_at(m, "/order_id") == o.id;
  }
  EXPECT_EQ(quantity, 6);
  EXPECT_EQ(held, 1);
  EXPECT_EQ(of_order, 2) << "held when it was placed, gone when it was shipped";
  EXPECT_EQ(text_at(ledger, "/results/0/order_id"), o.id);
  EXPECT_EQ(number_at(ledger, "/results/0/quantity"), -4);
}

TEST_F(orders, tell_their_customers_when_they_are_cancelled_or_shipped) {
  const std::int64_t variant = make_variant(staff_, 10);
  const auto subjects = [&](const placed_order& o, std::string_view file) {
    std::vector<std::string> out;
    for (const mail& m : here().mails_about(o.number))
      if (m.file.starts_with(file))
        out.push_back(m.subject);
    return out;
  };
  const placed_order unwanted = order_of(guest_, variant, 1, "regrets@example.com");
  for (int i = 0; i < 2; ++i) // the second time nothing changes, and nothing is said
    expect_body(guest_.post("orders/" + unwanted.id + "/cancel/?email=" + unwanted.email), 200);
  const placed_order bought = buy(here(), guest_, variant, 2);
  for (int i = 0; i < 2; ++i)
    expect_body(staff_.post("orders/" + bought.id + "/ship/"), 200);
  EXPECT_TRUE(eventually([&] { return !subjects(bought, "shipped-").empty(); }));
  EXPECT_EQ(subjects(bought, "shipped-"), std::vector{"Order " + bought.number + " is on its way"});
  EXPECT_EQ(subjects(bought, "receipt-").size(), 1u);
  EXPECT_TRUE(eventually([&] { return !subjects(unwanted, "cancelled-").empty(); }));
  EXPECT_EQ(subjects(unwanted, "cancelled-"), std::vector{"Order " + unwanted.number + " is cancelled"});
}

TEST_F(orders, are_seen_by_those_whom_they_concern) {
  const std::int64_t variant = make_variant(staff_, 100);
  const placed_order guests = order_of(guest_, variant, 1, "Guest.One@example.com");
  EXPECT_TRUE(is_problem(guest_.get("orders/" + guests.id + "/"), 404, "not_found"));
  EXPECT_TRUE(
      is_problem(guest_.get("orders/" + guests.id + "/?email=another@example.com"), 404, "not_found"));
  EXPECT_TRUE(has_status(guest_.get("orders/" + guests.id + "/?email=guest.one@EXAMPLE.com"), 200));
  EXPECT_TRUE(has_status(staff_.get("orders/" + guests.id + "/"), 200));
  EXPECT_TRUE(is_problem(guest_.get("orders/"), 401, "not_authenticated"));

  client user = here().user("lister@example.com");
  std::vector<std::string> own;
  for (int i = 0; i < 5; ++i)
    own.insert(own.begin(), order_of(user, variant, 1, "lister@example.com").id); // newest first
  std::vector<std::string> seen;
  for (std::string next = "orders/?page_size=2&count=true"; !next.empty();) {
    const json::value page = expect_body(user.get(next), 200);
    EXPECT_EQ(number_at(page, "/count"), 5);
    for (const json::value& o : page.at("results").as_array())
      seen.push_back(text_at(o, "/id"));
    next = page.at("next").is_null() ? "" : text_at(page, "/next");
  }
  EXPECT_EQ(seen, own);
  expect_body(user.post("orders/" + own[0] + "/cancel/"), 200);
  EXPECT_EQ(number_at(user.get("orders/?status=cancelled&count=true"), "/count"), 1);
  EXPECT_EQ(number_at(user.get("orders/?email=guest.one@example.com&count=true"), "/count"), 0);
  EXPECT_EQ(number_at(staff_.get("orders/?email=guest.one@example.com&count=true"), "/count"), 1);
  EXPECT_EQ(number_at(staff_.get("orders/?email=lister@example.com&status=pending&count=true"), "/count"), 4);
  EXPECT_EQ(number_at(staff_.get("orders/?placed_after=2999-01-01T00:00:00Z&count=true"), "/count"), 0);
}

TEST_F(orders, of_a_user_are_not_ended_by_who_knows_the_address) {
  client user = here().user("owner@example.com");
  const placed_order o = order_of(user, make_variant(staff_, 5), 1, "owner@example.com");
  EXPECT_TRUE(has_status(guest_.get("orders/" + o.id + "/?email=owner@example.com"), 200));
  EXPECT_TRUE(
      is_problem(guest_.post("orders/" + o.id + "/cancel/?email=owner@example.com"), 404, "not_found"));
  EXPECT_TRUE(has_status(user.post("orders/" + o.id + "/cancel/"), 200));
}

TEST_F(orders, of_what_costs_nothing_are_completed_at_once) {
  const placed_order o = order_of(guest_, make_variant(staff_, 5, "0.00"));
  EXPECT_EQ(status_of(guest_, o), "completed");
  EXPECT_TRUE(eventually([&] { return here().receipts(o.number).size() == 1; }));
}

} // namespace
} // namespace nexus::blackbox
