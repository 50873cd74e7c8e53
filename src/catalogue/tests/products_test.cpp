// Products, variants, images.
#include "catalogue/catalogue.hpp"
#include "inventory/inventory.hpp"
#include "inventory/tests/shop_server.hpp"

namespace nexus::catalogue {
namespace {

using nexus::testing::answer;
using nexus::testing::guest;
using nexus::testing::shop_server;

struct product : nexus::testing::shop_test {
  static std::vector<api::endpoint> all_routes() {
    auto all = routes();
    for (auto& e : inventory::routes())
      all.push_back(std::move(e));
    return all;
  }
};

constexpr std::string_view shirt = R"({
  "name": "Ocean Shirt", "description": "Cool.", "brand": 1, "categories": [1], "base_price": "1250.00",
  "currency": "ETB", "variants": [
    {"sku": "OS-R-L", "attribute_values": [{"attribute": "Color", "value": "Red"}, {"attribute": "Size", "value": "Large"}],
     "stock": 4},
    {"sku": "OS-B-L", "price": "1300.5", "compare_at_price": "1500", "image": "https://img.example/blue.jpg",
     "attribute_values": [{"attribute": "color", "value": "Blue"}, {"attribute": "SIZE", "value": "large"}]}]})";

awaitable<answer> make_shirt(shop_server& shop) {
  co_await shop.post("/catalogue/brands/", R"({"name": "Tide"})");
  co_await shop.post("/catalogue/categories/", R"({"name": "Shirts"})");
  answer a = co_await shop.post("/catalogue/products/", std::string(shirt));
  EXPECT_EQ(a.status, 201) << a.text;
  co_return a;
}

} // namespace

TEST_F(product, every_statement_of_the_program_fits_the_schema) {
  with_shop(all_routes(), [](shop_server& shop) -> awaitable<> {
    int wrong = 0;
    for (const db::statement* s : db::statement::all()) {
      const bool ours = s->name().starts_with("catalogue.") || s->name().starts_with("inventory.");
      if (!ours)
        continue;
      std::string failure;
      try {
        co_await shop.database.run_script("PREPARE fits AS " + std::string(s->text()) + "; DEALLOCATE fits");
      } catch (const std::exception& e) {
        failure = e.what();
        ++wrong;
      }
      EXPECT_EQ(failure, "") << s->name();
      if (wrong > 5)
        co_return;
    }
  });
}

TEST_F(product, is_made_with_its_variants_and_read_whole) {
  with_shop(all_routes(), [](shop_server& shop) -> awaitable<> {
    const answer made = co_await make_shirt(shop);
    EXPECT_EQ(made.at("/slug"), "ocean-shirt");
    EXPECT_EQ(made.at("/base_price") + made.at("/currency"), "1250.00ETB");
    EXPECT_EQ(made.at("/price_range/min") + " " + made.at("/price_range/max"), "1250.00 1300.50");
    EXPECT_EQ(made.at("/is_available"), "true");
    EXPECT_EQ(made.at("/variants/0/name") + "|" + made.at("/variants/1/name"), "Red / Large|Blue / Large");
    EXPECT_EQ(made.at("/variants/0/price") + " " + made.at("/variants/1/price"), "1250.00 1300.50");
    EXPECT_EQ(made.at("/variants/1/compare_at_price"), "1500.00");
    EXPECT_EQ(made.at("/variants/0/available") + made.at("/variants/1/available"), "40");
    EXPECT_EQ(made.at("/variants/0/attribute_values"),
              R"([{"attribute":"Color","value":"Red"},{"attribute":"Size","value":"Large"}])");
    EXPECT_EQ(made.at("/variants/1/attribute_values/1/value"), "Large") << "as it was first written";
    EXPECT_EQ(made.at("/attributes/0/name") + made.at("/attributes/0/values/1/value"), "ColorBlue");
    EXPECT_EQ(made.at("/brand"), R"({"id":1,"name":"Tide","slug":"tide"})");
    EXPECT_EQ(made.at("/categories"), R"([{"id":1,"name":"Shirts","slug":"shirts"}])");
    EXPECT_EQ(made.at("/main_image") + made.at("/images"), "null[]");
    EXPECT_EQ(made.at("/created_at"), "2026-01-02T03:04:05Z");
    for (const auto* key :
         {"/catalogue/products/1/", "/catalogue/products/ocean-shirt/", "/catalogue/products/1"}) {
      const answer read = co_await shop.get(key, guest);
      EXPECT_EQ(read.text, made.text);
      EXPECT_EQ(read.statements(), 2);
    }
    EXPECT_EQ((co_await shop.get("/inventory/1/movements/")).results("quantity"), "4");
    const answer plain = co_await shop.post(
        "/catalogue/products/", R"({"name": "Ocean Shirt", "base_price": "5", "currency": "USD"})");
    EXPECT_EQ(plain.at("/slug") + plain.at("/is_available") + plain.at("/price_range/min"),
              "ocean-shirt-2false5.00");
    EXPECT_EQ((co_await shop.get("/catalogue/products/nothing/")).status, 404);
    EXPECT_EQ((co_await shop.get("/catalogue/products/99999999999999999999999/")).status, 404);
  });
}

TEST_F(product, names_all_that_is_wrong) {
  with_shop(all_routes(), [](shop_server& shop) -> awaitable<> {
    co_await make_shirt(shop);
    const auto faults = [&](std::string body) -> awaitable<std::string> {
      const answer a = co_await shop.post("/catalogue/products/", std::move(body));
      EXPECT_EQ(a.status, 422);
      co_return a.faults();
    };
    EXPECT_EQ(co_await faults(R"({"base_price": "-1", "currency": "XXX", "price": 1})"),
              "/name required /base_price too_small /currency invalid_currency /price unknown_field");
    EXPECT_EQ(
        co_await faults(
            R"({"name": "a", "base_price": "1.005", "currency": "ETB", "brand": 9, "categories": [1, 8, 9], "slug": "7"})"),
        "/slug invalid_slug /base_price invalid_decimal /brand unknown_reference "
        "/categories/1 unknown_reference /categories/2 unknown_reference");
    EXPECT_EQ(
        co_await faults(R"({"name": "a", "base_price": "1", "currency": "ETB", "slug": "ocean-shirt"})"),
        "/slug not_unique");
    EXPECT_EQ(co_await faults(R"({"name": "a", "base_price": "1", "currency": "ETB", "variants": [
                {"sku": "X", "price": "0.001"}, {"sku": "OS-R-L", "attribute_values": [999, {"attribute": 77, "value": "v"}]},
                {"sku": "X", "attribute_values": [1, {"attribute": "Color", "value": "Blue"}]}]})"),
              "/variants/1/sku not_unique /variants/2/sku not_unique "
              "/variants/1/attribute_values/1/attribute unknown_reference "
              "/variants/1/attribute_values/0 unknown_reference /variants/0/price invalid_decimal "
              "/variants/2/attribute_values/1 not_unique");
    EXPECT_EQ(co_await faults(R"({"name": "a", "base_price": "1", "currency": "ETB", "variants": [
                {"sku": "Y1", "attribute_values": [2]}, {"sku": "Y2", "attribute_values": [{"attribute": "Color", "value": "RED"}]}]})"),
              "/variants/1/attribute_values not_unique");
    EXPECT_EQ((co_await shop.get("/catalogue/products/?count=true")).number("/count"), 1)
        << "nothing was made";
    const answer refused = co_await shop.post(
        "/catalogue/products/",
        R"({"name": "a", "base_price": "1", "currency": "ETB", "variants": [{"sku": "Z", "stock": 1}]})",
        "catalogue.write");
    EXPECT_EQ(refused.status, 403);
  });
}

TEST_F(product, variants_come_change_and_go) {
  with_shop(all_routes(), [](shop_server& shop) -> awaitable<> {
    const answer made = co_await make_shirt(shop);
    EXPECT_EQ(made.at("/attributes/0/values/0/id") + made.at("/attributes/1/values/0/id"),
              "23"); // Red, Large
    const std::string list = "/catalogue/products/ocean-shirt/variants/";
    answer a = co_await shop.post(
        list,
        R"({"sku": "OS-G-L", "price": "900", "attribute_values": [{"attribute": "Color", "value": "Green"}, 3]})");
    EXPECT_EQ(a.status, 201) << a.text;
    EXPECT_EQ(a.at("/name") + a.at("/price"), "Green / Large900.00");
    const std::string green = list + a.at("/id") + "/";
    EXPECT_EQ((co_await shop.get(green, guest)).text, a.text);
    EXPECT_EQ((co_await shop.get("/catalogue/products/1/")).at("/price_range/min"), "900.00");
    EXPECT_EQ((co_await shop.post(list, R"({"sku": "OS-G-L"})")).faults(), "/sku not_unique");
    EXPECT_EQ((co_await shop.post(list, R"({"sku": "N", "attribute_values": [3, 2]})")).faults(),
              "/attribute_values not_unique");
    EXPECT_EQ((co_await shop.post("/catalogue/products/999/variants/", R"({"sku": "N"})")).status, 404);
    a = co_await shop.get(list + "?page_size=2&count=true", guest);
    EXPECT_EQ(a.results("sku") + a.at("/count"), "OS-R-L,OS-B-L3");
    EXPECT_EQ((co_await shop.get(a.at("/next").substr(16))).results("sku"), "OS-G-L");

    EXPECT_EQ((co_await shop.patch(green, R"({"sku": "OS-R-L"})")).faults(), "/sku not_unique");
    EXPECT_EQ((co_await shop.patch(green, R"({"attribute_values": [2, 3]})")).faults(),
              "/attribute_values not_unique");
    EXPECT_EQ((co_await shop.patch(green, R"({"price": "1.001", "compare_at_price": "-1"})")).faults(),
              "/compare_at_price too_small");
    const std::string etag = (co_await shop.get(green)).header("ETag");
    shop_server::call change{
        "PATCH", green,
        R"({"price": null, "sku": "OS-G", "attribute_values": [{"attribute": "Color", "value": "Green"}]})"};
    change.headers = {{"If-Match", etag}};
    a = co_await shop.ask(change);
    EXPECT_EQ(a.at("/name") + a.at("/price") + a.at("/sku"), "Green1250.00OS-G");
    EXPECT_EQ((co_await shop.ask(change)).status, 412);

    a = co_await shop.patch("/catalogue/products/1/", R"({"base_price": "1100"})");
    EXPECT_EQ(a.at("/variants/0/price") + " " + a.at("/variants/1/price") + " " + a.at("/variants/2/price"),
              "1100.00 1300.50 1100.00")
        << "those without a price of their own follow";
    EXPECT_EQ(a.at("/price_range/min"), "1100.00");

    EXPECT_EQ((co_await shop.del(green)).status, 204);
    EXPECT_EQ((co_await shop.get("/inventory/3/")).status, 404) << "it never moved: deleted";
    EXPECT_EQ((co_await shop.del(list + "1/")).status, 204);
    EXPECT_EQ((co_await shop.get("/inventory/1/")).number("/on_hand"), 4) << "it has a history: archived";
    a = co_await shop.get("/catalogue/products/1/", guest);
    EXPECT_EQ(a.at("/price_range/min") + a.at("/is_available") + a.at("/variants/0/sku"),
              "1300.50falseOS-B-L");
    EXPECT_EQ((co_await shop.post(list, R"({"sku": "OS-R-L2", "attribute_values": [2, 3]})")).status, 201);
  });
}

TEST_F(product, is_changed_hidden_and_retired) {
  with_shop(all_routes(), [](shop_server& shop) -> awaitable<> {
    co_await make_shirt(shop);
    const std::string page = "/catalogue/products/1/";
    const std::string etag = (co_await shop.get(page, guest)).header("ETag");
    shop_server::call change{
        "PATCH", page, R"({"name": "River Shirt", "brand": null, "categories": [], "status": "draft"})"};
    change.headers = {{"If-Match", etag}};
    answer a = co_await shop.ask(change);
    EXPECT_EQ(a.at("/name") + a.at("/slug") + a.at("/brand") + a.at("/categories") + a.at("/status"),
              "River Shirtocean-shirtnull[]draft");
    EXPECT_EQ((co_await shop.ask(change)).code(), "etag_mismatch");
    EXPECT_EQ((co_await shop.get(page, guest)).status, 404);
    EXPECT_EQ((co_await shop.get(page + "variants/", guest)).status, 404);
    EXPECT_EQ((co_await shop.get(page + "images/", guest)).status, 404);
    EXPECT_EQ((co_await shop.get(page, "orders.read")).status, 404);
    EXPECT_EQ((co_await shop.get(page, "catalogue.write")).at("/status"), "draft");
    EXPECT_EQ((co_await shop.get("/catalogue/products/")).results("id"), "");
    EXPECT_EQ((co_await shop.get("/catalogue/products/?status=draft")).results("id"), "1");
    EXPECT_EQ((co_await shop.get("/catalogue/products/?status=draft", guest)).status, 403);

    EXPECT_EQ((co_await shop.patch(page, R"({"currency": "USD"})")).code(), "currency_in_use");
    EXPECT_EQ((co_await shop.patch(
                   page, R"({"brand": 99, "categories": [98], "base_price": "1.001", "slug": "1"})"))
                  .faults(),
              "/slug invalid_slug /base_price invalid_decimal /brand unknown_reference /categories/0 "
              "unknown_reference");
    co_await shop.post("/catalogue/products/", R"({"name": "Other", "base_price": "2", "currency": "ETB"})");
    EXPECT_EQ((co_await shop.patch("/catalogue/products/other/", R"({"slug": "ocean-shirt"})")).faults(),
              "/slug not_unique");
    EXPECT_EQ((co_await shop.patch("/catalogue/products/other/", R"({"currency": "USD"})")).faults(),
              "/base_price required");
    a = co_await shop.patch(
        "/catalogue/products/other/",
        R"({"currency": "USD", "base_price": "3", "slug": "another", "status": "archived"})");
    EXPECT_EQ(a.at("/currency") + a.at("/price_range/max") + a.at("/slug"), "USD3.00another");

    shop_server::call remove{"DELETE", "/catalogue/products/another/"};
    remove.headers = {{"If-Match", etag}};
    EXPECT_EQ((co_await shop.ask(remove)).status, 412);
    EXPECT_EQ((co_await shop.del("/catalogue/products/another/")).status, 204);
    EXPECT_EQ((co_await shop.get("/catalogue/products/another/")).status, 404) << "deleted";
    EXPECT_EQ((co_await shop.del(page)).status, 204);
    EXPECT_EQ((co_await shop.get(page)).at("/status"), "archived") << "it has a history";
    EXPECT_EQ((co_await shop.del("/catalogue/products/another/")).status, 404);
  });
}

TEST_F(product, images_lie_elsewhere) {
  with_shop(all_routes(), [](shop_server& shop) -> awaitable<> {
    co_await make_shirt(shop);
    const std::string images = "/catalogue/products/1/images/";
    answer a = co_await shop.post(images, R"({"url": "https://img.example/1.jpg", "alt_text": "Front"})");
    EXPECT_EQ(a.status, 201);
    EXPECT_EQ(a.number("/position"), 0);
    a = co_await shop.post(images, R"({"url": "https://img.example/2.jpg"})");
    EXPECT_EQ(a.number("/position"), 1);
    EXPECT_EQ((co_await shop.post(images, R"({"url": "https://img.example/2.jpg"})")).faults(),
              "/url not_unique");
    EXPECT_EQ((co_await shop.post(images, R"({"url": "ftp://x", "position": -1})")).faults(),
              "/url invalid_url /position too_small");
    a = co_await shop.get("/catalogue/products/1/", guest);
    EXPECT_EQ(a.at("/main_image"), R"({"url":"https://img.example/1.jpg","alt_text":"Front"})");
    EXPECT_EQ(a.number("/images/1/id"), 2);
    EXPECT_EQ((co_await shop.get("/catalogue/products/", guest)).at("/results/0/main_image"),
              a.at("/main_image"));
    a = co_await shop.get(images + "?page_size=1", guest);
    EXPECT_EQ(a.results("id"), "1");
    EXPECT_EQ((co_await shop.get(a.at("/next").substr(16), guest)).results("id"), "2");
    EXPECT_EQ((co_await shop.del(images + "1/")).status, 204);
    EXPECT_EQ((co_await shop.del(images + "1/")).status, 404);
    EXPECT_EQ((co_await shop.get("/catalogue/products/1/")).at("/main_image/url"),
              "https://img.example/2.jpg");
  });
}

TEST_F(product, offers_are_what_a_cart_may_show) {
  with_shop(all_routes(), [](shop_server& shop) -> awaitable<> {
    co_await make_shirt(shop);
    db::usage used;
    db::session session = shop.database.use(&used);
    std::vector<std::int64_t> ids{2, 1, 99, 1};
    auto offers = co_await find_offers(session, ids);
    EXPECT_EQ(used.statements, 1);
    EXPECT_EQ(offers.size(), 2U);
    EXPECT_EQ(offers[0].variant_id, 1);
    EXPECT_EQ(offers[0].variant_name + offers[0].product_name + offers[0].product_slug,
              "Red / LargeOcean Shirtocean-shirt");
    EXPECT_EQ(offers[0].available, 4);
    EXPECT_EQ(to_string(offers[1].price), "1300.50");
    EXPECT_EQ(offers[1].image_url, "https://img.example/blue.jpg");
    co_await shop.patch("/catalogue/products/1/", R"({"status": "draft"})");
    EXPECT_TRUE((co_await find_offers(session, ids)).empty());
  });
}

TEST_F(product, the_same_made_at_once_is_made_once_each) {
  with_shop(all_routes(), [](shop_server& shop) -> awaitable<> {
    std::vector<awaitable<answer>> all;
    for (int i = 0; i < 8; ++i)
      all.push_back(shop.post("/catalogue/products/",
                              fmt::format(
                                  R"({{"name": "Tea", "base_price": "1", "currency": "ETB", "variants": [
              {{"sku": "T{}", "attribute_values": [{{"attribute": "Leaf", "value": "Green"}}]}}]}})",
                                  i % 4)));
    const auto answers = co_await nexus::testing::together(std::move(all));
    std::vector<std::string> slugs;
    for (const answer& a : answers)
      if (a.status == 201)
        slugs.push_back(a.at("/slug"));
      else
        EXPECT_EQ(a.faults(), "/variants/0/sku not_unique");
    std::sort(slugs.begin(), slugs.end());
    EXPECT_EQ(slugs.size(), 4U);
    EXPECT_EQ(std::unique(slugs.begin(), slugs.end()), slugs.end());
    EXPECT_EQ((co_await shop.get("/catalogue/attributes/")).at("/results/0/values/1"), "(none)");
  });
}

} // namespace nexus::catalogue
