// Categories, brands, attributes.
#include "catalogue/catalogue.hpp"
#include "inventory/inventory.hpp"
#include "inventory/tests/shop_server.hpp"
#include "platform/api/openapi.hpp"

#include <boost/json/serialize.hpp>

namespace nexus::catalogue {
namespace {

using nexus::testing::answer;
using nexus::testing::guest;
using nexus::testing::shop_server;

struct taxonomy : nexus::testing::shop_test {};

awaitable<std::int64_t> make(shop_server& shop, std::string target, std::string body) {
  const answer a = co_await shop.post(std::move(target), std::move(body));
  EXPECT_EQ(a.status, 201) << a.text;
  co_return a.number("/id");
}

awaitable<std::int64_t> make_category(shop_server& shop, std::string name, std::int64_t parent = 0) {
  return make(shop, "/catalogue/categories/",
              parent == 0 ? fmt::format(R"({{"name": "{}"}})", name)
                          : fmt::format(R"({{"name": "{}", "parent": {}}})", name, parent));
}

std::string category(std::int64_t id) { return fmt::format("/catalogue/categories/{}/", id); }
std::string parent(std::int64_t id) { return fmt::format(R"({{"parent": {}}})", id); }

} // namespace

TEST(catalogue_schema, describes_every_endpoint) {
  auto all = routes();
  for (auto& e : inventory::routes())
    all.push_back(std::move(e));
  const auto document = api::openapi_document({"Nexus", "1", "", "http://shop.test", {}}, all);
  const std::string text = boost::json::serialize(document);
  EXPECT_NE(text.find("/catalogue/products/{id}/variants/{variant_id}/"), std::string::npos);
  EXPECT_NE(
      text.find("\"anyOf\":[{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1},{\"type\":\"object\""),
      std::string::npos)
      << "a value is named by its id or by an object";
}

TEST_F(taxonomy, categories_are_made_read_moved_and_removed) {
  with_shop(routes(), [](shop_server& shop) -> awaitable<> {
    const auto clothes = co_await make_category(shop, "Clothes");
    const auto shirts = co_await make_category(shop, "Shirts", clothes);
    const auto tees = co_await make_category(shop, "T-shirts", shirts);
    auto a = co_await shop.get("/catalogue/categories/t-shirts/", guest);
    EXPECT_EQ(a.number("/id"), tees);
    EXPECT_EQ(a.number("/parent"), shirts);
    EXPECT_EQ((co_await shop.get("/catalogue/categories/nothing/")).status, 404);
    EXPECT_EQ((co_await shop.post("/catalogue/categories/", R"({"name": "Shirts"})")).at("/slug"),
              "shirts-2");
    EXPECT_EQ((co_await shop.post("/catalogue/categories/", R"({"name": "x", "slug": "shirts"})")).faults(),
              "/slug not_unique");
    EXPECT_EQ((co_await shop.post("/catalogue/categories/", R"({"name": "x", "parent": 999})")).faults(),
              "/parent unknown_reference");
    EXPECT_EQ((co_await shop.post("/catalogue/categories/", R"({"name": "x", "slug": "12"})")).faults(),
              "/slug invalid_slug");
    EXPECT_EQ((co_await shop.post("/catalogue/categories/", R"({"name": "x"})", guest)).status, 401);

    a = co_await shop.get("/catalogue/categories/?tree=true", guest);
    EXPECT_EQ(a.at("/results/0/children/0/children/0/slug"), "t-shirts");
    EXPECT_EQ(a.statements(), 1);

    for (const auto below : {clothes, shirts, tees}) {
      a = co_await shop.patch(category(clothes), parent(below));
      EXPECT_EQ(a.status, 422);
      EXPECT_EQ(a.code(), "category_cycle");
      EXPECT_EQ(a.faults(), "/parent category_cycle");
    }
    EXPECT_EQ((co_await shop.patch(category(tees), parent(999))).faults(), "/parent unknown_reference");
    EXPECT_EQ((co_await shop.patch(category(tees), R"({"slug": "shirts"})")).faults(), "/slug not_unique");
    a = co_await shop.patch(category(tees), R"({"parent": null, "name": "Tees", "position": 3})");
    EXPECT_EQ(a.text,
              fmt::format(R"({{"id":{},"name":"Tees","slug":"t-shirts","parent":null,"position":3}})", tees));
    EXPECT_EQ((co_await shop.get(category(tees))).text, a.text);

    EXPECT_EQ((co_await shop.del(category(clothes))).code(), "category_in_use");
    EXPECT_EQ((co_await shop.del(category(shirts))).status, 204);
    EXPECT_EQ((co_await shop.del(category(clothes))).status, 204);
    EXPECT_EQ((co_await shop.get(category(clothes))).status, 404);
  });
}

TEST_F(taxonomy, if_match_guards_a_change) {
  with_shop(routes(), [](shop_server& shop) -> awaitable<> {
    const auto id = co_await make_category(shop, "Tea");
    const std::string etag = (co_await shop.get(category(id))).header("ETag");
    EXPECT_FALSE(etag.empty());
    shop_server::call rename{"PATCH", category(id), R"({"name": "Green tea"})"};
    rename.headers = {{"If-Match", "\"other\", W/" + etag}};
    EXPECT_EQ((co_await shop.ask(rename)).code(), "etag_mismatch");
    rename.headers = {{"If-Match", "\"other\", " + etag}};
    EXPECT_EQ((co_await shop.ask(rename)).status, 200);
    EXPECT_EQ((co_await shop.ask(rename)).status, 412) << "it has changed since";
    shop_server::call remove{"DELETE", category(id)};
    remove.headers = {{"If-Match", etag}};
    EXPECT_EQ((co_await shop.ask(remove)).status, 412);
    remove.headers = {{"If-Match", "*"}};
    EXPECT_EQ((co_await shop.ask(remove)).status, 204);
    shop_server::call cached{"GET", "/catalogue/brands/", {}, guest};
    cached.headers = {{"If-None-Match", (co_await shop.get("/catalogue/brands/")).header("ETag")}};
    EXPECT_EQ((co_await shop.ask(cached)).status, 304);
  });
}

TEST_F(taxonomy, two_moves_at_once_make_no_cycle) {
  with_shop(routes(), [](shop_server& shop) -> awaitable<> {
    for (int round = 0; round < 10; ++round) {
      // Three roots, each moved below the next at the same time: any two can be had, never all three.
      std::vector<std::int64_t> ids;
      for (int i = 0; i < 3; ++i)
        ids.push_back(co_await make_category(shop, "Root"));
      std::vector<awaitable<answer>> moves;
      for (std::size_t i = 0; i < 3; ++i)
        moves.push_back(shop.patch(category(ids[i]), parent(ids[(i + 1) % 3])));
      const auto answers = co_await nexus::testing::together(std::move(moves));
      EXPECT_EQ(
          std::count_if(answers.begin(), answers.end(), [](const answer& a) { return a.status == 200; }), 2);
      EXPECT_EQ(std::count_if(answers.begin(), answers.end(),
                              [](const answer& a) { return a.code() == "category_cycle"; }),
                1);
    }
  });
}

TEST_F(taxonomy, brands) {
  with_shop(routes(), [](shop_server& shop) -> awaitable<> {
    auto a = co_await shop.post("/catalogue/brands/",
                                R"({"name": " Tomoca ", "website": "https://tomoca.example/"})");
    EXPECT_EQ(a.at("/name") + " " + a.at("/slug") + " " + a.at("/website"),
              "Tomoca tomoca https://tomoca.example/");
    const std::string id = a.at("/id");
    EXPECT_EQ((co_await shop.post("/catalogue/brands/", R"({"name": "TOMOCA"})")).faults(),
              "/name not_unique");
    EXPECT_EQ(
        (co_await shop.post("/catalogue/brands/", R"({"name": "", "website": "x", "typo": 1})")).faults(),
        "/name blank /website invalid_url /typo unknown_field");
    a = co_await shop.patch("/catalogue/brands/tomoca/", R"({"website": null, "slug": "tomoca-cafe"})");
    EXPECT_EQ(a.at("/website") + a.at("/slug"), "nulltomoca-cafe");
    EXPECT_EQ((co_await shop.get("/catalogue/brands/" + id + "/", guest)).text, a.text);
    co_await make(shop, "/catalogue/products/",
                  R"({"name": "Coffee", "base_price": "1", "currency": "ETB", "brand": )" + id + "}");
    EXPECT_EQ((co_await shop.del("/catalogue/brands/" + id + "/")).code(), "brand_in_use");
    co_await shop.patch("/catalogue/products/coffee/", R"({"brand": null})");
    EXPECT_EQ((co_await shop.del("/catalogue/brands/" + id)).status, 204);
    for (const auto* name : {"C", "A", "B", "D", "E"})
      co_await make(shop, "/catalogue/brands/", fmt::format(R"({{"name": "{}"}})", name));
    a = co_await shop.get("/catalogue/brands/?page_size=2&count=true", guest);
    EXPECT_EQ(a.results("name") + " " + a.at("/count"), "A,B 5");
    a = co_await shop.get(a.at("/next").substr(16), guest);
    EXPECT_EQ(a.results("name"), "C,D");
    a = co_await shop.get(a.at("/next").substr(16), guest);
    EXPECT_EQ(a.results("name") + a.at("/next"), "Enull");
    a = co_await shop.get(a.at("/previous").substr(16), guest);
    a = co_await shop.get(a.at("/previous").substr(16), guest);
    EXPECT_EQ(a.results("name") + a.at("/previous"), "A,Bnull");
  });
}

TEST_F(taxonomy, attributes_and_their_values) {
  with_shop(routes(), [](shop_server& shop) -> awaitable<> {
    auto a = co_await shop.post("/catalogue/attributes/", R"({"name": "Color", "values": ["Red", "Blue"]})");
    EXPECT_EQ(a.status, 201);
    EXPECT_EQ(a.at("/slug") + a.at("/values/0/value") + a.at("/values/1/value"), "colorRedBlue");
    const std::string target = "/catalogue/attributes/" + a.at("/id") + "/";
    EXPECT_EQ((co_await shop.get(target, guest)).text, a.text);
    EXPECT_EQ((co_await shop.post("/catalogue/attributes/", R"({"name": "COLOR"})")).faults(),
              "/name not_unique");
    EXPECT_EQ((co_await shop.post("/catalogue/attributes/", R"({"name": "Size", "values": ["L", " ", "l"]})"))
                  .faults(),
              "/values/1 blank /values/2 not_unique");
    a = co_await shop.post(target + "values/", R"({"value": "Green"})");
    EXPECT_EQ(a.status, 201);
    EXPECT_EQ(a.at("/value"), "Green");
    EXPECT_EQ((co_await shop.post(target + "values/", R"({"value": "green"})")).faults(),
              "/value not_unique");
    EXPECT_EQ((co_await shop.post("/catalogue/attributes/999/values/", R"({"value": "x"})")).status, 404);
    a = co_await shop.get("/catalogue/attributes/", guest);
    EXPECT_EQ(a.at("/results/0/values/2/value"), "Green");
    EXPECT_EQ(a.statements(), 1);
    EXPECT_EQ((co_await shop.patch(target, R"({"name": "Colour"})")).at("/name"), "Colour");
    EXPECT_EQ((co_await shop.del(target)).status, 204);
    EXPECT_EQ((co_await shop.get(target)).status, 404);
  });
}

} // namespace nexus::catalogue
