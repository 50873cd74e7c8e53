#include "source_test.hpp"

#include <fstream>

namespace nexus::catalogue_import::testing {
namespace {

read_file read_fixture(std::string_view name) {
  std::ostringstream text;
  text << std::ifstream(fmt::format("{}/{}", NEXUS_IMPORT_DATA, name)).rdbuf();
  return read(text.str());
}

TEST(shopify, a_file_with_options) {
  const auto file = read_fixture("shopify-options.csv");
  EXPECT_EQ(file.fault_places(), std::vector<std::string>{});
  ASSERT_EQ(file.products.size(), 2u);
  const product_draft& scarf = file.products[0];
  EXPECT_EQ(scarf.name, "Plain Scarf");
  EXPECT_EQ(scarf.description, "A soft scarf of undyed cotton.");
  EXPECT_EQ(scarf.brand, "loom-demo");
  EXPECT_TRUE(scarf.category.empty());
  ASSERT_EQ(scarf.variants.size(), 1u);
  EXPECT_TRUE(scarf.variants[0].options.empty()); // "Default Title"
  EXPECT_EQ(scarf.variants[0].sku, "plain-scarf");
  EXPECT_EQ(scarf.variants[0].stock, 4);
  const product_draft& shirt = file.products[1];
  ASSERT_EQ(shirt.variants.size(), 3u);
  EXPECT_EQ(shirt.variants[2].options.at(0).name, "Size");
  EXPECT_EQ(shirt.variants[2].options.at(0).value, "Large");
  EXPECT_EQ(shirt.variants[2].price, 6250);
  EXPECT_EQ(shirt.images.size(), 1u);
}

TEST(shopify, rows_that_carry_pictures_alone) {
  const auto file = read_fixture("shopify-images.csv");
  EXPECT_EQ(file.fault_places(), std::vector<std::string>{});
  ASSERT_EQ(file.products.size(), 2u);
  const product_draft& ring = file.products[0];
  EXPECT_EQ(ring.category, std::vector<std::string>{"Ring"}); // Type, where there is no category
  ASSERT_EQ(ring.variants.size(), 2u);
  EXPECT_EQ(ring.variants[1].image_url, "https://images.example/ring-green.jpg");
  EXPECT_EQ(ring.variants[0].compare_at_price, 8500);
  ASSERT_EQ(ring.images.size(), 3u);
  EXPECT_EQ(ring.images[0].alt_text, "Front");
  EXPECT_EQ(ring.images[2].url, "https://images.example/ring-3.jpg");
  EXPECT_EQ(file.products[1].variants.at(0).stock, 0); // -2
  ASSERT_EQ(file.found.warning_count(), 1);
  EXPECT_EQ(file.found.warnings()[0].line, 5);
  EXPECT_EQ(file.found.warnings()[0].column, "Variant Inventory Qty");
}

TEST(shopify, status_and_published) {
  struct {
    std::string_view status, published, expected;
  } const cases[] = {
      {"", "true", "active"},        {"", "FALSE", "draft"},     {"", "", ""},
      {"active", "false", "active"}, {"draft", "true", "draft"}, {"archived", "true", "archived"},
  };
  for (const auto& c : cases) {
    const auto file = read(
        fmt::format("Handle,Title,Published,Status,Variant Price\np,P,{},{},5\n", c.published, c.status));
    ASSERT_EQ(file.products.size(), 1u);
    EXPECT_EQ(file.products[0].status, c.expected) << c.status << '/' << c.published;
  }
}

TEST(shopify, category_before_type_and_html_as_text) {
  const auto file = read("Handle,Title,Body (HTML),Product Category,Type,Variant Price\n"
                         "p,P,\"<p>One &amp; two</p>\n<script>x()</script><ul><li>Three</li></ul>\","
                         "Apparel & Accessories > Clothing > Shirts,Shirt,5\n");
  ASSERT_EQ(file.products.size(), 1u);
  EXPECT_EQ(file.products[0].description, "One & two\n\n• Three");
  EXPECT_EQ(file.products[0].category,
            (std::vector<std::string>{"Apparel & Accessories", "Clothing", "Shirts"}));
}

TEST(shopify, pictures_stand_by_their_position) {
  const auto file = read("Handle,Title,Variant Price,Image Src,Image Position\n"
                         "p,P,5,https://a.b/2.jpg,2\np,,,https://a.b/3.jpg,3\np,,,https://a.b/1.jpg,1\n"
                         "p,,,https://a.b/3.jpg,4\np,,,nothing,5\np,,,https://a.b/6.jpg,first\n");
  EXPECT_EQ(file.fault_places(), (std::vector<std::string>{"6 Image Src", "7 Image Position"}));
  ASSERT_EQ(file.products.size(), 1u);
  EXPECT_EQ(file.products[0].variants.size(), 1u);
  std::vector<std::string> urls;
  for (const image_draft& i : file.products[0].images)
    urls.push_back(i.url);
  EXPECT_EQ(urls, (std::vector<std::string>{"https://a.b/1.jpg", "https://a.b/2.jpg", "https://a.b/3.jpg"}));
}

TEST(shopify, a_line_is_that_of_the_cell) {
  const auto file = read("Handle,Title,Body (HTML),Variant Price\np,P,\"one\ntwo\nthree\",x\n");
  EXPECT_EQ(file.fault_places(), std::vector<std::string>{"4 Variant Price"});
}

} // namespace
} // namespace nexus::catalogue_import::testing
