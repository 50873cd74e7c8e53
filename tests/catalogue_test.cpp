// The catalogue: what staff make of it, and how customers find it.
#include "harness/shopping.hpp"

#include <atomic>
#include <set>

namespace nexus::blackbox {
namespace {

class catalogue : public shop_suite<catalogue> {
protected:
  std::int64_t category(const std::string& name, std::optional<std::int64_t> parent = {}) {
    json::object body{{"name", name}};
    if (parent)
      body["parent"] = *parent;
    return number_at(expect_body(staff_.post("catalogue/categories/", body), 201), "/id");
  }
  json::value make(json::object body) {
    body.emplace("currency", "ETB");
    body.emplace("base_price", "100.00");
    return expect_body(staff_.post("catalogue/products/", body), 201);
  }
  std::set<std::string> names(const std::string& query) {
    std::set<std::string> out;
    const json::value page = expect_body(guest_.get("catalogue/products/?page_size=100&" + query), 200);
    for (const json::value& p : page.at("results").as_array())
      out.insert(text_at(p, "/name"));
    return out;
  }
  using set = std::set<std::string>;

  client staff_ = here().staff();
  client guest_ = here().guest();
};

json::object size_and_color(const char* sku, const char* size, const char* color, const char* price,
                            int stock) {
  return {{"sku", sku},
          {"price", price},
          {"stock", stock},
          {"attribute_values", json::array{json::object{{"attribute", "Size"}, {"value", size}},
                                           json::object{{"attribute", "Color"}, {"value", color}}}}};
}

TEST_F(catalogue, categories_are_a_tree_of_any_depth) {
  std::int64_t parent = category("Depth 0");
  const std::int64_t root = parent;
  for (int i = 1; i <= 12; ++i)
    parent = category("Depth " + std::to_string(i), parent);
  const json::value tree = expect_body(guest_.get("catalogue/categories/?tree=true"), 200);
  const json::value* at = nullptr;
  for (const json::value& r : tree.at("results").as_array())
    if (number_at(r, "/id") == root)
      at = &r;
  ASSERT_NE(at, nullptr);
  for (int i = 1; i <= 12; ++i) {
    ASSERT_EQ(at->at("children").as_array().size(), 1u);
    at = &at->at("children").as_array()[0];
    EXPECT_EQ(text_at(*at, "/name"), "Depth " + std::to_string(i));
  }
  const json::value one = expect_body(guest_.get("catalogue/categories/depth-12/"), 200);
  EXPECT_EQ(number_at(one, "/id"), parent);
  // A product at the bottom is found from the top.
  make({{"name", "Deep thing"}, {"categories", json::array{parent}}});
  EXPECT_EQ(names("category=" + std::to_string(root)), set{"Deep thing"});
  EXPECT_EQ(names("category=depth-3"), set{"Deep thing"});
}

TEST_F(catalogue, a_category_cannot_lie_below_itself) {
  const auto a = category("Cycle A"), b = category("Cycle B", a), c = category("Cycle C", b);
  const auto move = [&](std::int64_t what, json::value to) {
    return staff_.patch("catalogue/categories/" + std::to_string(what) + "/", {{"parent", std::move(to)}});
  };
  for (const auto under : {a, b, c}) {
    const reply r = move(a, under);
    EXPECT_TRUE(is_problem(r, 422, "category_cycle"));
    EXPECT_TRUE(has_fault(r, "/parent", "category_cycle"));
  }
  EXPECT_TRUE(has_fault(move(a, 999'999'999), "/parent", "unknown_reference"));
  EXPECT_TRUE(has_status(move(c, a), 200));       // a subtree moves
  EXPECT_TRUE(has_status(move(b, c), 200));       // below its former child
  EXPECT_TRUE(has_status(move(b, nullptr), 200)); // and becomes a root
  // Two moves that together would close a circle: one of them loses.
  const auto x = category("Circle X"), y = category("Circle Y");
  std::atomic<int> moved = 0;
  const auto race = [&](std::int64_t what, std::int64_t to) {
    return [&, what, to] {
      client s = here().staff();
      moved += s.patch("catalogue/categories/" + std::to_string(what) + "/", {{"parent", to}}).status == 200;
    };
  };
  at_once({race(x, y), race(y, x)});
  EXPECT_EQ(moved, 1);
}

TEST_F(catalogue, slugs_are_made_and_kept_unique) {
  const json::value first = make({{"name", "Bunna Cup"}}), second = make({{"name", "Bunna Cup"}});
  EXPECT_EQ(text_at(first, "/slug"), "bunna-cup");
  EXPECT_NE(text_at(second, "/slug"), text_at(first, "/slug"));
  EXPECT_EQ(number_at(guest_.get("catalogue/products/bunna-cup/"), "/id"), number_at(first, "/id"));
  EXPECT_EQ(guest_.get("catalogue/products/" + std::to_string(number_at(first, "/id")) + "/").body,
            guest_.get("catalogue/products/bunna-cup").body);
  EXPECT_TRUE(
      has_fault(staff_.post("catalogue/products/",
                            {{"name", "X"}, {"slug", "bunna-cup"}, {"base_price", "1"}, {"currency", "ETB"}}),
                "/slug", "not_unique"));
}

TEST_F(catalogue, products_are_found_by_what_they_are) {
  const auto shirts = category("Shirts");
  const auto brand =
      number_at(expect_body(staff_.post("catalogue/brands/", {{"name", "Sheba"}}), 201), "/id");
  make({{"name", "Filter Shirt"},
        {"brand", brand},
        {"categories", json::array{shirts}},
        {"description", "Of cotton"},
        {"variants", json::array{size_and_color("F-1", "L", "Red", "80.00", 5),
                                 size_and_color("F-2", "M", "Blue", "120.00", 0)}}});
  make({{"name", "Filter Jacket"},
        {"brand", brand},
        {"variants", json::array{size_and_color("F-3", "L", "Green", "300.00", 0)}}});
  make({{"name", "Filter Draft"}, {"status", "draft"}});
  const std::string only = "search=filter&";
  EXPECT_EQ(names(only), (set{"Filter Shirt", "Filter Jacket"}));
  EXPECT_EQ(names("search=filt%20jack"), set{"Filter Jacket"});
  EXPECT_EQ(names("search=FILTER%20nothing"), set{});
  EXPECT_EQ(names("search=%27%26%7C%21%28%29%3A%2A%3C%3E"),
            set{}); // nothing of the query language comes through
  EXPECT_EQ(names(only + "brand=sheba"), (set{"Filter Shirt", "Filter Jacket"}));
  EXPECT_EQ(names(only + "brand=nobody"), set{});
  EXPECT_EQ(names(only + "category=shirts"), set{"Filter Shirt"});
  EXPECT_EQ(names(only + "in_stock=true"), set{"Filter Shirt"});
  EXPECT_EQ(names(only + "in_stock=false"), set{"Filter Jacket"});
  EXPECT_EQ(names(only + "min_price=130"), set{"Filter Jacket"});
  EXPECT_EQ(names(only + "max_price=80"), set{"Filter Shirt"});
  EXPECT_EQ(names(only + "max_price=79.99"), set{});
  EXPECT_EQ(names(only + "attributes[color]=red,green"), (set{"Filter Shirt", "Filter Jacket"}));
  EXPECT_EQ(names(only + "attributes[color]=red&attributes[size]=L"), set{"Filter Shirt"});
  EXPECT_EQ(names(only + "attributes[color]=red&attributes[size]=M"), set{}) << "both of one variant";
  EXPECT_TRUE(is_problem(guest_.get("catalogue/products/?status=draft"), 403, "permission_denied"));
  EXPECT_TRUE(is_problem(guest_.get("catalogue/products/filter-draft/"), 404, "not_found"));
  EXPECT_TRUE(has_status(staff_.get("catalogue/products/filter-draft/"), 200));
}

TEST_F(catalogue, a_product_is_shown_whole) {
  const json::value made =
      make({{"name", "Whole"}, {"variants", json::array{size_and_color("W-1", "L", "Red", "10.50", 3)}}});
  const json::value p = expect_body(guest_.get("catalogue/products/" + text_at(made, "/slug") + "/"), 200);
  for (const char* name :
       {"id", "slug", "name", "brand", "categories", "base_price", "currency", "price_range", "main_image",
        "is_available", "created_at", "description", "images", "attributes", "variants"})
    EXPECT_TRUE(p.as_object().contains(name)) << name;
  const json::value& v = p.at("variants").as_array().at(0);
  EXPECT_EQ(text_at(v, "/name"), "L / Red");
  EXPECT_EQ(text_at(v, "/price"), "10.50");
  EXPECT_EQ(number_at(v, "/available"), 3);
  EXPECT_EQ(text_at(v, "/attribute_values/1/attribute"), "Color");
  EXPECT_TRUE(v.at("compare_at_price").is_null());
}

TEST_F(catalogue, pages_have_no_gaps_in_any_order) {
  set all;
  for (int i = 0; i < 45; ++i) {
    const std::string name = "Page " + std::string(1, static_cast<char>('A' + i % 7)) + std::to_string(i);
    make({{"name", name}, {"base_price", std::to_string(10 + i % 5) + ".00"}}); // many of one price
    all.insert(name);
  }
  for (const char* ordering :
       {"base_price", "-base_price", "name", "-name", "created_at", "-created_at", "relevance"}) {
    std::vector<std::string> forward, backward;
    std::string next = "catalogue/products/?search=page&page_size=7&count=true&ordering=" +
                       std::string(ordering),
                last;
    while (!next.empty()) {
      const json::value page = expect_body(guest_.get(next), 200);
      EXPECT_EQ(number_at(page, "/count"), 45);
      for (const json::value& p : page.at("results").as_array())
        forward.push_back(text_at(p, "/name"));
      last = next;
      next = page.at("next").is_null() ? "" : text_at(page, "/next");
      ASSERT_LE(forward.size(), 45u) << ordering;
    }
    EXPECT_EQ(set(forward.begin(), forward.end()), all) << ordering;
    EXPECT_EQ(forward.size(), all.size()) << ordering << ": nothing twice";
    for (std::string previous = last; !previous.empty();) { // and back again
      const json::value page = expect_body(guest_.get(previous), 200);
      std::vector<std::string> part;
      for (const json::value& p : page.at("results").as_array())
        part.push_back(text_at(p, "/name"));
      backward.insert(backward.begin(), part.begin(), part.end());
      previous = page.at("previous").is_null() ? "" : text_at(page, "/previous");
      ASSERT_LE(backward.size(), 45u) << ordering;
    }
    EXPECT_EQ(backward, forward) << ordering;
  }
}

TEST_F(catalogue, what_is_known_is_not_sent_again) {
  const json::value made = make({{"name", "Cached"}});
  for (const std::string target : {"catalogue/products/cached/", "catalogue/products/?search=cached",
                                   "catalogue/categories/", "catalogue/brands/", "catalogue/attributes/"}) {
    const reply first = guest_.get(target);
    const std::string etag = first.header("ETag").value_or("");
    ASSERT_TRUE(etag.size() > 2 && etag.front() == '"' && etag.back() == '"') << target << ": " << etag;
    const reply same = guest_.get(target, {{"If-None-Match", etag}});
    EXPECT_EQ(same.status, 304) << target;
    EXPECT_TRUE(same.body.empty());
    EXPECT_EQ(same.header("ETag"), etag);
    EXPECT_TRUE(has_status(guest_.get(target, {{"If-None-Match", "\"other\""}}), 200));
    const reply head = guest_.call("HEAD", target);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("ETag"), etag);
  }
}

TEST_F(catalogue, a_change_is_made_only_to_what_was_seen) {
  const json::value made = make({{"name", "Watched"}});
  const std::string target = "catalogue/products/" + std::to_string(number_at(made, "/id")) + "/";
  const std::string etag = guest_.get(target).header("ETag").value_or("");
  ASSERT_TRUE(has_status(staff_.patch(target, {{"description", "First change"}}, {{"If-Match", etag}}), 200));
  EXPECT_TRUE(is_problem(staff_.patch(target, {{"description", "Second change"}}, {{"If-Match", etag}}), 412,
                         "etag_mismatch"));
  EXPECT_TRUE(is_problem(staff_.del(target, {{"If-Match", etag}}), 412, "etag_mismatch"));
  const reply now = guest_.get(target, {{"If-None-Match", etag}});
  ASSERT_TRUE(has_status(now, 200));
  EXPECT_EQ(text_at(now, "/description"), "First change");
  EXPECT_TRUE(has_status(staff_.del(target, {{"If-Match", now.header("ETag").value_or("")}}), 204));
  EXPECT_TRUE(is_problem(guest_.get(target), 404, "not_found"));
}

TEST_F(catalogue, an_ordered_product_is_archived_never_lost) {
  const product p = make_product(staff_, "Ordered", "10.00", {{5, {}}});
  const placed_order o = order_of(guest_, p.variants[0]);
  ASSERT_TRUE(has_status(staff_.del("catalogue/products/" + p.slug + "/"), 204));
  EXPECT_TRUE(is_problem(guest_.get("catalogue/products/" + p.slug + "/"), 404, "not_found"));
  EXPECT_EQ(text_at(staff_.get("catalogue/products/" + p.slug + "/"), "/status"), "archived");
  EXPECT_EQ(text_at(order_as_guest(guest_, o), "/items/0/product_name"), "Ordered");
}

TEST_F(catalogue, stock_moves_by_its_ledger_alone) {
  const std::int64_t variant = make_variant(staff_, 10);
  const std::string movements = "inventory/" + std::to_string(variant) + "/movements/";
  const reply came = staff_.post(movements, {{"quantity", 5}, {"reason", "delivery"}, {"note", "two boxes"}});
  ASSERT_TRUE(has_status(came, 201));
  EXPECT_EQ(number_at(came, "/on_hand"), 15);
  EXPECT_TRUE(has_status(staff_.post(movements, {{"quantity", -15}, {"reason", "count"}}), 201));
  EXPECT_TRUE(
      is_problem(staff_.post(movements, {{"quantity", -1}, {"reason", "count"}}), 409, "stock_reserved"));
  EXPECT_TRUE(has_fault(staff_.post(movements, {{"quantity", 0}, {"reason", "count"}}), "/quantity", "zero"));
  const json::value ledger = expect_body(staff_.get(movements), 200);
  const auto& rows = ledger.at("results").as_array();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(number_at(rows[0], "/quantity"), -15);
  EXPECT_EQ(text_at(rows[1], "/note"), "two boxes");
  EXPECT_EQ(number_at(rows[2], "/quantity"), 10);
  EXPECT_TRUE(is_problem(staff_.get("inventory/999999999/"), 404, "not_found"));
}

} // namespace
} // namespace nexus::blackbox
