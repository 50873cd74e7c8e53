// The list of products: filters, orders, cursors.
#include "catalogue/catalogue.hpp"
#include "inventory/tests/shop_server.hpp"

namespace nexus::catalogue {
namespace {

using nexus::testing::answer;
using nexus::testing::guest;
using nexus::testing::shop_server;

struct product_list : nexus::testing::shop_test {};

// 45 products whose names, prices and times come in threes, in every order; all with "item" in the name.
constexpr const char* many_products = R"sql(
  INSERT INTO product (name, slug, base_price, price_min, price_max, currency, created_at, updated_at)
  SELECT 'Item ' || chr(65 + (n * 7 % 15)) || repeat(' item', n % 4), 'p' || n, 100 * (n * 4 % 15), 100 * (n * 4 % 15),
         100 * (n * 4 % 15), 'ETB', timestamptz '2026-01-01 00:00:00.000001Z' + interval '1 microsecond' * (n * 2 % 15), now()
  FROM generate_series(1, 45) n)sql";

std::string path_of(const std::string& url) {
  return url.substr(std::string_view("http://shop.test").size());
}

void append(std::string& all, const answer& page) {
  if (const std::string ids = page.results("id"); !ids.empty())
    all += ids + ",";
}

// All ids from the first page to the last, and back from the last to the first.
awaitable<std::pair<std::string, std::string>> walk(shop_server& shop, std::string target) {
  answer page = co_await shop.get(target, guest);
  EXPECT_EQ(page.status, 200) << page.text;
  EXPECT_EQ(page.statements(), 1);
  std::string forth;
  std::vector<std::string> back;
  for (;;) {
    append(forth, page);
    if (page.at("/next") == "null")
      break;
    page = co_await shop.get(path_of(page.at("/next")), guest);
    EXPECT_EQ(page.statements(), 1);
  }
  for (;;) {
    back.emplace_back();
    append(back.back(), page);
    if (page.at("/previous") == "null")
      break;
    page = co_await shop.get(path_of(page.at("/previous")), guest);
  }
  std::string whole;
  for (auto it = back.rbegin(); it != back.rend(); ++it)
    whole += *it;
  co_return std::pair{forth, whole};
}

std::string reversed(const std::string& ids) {
  std::string out;
  for (std::size_t at = 0; at < ids.size();) {
    const auto comma = ids.find(',', at);
    out.insert(0, ids.substr(at, comma + 1 - at));
    at = comma + 1;
  }
  return out;
}

} // namespace

TEST_F(product_list, has_no_gaps_in_any_order_either_way) {
  with_shop(routes(), [](shop_server& shop) -> awaitable<> {
    co_await shop.database.run_script(many_products);
    for (const std::string order : {"base_price", "name", "created_at", "relevance"}) {
      const std::string search = order == "relevance" ? "&search=item" : "";
      const std::string all = "/catalogue/products/?page_size=100" + search + "&ordering=";
      std::string up;
      append(up, co_await shop.get(all + order));
      EXPECT_EQ(std::count(up.begin(), up.end(), ','), 45);
      for (const std::string direction : {"", "-"}) {
        const auto [forth, back] = co_await walk(shop, "/catalogue/products/?page_size=4" + search +
                                                           "&ordering=" + direction + order);
        EXPECT_EQ(forth, direction.empty() ? up : reversed(up)) << direction << order;
        EXPECT_EQ(back, forth) << direction << order;
      }
    }
  });
}

TEST_F(product_list, finds_what_is_asked_for) {
  with_shop(routes(), [&](shop_server& shop) -> awaitable<> {
    const auto post = [&](std::string target, std::string body) -> awaitable<> {
      time.at += std::chrono::seconds(1);
      const answer a = co_await shop.post("/catalogue/" + target + "/", std::move(body));
      EXPECT_EQ(a.status, 201) << a.text;
    };
    co_await post("brands", R"({"name": "Tide"})");
    co_await post("categories", R"({"name": "Clothes"})");
    co_await post("categories", R"({"name": "Shirts", "parent": 1})");
    co_await post("categories", R"({"name": "Food"})");
    co_await post(
        "products",
        R"({"name": "Ocean T-shirt", "brand": 1, "categories": [2], "base_price": "100", "currency": "ETB", "variants": [
      {"sku": "1", "price": "80", "attribute_values": [{"attribute": "Color", "value": "Red"}, {"attribute": "Size", "value": "L"}], "stock": 1},
      {"sku": "2", "price": "120", "attribute_values": [{"attribute": "Color", "value": "Blue"}, {"attribute": "Size", "value": "M"}]}]})");
    co_await post(
        "products",
        R"({"name": "Trousers", "description": "Not a shirt", "categories": [1], "base_price": "300", "currency": "ETB", "variants": [
      {"sku": "3", "attribute_values": [{"attribute": "Color", "value": "Red"}]}]})");
    co_await post("products",
                  R"({"name": "ይርጋጨፌ Coffee", "categories": [3], "base_price": "50", "currency": "ETB"})");

    const auto expect = [&](std::string query, std::string ids) -> awaitable<> {
      const answer a = co_await shop.get("/catalogue/products/?count=true&" + query, guest);
      EXPECT_EQ(a.results("id"), ids) << query << a.text;
      const auto count = ids.empty() ? 0 : std::count(ids.begin(), ids.end(), ',') + 1;
      EXPECT_EQ(a.number("/count"), count) << query;
      EXPECT_LE(a.statements(), 2);
    };
    co_await expect("", "3,2,1");
    co_await expect("ordering=name", "1,2,3");
    co_await expect("search=shirt", "1,2");
    co_await expect("search=SHI+oce", "1");
    co_await expect("search=t-shirt", "1,2"); // T… shirt…
    co_await expect("search=ocean+t-shirt", "1");
    co_await expect("search=%E1%8B%AD%E1%88%AD%E1%8C%8B", "3");
    co_await expect("search=%21%21", "");
    co_await expect("search=shirt&ordering=base_price&page_size=1&max_price=110", "1");
    co_await expect("category=1", "2,1");
    co_await expect("category=shirts", "1");
    co_await expect("category=nothing", "");
    co_await expect("category=99", "");
    co_await expect("brand=tide", "1");
    co_await expect("brand=1&category=clothes&search=ocean", "1");
    co_await expect("brand=2", "");
    co_await expect("min_price=120", "2,1");
    co_await expect("max_price=79.99", "3");
    co_await expect("min_price=81&max_price=299", "1");
    co_await expect("in_stock=true", "1");
    co_await expect("in_stock=false", "3,2");
    co_await expect("attributes[color]=red", "2,1");
    co_await expect("attributes[Color]=Red,Blue&attributes[size]=l", "1");
    co_await expect("attributes[color]=blue&attributes[size]=l", "");
    co_await expect("attributes[color]=blue&in_stock=true", "");
    co_await expect("attributes[color]=red&in_stock=true", "1");
    co_await expect("attributes[nothing]=red", "");

    const answer card = co_await shop.get("/catalogue/products/?search=ocean", guest);
    EXPECT_EQ(card.at("/results/0/price_range"), R"({"min":"80.00","max":"120.00"})");
    EXPECT_EQ(card.at("/results/0/brand/slug") + card.at("/results/0/categories/0/slug"), "tideshirts");
    EXPECT_EQ(card.at("/results/0/is_available") + card.at("/results/0/variants"), "true(none)");
    EXPECT_EQ(card.statements(), 1);
  });
}

TEST_F(product_list, refuses_what_it_does_not_understand) {
  with_shop(routes(), [](shop_server& shop) -> awaitable<> {
    const auto faults = [&](std::string query) -> awaitable<std::string> {
      const answer a = co_await shop.get("/catalogue/products/?" + query, guest);
      EXPECT_EQ(a.status, 422) << query;
      co_return a.faults();
    };
    EXPECT_EQ(co_await faults("ordering=price"), "?ordering invalid_choice");
    EXPECT_EQ(co_await faults("page_size=101"), "?page_size too_large");
    EXPECT_EQ(co_await faults("min_price=1.001&max_price=2.222"),
              "?min_price invalid_decimal ?max_price invalid_decimal");
    EXPECT_EQ(co_await faults("min_price=-1"), "?min_price too_small");
    EXPECT_EQ(co_await faults("colour=red"), "?colour unknown_parameter");
    const std::string by_name = "bh9hHzE"; // "n", "a", "1"
    EXPECT_EQ((co_await shop.get("/catalogue/products/?ordering=name&cursor=" + by_name, guest)).status, 200);
    EXPECT_EQ(co_await faults("ordering=base_price&cursor=" + by_name), "?cursor invalid_cursor");
    EXPECT_EQ(co_await faults("ordering=created_at&cursor=" + by_name), "?cursor invalid_cursor");
  });
}

} // namespace nexus::catalogue
