// The whole way, as the README's tour goes it: a catalogue imported by command, everything else over HTTP.
#include "harness/shopping.hpp"

#include <fstream>

namespace nexus::blackbox {
namespace {

class tour : public shop_suite<tour> {};

json::value find_by_search(client& c, const std::string& words) {
  const json::value page = expect_body(c.get("catalogue/products/?search=" + words), 200);
  EXPECT_EQ(page.at("results").as_array().size(), 1u) << words;
  return page.at("results").as_array().at(0);
}

std::int64_t variant_with(const json::value& product, const std::string& sku) {
  for (const json::value& v : product.at("variants").as_array())
    if (text_at(v, "/sku") == sku)
      return number_at(v, "/id");
  throw std::runtime_error("no variant " + sku);
}

TEST_F(tour, goes_from_a_csv_to_the_receipt) {
  const auto imported = here().run({"import", "products", NEXUS_FIXTURES "/shopify.csv"});
  ASSERT_EQ(imported.code, 0) << imported.output << imported.errors;

  const std::string email = "abebe@example.com";
  client guest = here().guest();
  ASSERT_TRUE(has_status(
      guest.post("auth/users/", {{"email", email}, {"password", shop::password()}, {"first_name", "Abebe"}}),
      201));
  client abebe = here().user(email);
  EXPECT_EQ(text_at(abebe.get("auth/users/me/"), "/email"), email);

  const json::value card = find_by_search(abebe, "habesha");
  EXPECT_EQ(text_at(card, "/brand/name"), "Sabahar");
  EXPECT_EQ(text_at(card, "/categories/0/name"), "Scarves");
  EXPECT_EQ(text_at(card, "/price_range/min"), "399.00");
  EXPECT_EQ(text_at(card, "/price_range/max"), "475.50");
  EXPECT_EQ(text_at(card, "/main_image/url"), "https://images.example.com/scarf-white.jpg");
  EXPECT_TRUE(card.at("is_available").as_bool());

  const json::value scarf = expect_body(abebe.get("catalogue/products/" + text_at(card, "/slug") + "/"), 200);
  EXPECT_EQ(scarf.at("variants").as_array().size(), 3u);
  const std::int64_t red = variant_with(scarf, "SCARF-R-L");
  const json::value beans =
      expect_body(abebe.get("catalogue/products/" +
                            std::to_string(number_at(find_by_search(abebe, "yirgacheffe"), "/id")) + "/"),
                  200);

  const std::string cart = make_cart(abebe);
  add_item(abebe, cart, red, 2);
  add_item(abebe, cart, variant_with(beans, "BEANS-1"), 1);
  EXPECT_EQ(text_at(abebe.get("cart/" + cart + "/"), "/subtotal"), "1271.00");

  const placed_order o = place_order(abebe, cart, email);
  EXPECT_EQ(o.total, "1271.00");
  EXPECT_EQ(status_of(abebe, o), "pending");

  const reply page = follow(pay_on_page(initiate(abebe, o)));
  ASSERT_TRUE(has_status(page, 200));
  EXPECT_TRUE(page.header("Content-Type").value_or("").starts_with("text/html"));
  EXPECT_NE(page.body.find(o.number), std::string::npos);
  EXPECT_NE(page.body.find("has arrived"), std::string::npos) << page.body;

  const json::value paid = expect_body(abebe.get("orders/" + o.id + "/"), 200);
  EXPECT_EQ(text_at(paid, "/status"), "completed");
  EXPECT_EQ(text_at(paid, "/payment/status"), "success");
  EXPECT_EQ(text_at(paid, "/payment/paid"), "1271.00");

  ASSERT_TRUE(eventually([&] { return !here().receipts(o.number).empty(); })) << here().log();
  const auto receipts = here().receipts(o.number);
  ASSERT_EQ(receipts.size(), 1u);
  EXPECT_NE(receipts[0].to.find(email), std::string::npos);
  EXPECT_NE(receipts[0].subject.find("Receipt"), std::string::npos) << receipts[0].subject;
  for (const char* words : {"Habesha Scarf", "Red / Long", "Yirgacheffe", "951.00 ETB", "320.00 ETB",
                            "1271.00 ETB", "Addis Ababa"})
    EXPECT_NE(receipts[0].text.find(words), std::string::npos) << words << " in " << receipts[0].text;
}

TEST_F(tour, imports_what_is_good_and_names_what_is_bad) {
  const auto file = here().home() / "bad.csv";
  {
    std::ofstream out(file);
    out << "Handle,Title,Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant "
           "Price\n"
           "good-thing,Good Thing,Maker,Things,Title,Default Title,GOOD-1,3,10.00\n"
           "bad-thing,Bad Thing,Maker,Things,Title,Default Title,BAD-1,3,ten birr\n";
  }
  client guest = here().guest();
  const auto strict = here().run({"import", "products", file.string(), "--strict"});
  EXPECT_EQ(strict.code, 1);
  EXPECT_TRUE(has_status(guest.get("catalogue/products/good-thing/"), 404));

  const auto lenient = here().run({"import", "products", file.string()});
  EXPECT_EQ(lenient.code, 1);
  EXPECT_NE(lenient.output.find("line 3, column Variant Price"), std::string::npos) << lenient.output;
  EXPECT_TRUE(has_status(guest.get("catalogue/products/good-thing/"), 200));
  EXPECT_TRUE(has_status(guest.get("catalogue/products/bad-thing/"), 404));
}

} // namespace
} // namespace nexus::blackbox
