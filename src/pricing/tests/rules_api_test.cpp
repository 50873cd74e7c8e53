// Shipping methods, tax rates and promotions as staff keeps them.
#include "catalogue/catalogue.hpp"
#include "inventory/tests/shop_server.hpp"
#include "pricing/pricing.hpp"

namespace nexus::pricing {
namespace {

using nexus::testing::answer;
using nexus::testing::guest;
using nexus::testing::shop_server;

struct pricing_rules : nexus::testing::shop_test {
  static std::vector<api::endpoint> endpoints() {
    auto all = routes();
    for (auto& e : catalogue::routes())
      all.push_back(std::move(e));
    return all;
  }
};

awaitable<std::int64_t> make(shop_server& shop, std::string target, std::string body) {
  const answer a = co_await shop.post(std::move(target), std::move(body));
  EXPECT_EQ(a.status, 201) << a.text;
  co_return a.number("/id");
}

std::string post_id(std::string_view list, std::int64_t id) { return fmt::format("{}{}/", list, id); }

constexpr std::string_view methods = "/pricing/shipping-methods/";
constexpr std::string_view rates = "/pricing/tax-rates/";
constexpr std::string_view promotions = "/pricing/promotions/";

} // namespace

TEST_F(pricing_rules, shipping_methods_are_made_read_changed_and_removed) {
  with_shop(endpoints(), [](shop_server& shop) -> awaitable<> {
    const std::int64_t id =
        co_await make(shop, std::string(methods),
                      R"({"name": "Post", "currency": "ETB", "price": "50", "price_per_kg": "7.50",
                                              "free_from": "1000.00", "countries": ["ET"], "max_weight_grams": 20000})");
    const std::int64_t hidden =
        co_await make(shop, std::string(methods),
                      R"({"name": "Later", "currency": "ETB", "price": "1", "is_active": false})");
    answer a = co_await shop.get(std::string(methods) + "?count=true", guest);
    EXPECT_EQ(a.results("name"), "Post") << "customers see what they can choose";
    EXPECT_EQ(a.number("/count"), 1);
    EXPECT_EQ((co_await shop.get(std::string(methods))).results("name"), "Post,Later");
    EXPECT_EQ((co_await shop.get(post_id(methods, hidden), guest)).status, 404);
    a = co_await shop.get(post_id(methods, id), guest);
    EXPECT_EQ(a.at("/price"), "50.00");
    EXPECT_EQ(a.at("/price_per_kg"), "7.50");
    EXPECT_EQ(a.at("/free_from"), "1000.00");
    EXPECT_EQ(a.at("/countries/0"), "ET");

    const std::string etag = a.header("ETag");
    a = co_await shop.ask({"PATCH",
                           post_id(methods, id),
                           R"({"price": "60.00", "free_from": null, "countries": []})",
                           nexus::testing::staff,
                           {{"If-Match", etag}}});
    EXPECT_EQ(a.at("/price"), "60.00") << a.text;
    EXPECT_EQ(a.at("/free_from"), "null");
    EXPECT_EQ(a.at("/countries"), "[]");
    for (const char* method : {"PATCH", "DELETE"})
      EXPECT_EQ((co_await shop.ask({method,
                                    post_id(methods, id),
                                    std::string(method) == "PATCH" ? R"({"price": "1"})" : "",
                                    nexus::testing::staff,
                                    {{"If-Match", etag}}}))
                    .code(),
                "etag_mismatch");
    EXPECT_EQ((co_await shop.patch(post_id(methods, id), R"({"name": "Later"})")).faults(),
              "/name not_unique");
    EXPECT_EQ((co_await shop.post(std::string(methods), R"({"name": "x", "currency": "ETB", "price": "-1",
                                                            "price_per_kg": "0.001", "countries": ["XX"]})"))
                  .faults(),
              "/price too_small /countries/0 invalid_country");
    EXPECT_EQ(
        (co_await shop.post(std::string(methods), R"({"name": "x", "currency": "ETB", "price": "0.001"})"))
            .faults(),
        "/price invalid_decimal");
    EXPECT_EQ((co_await shop.post(std::string(methods), "{}", "catalogue.write")).code(),
              "permission_denied");
    EXPECT_EQ((co_await shop.post(std::string(methods), "{}", guest)).code(), "not_authenticated");
    EXPECT_EQ((co_await shop.del(post_id(methods, id))).status, 204);
    EXPECT_EQ((co_await shop.get(post_id(methods, id))).status, 404);
  });
}

TEST_F(pricing_rules, tax_rates_are_of_a_country_or_a_category_there) {
  with_shop(endpoints(), [](shop_server& shop) -> awaitable<> {
    const std::int64_t books = co_await make(shop, "/catalogue/categories/", R"({"name": "Books"})");
    const std::int64_t id =
        co_await make(shop, std::string(rates),
                      R"({"name": "VAT 15 %", "country": "ET", "percentage": "15", "is_included": true})");
    const std::string of_books =
        fmt::format(R"({{"name": "Books", "country": "ET", "percentage": "2.5", "category": {}}})", books);
    const std::int64_t low = co_await make(shop, std::string(rates), of_books);
    EXPECT_EQ((co_await shop.get(post_id(rates, id), guest)).at("/percentage"), "15.00");
    EXPECT_EQ((co_await shop.get(post_id(rates, low), guest)).at("/percentage"), "2.50");
    EXPECT_EQ((co_await shop.post(std::string(rates), of_books)).faults(), "/category not_unique");
    EXPECT_EQ((co_await shop.post(std::string(rates), R"({"name": "x", "country": "ET", "percentage": "1"})"))
                  .faults(),
              "/category not_unique");
    EXPECT_EQ((co_await shop.post(std::string(rates),
                                  R"({"name": "x", "country": "KE", "percentage": "1", "category": 99})"))
                  .faults(),
              "/category unknown_reference");
    EXPECT_EQ(
        (co_await shop.post(std::string(rates), R"({"name": "x", "country": "KE", "percentage": "100.01"})"))
            .faults(),
        "/percentage too_large");
    EXPECT_EQ(
        (co_await shop.post(std::string(rates), R"({"name": "x", "country": "KE", "percentage": "1.001"})"))
            .faults(),
        "/percentage invalid_decimal");
    EXPECT_EQ((co_await shop.patch(post_id(rates, id), R"({"percentage": "14.75"})")).at("/percentage"),
              "14.75");
    EXPECT_EQ((co_await shop.del(fmt::format("/catalogue/categories/{}/", books))).status, 204);
    EXPECT_EQ((co_await shop.get(post_id(rates, low))).status, 404) << "a category takes its rate with it";
    EXPECT_EQ((co_await shop.del(post_id(rates, id))).status, 204);
  });
}

TEST_F(pricing_rules, promotions_keep_what_they_promise) {
  with_shop(endpoints(), [](shop_server& shop) -> awaitable<> {
    const std::int64_t id = co_await make(shop, std::string(promotions),
                                          R"({"name": "Welcome", "code": " welcome10 ", "kind": "percentage",
                                              "percentage": "10", "max_uses": 100, "ends_at": "2027-01-01T00:00:00Z"})");
    answer a = co_await shop.get(post_id(promotions, id));
    EXPECT_EQ(a.at("/code"), "WELCOME10");
    EXPECT_EQ(a.at("/percentage"), "10.00");
    EXPECT_EQ(a.at("/amount"), "null");
    EXPECT_EQ(a.at("/applies_to"), "order");
    EXPECT_EQ(a.at("/starts_at"), "2026-01-02T03:04:05Z");
    EXPECT_EQ((co_await shop.get(post_id(promotions, id), guest)).status, 401)
        << "codes are not for everybody";
    EXPECT_EQ((co_await shop.get(std::string(promotions), "orders.read")).status, 403);
    EXPECT_EQ((co_await shop.get(post_id(promotions, id) + "usage/")).number("/used"), 0);

    EXPECT_EQ((co_await shop.post(std::string(promotions),
                                  R"({"name": "x", "code": "Welcome10", "kind": "amount", "amount": "5"})"))
                  .faults(),
              "/code not_unique");
    EXPECT_EQ(
        (co_await shop.post(std::string(promotions),
                            R"({"name": "x", "kind": "amount", "percentage": "5", "applies_to": "product"})"))
            .faults(),
        "/percentage not_allowed /amount required /target_ids required");
    EXPECT_EQ(
        (co_await shop.post(std::string(promotions), R"({"name": "x", "kind": "percentage", "percentage": "0",
                                   "applies_to": "category", "target_ids": [77], "starts_at": "2026-02-01T00:00:00Z",
                                   "ends_at": "2026-01-01T00:00:00Z"})"))
            .faults(),
        "/percentage too_small /ends_at too_small /target_ids/0 unknown_reference");
    EXPECT_EQ((co_await shop.patch(post_id(promotions, id), R"({"percentage": "50"})")).faults(),
              "/percentage unknown_field");
    a = co_await shop.patch(post_id(promotions, id),
                            R"({"max_uses": null, "max_uses_per_customer": 2, "ends_at": null})");
    EXPECT_EQ(a.at("/max_uses"), "null") << a.text;
    EXPECT_EQ(a.number("/max_uses_per_customer"), 2);
    EXPECT_EQ(a.at("/ends_at"), "null");
    EXPECT_EQ((co_await shop.ask({"PATCH",
                                  post_id(promotions, id),
                                  R"({"priority": 3})",
                                  nexus::testing::staff,
                                  {{"If-Match", "\"another\""}}}))
                  .code(),
              "etag_mismatch");
    EXPECT_EQ((co_await shop.del(post_id(promotions, id))).status, 204);
    EXPECT_EQ((co_await shop.get(post_id(promotions, id))).status, 404) << "never used";
  });
}

TEST_F(pricing_rules, are_listed_page_by_page) {
  with_shop(endpoints(), [](shop_server& shop) -> awaitable<> {
    for (int i = 1; i <= 5; ++i)
      co_await make(
          shop, std::string(promotions),
          fmt::format(R"({{"name": "P{}", "kind": "amount", "amount": "1", "currency": "USD"}})", i));
    const answer first = co_await shop.get(std::string(promotions) + "?page_size=2&count=true");
    EXPECT_EQ(first.results("name"), "P1,P2");
    EXPECT_EQ(first.number("/count"), 5);
    const std::string next = first.at("/next");
    const answer second = co_await shop.get(next.substr(next.find("/pricing")));
    EXPECT_EQ(second.results("name"), "P3,P4");
    const std::string back = second.at("/previous");
    EXPECT_EQ((co_await shop.get(back.substr(back.find("/pricing")))).results("name"), "P1,P2");
    EXPECT_EQ((co_await shop.get(std::string(promotions) + "?cursor=zzz")).faults(),
              "?cursor invalid_cursor");
  });
}

} // namespace nexus::pricing
