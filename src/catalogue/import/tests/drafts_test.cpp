#include "source_test.hpp"

#include "core/text.hpp"

#include <fstream>

namespace nexus::catalogue_import::testing {
namespace {

using places = std::vector<std::string>;

constexpr std::string_view header =
    "slug,name,description,brand,category,status,sku,price,compare_at_price,currency,stock,"
    "option1_name,option1_value,option2_name,option2_value,image_url,image_alt\n";

std::string with(std::string_view rows) { return std::string(header) + std::string(rows); }

TEST(native, a_product_with_variants) {
  const auto file = read(with("netela,Netela,\"Soft, white\",Shemma House,Clothing > Women > "
                              "Shawls,,NET-W,1250.5,1500,,12,Color,White,Size,M,https://a.b/1.jpg,Front\n"
                              "netela,,,,,,,1300,,,0,,Ivory,,M,,\n"
                              "coffee,Coffee,,,,draft,,900,0,USD,,,,,,,\n"));
  EXPECT_EQ(file.found.faults(), std::vector<import_fault>{});
  ASSERT_EQ(file.products.size(), 2u);
  const product_draft& p = file.products[0];
  EXPECT_EQ(p.line, 2);
  EXPECT_EQ(p.slug, "netela");
  EXPECT_EQ(p.description, "Soft, white");
  EXPECT_EQ(p.brand, "Shemma House");
  EXPECT_EQ(p.category, (places{"Clothing", "Women", "Shawls"}));
  EXPECT_EQ(p.currency, currency::etb());
  ASSERT_EQ(p.variants.size(), 2u);
  EXPECT_EQ(p.variants[0].sku, "NET-W");
  EXPECT_EQ(p.variants[0].price, 125050);
  EXPECT_EQ(p.variants[0].compare_at_price, 150000);
  EXPECT_EQ(p.variants[0].stock, 12);
  EXPECT_EQ(p.variants[1].line, 3);
  EXPECT_EQ(p.variants[1].sku, "netela.ivory.m");
  EXPECT_EQ(p.variants[1].options.at(0).name, "Color"); // from the first row
  EXPECT_EQ(p.variants[1].stock, 0);
  ASSERT_EQ(p.images.size(), 1u);
  EXPECT_EQ(p.images[0].alt_text, "Front");
  const product_draft& coffee = file.products[1];
  EXPECT_EQ(coffee.status, "draft");
  EXPECT_EQ(coffee.currency, currency::usd());
  EXPECT_EQ(coffee.variants.at(0).sku, "coffee");
  EXPECT_TRUE(coffee.variants[0].options.empty());
  EXPECT_FALSE(coffee.variants[0].compare_at_price);
  EXPECT_FALSE(coffee.variants[0].stock); // the file does not say
}

TEST(native, a_fault_leaves_out_its_row) {
  struct {
    std::string_view row;
    places faults;
    std::string_view reason;
  } const cases[] = {
      {"p,,,,,,,,,,,Color,Red,,,,\n", {"3 price"}, "needs a price"},
      {"p,,,,,,,12.345,,,,Color,Red,,,,\n", {"3 price"}, "2 digits"},
      {"p,,,,,,,-1,,,,Color,Red,,,,\n", {"3 price"}, "negative"},
      {"p,,,,,,,\"1,250\",,,,Color,Red,,,,\n", {"3 price"}, "decimal"},
      {"p,,,,,,,ETB 5,,,,Color,Red,,,,\n", {"3 price"}, "decimal"},
      {"p,,,,,,,99999999999999999,,,,Color,Red,,,,\n", {"3 price"}, "too large"},
      {"p,,,,,,,5,x,,,Color,Red,,,,\n", {"3 compare_at_price"}, "decimal"},
      {"p,,,,,,,5,,,2.5,Color,Red,,,,\n", {"3 stock"}, "whole number"},
      {"p,,,,,,,5,,,many,Color,Red,,,,\n", {"3 stock"}, "whole number"},
      {"p,,,,,,,5,,,99999999999,Color,Red,,,,\n", {"3 stock"}, "whole number"},
      {"p,,,,,,,5,,,,Color,,,,,\n", {"3 option1_value"}, "missing"},
      {"p,,,,,,,5,,,,Color,Red,,Large,,\n", {"3 option2_name"}, "no name"},
      {"p,,,,,,,5,,,,Color,Red,color,Blue,,\n", {"3 option2_name"}, "one value of color"},
      {"p,,,,,,,5,,,,Color,WHITE,,,,\n", {"3 option1_value"}, "line 2"},
      {"p,,,,,,P-1,5,,,,Color,Red,,,,\n", {"3 sku"}, "line 2"},
      {"p,,,,,,,5,,,,Color,Red,,,javascript:alert(1),\n", {"3 image_url"}, "http"},
      {"p,,,,,,x,y,z,,w,Color,Red,,,ftp://a.b/c,\n",
       {"3 price", "3 compare_at_price", "3 stock", "3 image_url"},
       "decimal"},
      {"p,,,,,,,5,,,,Color,Red,,,,,,extra\n", {"3 "}, "columns"},
      {"p,,,,,,,5,,,,Color,R\"ed,,,,\n", {"3 "}, "quote"},
      {"p,,,,,,,5,,,,Color,R\xe9"
       "d,,,,\n",
       {"3 "},
       "UTF-8"},
      {",,,,,,,5,,,,Color,Red,,,,\n", {"3 slug"}, "which product"},
  };
  for (const auto& c : cases) {
    const auto file =
        read(with("p,P,,,,,P-1,5,,,1,Color,White,,,,\n" + std::string(c.row) + "p,,,,,,,7,,,,,Blue,,,,\n"));
    EXPECT_EQ(file.fault_places(), c.faults) << c.row;
    ASSERT_FALSE(file.found.faults().empty());
    EXPECT_TRUE(has(file.found.faults().front(), c.reason)) << file.found.faults().front().reason;
    ASSERT_EQ(file.products.size(), 1u) << c.row;
    ASSERT_EQ(file.products[0].variants.size(), 2u) << c.row;
    EXPECT_EQ(file.products[0].variants[1].line, 4) << c.row;
    EXPECT_TRUE(file.products[0].images.empty());
  }
}

TEST(native, a_fault_of_the_product_leaves_it_out) {
  const std::string long_name(256, 'x');
  const std::string long_brand(101, 'x');
  const std::string rows[] = {
      "p,,,,,,,5,,,,Color,Red,,,,\n",
      "p," + long_name + ",,,,,,5,,,,Color,Red,,,,\n",
      "p,P,," + long_brand + ",,,,5,,,,Color,Red,,,,\n",
      "p,P,,,a>b>c>d>e>f>g>h>i>j>k,,,5,,,,Color,Red,,,,\n",
      "p,P,,,,sold,,5,,,,Color,Red,,,,\n",
      "p,P,,,,,,5,,EUR,,Color,Red,,,,\n",
      "p,P\"x,,,,,,5,,,,Color,Red,,,,\n",
  };
  for (const std::string& row : rows) {
    const auto file = read(with(row + "p,,,,,,,6,,,,Color,Blue,,,,\nq,Q,,,,,,5,,,,,,,,,\n"));
    EXPECT_EQ(file.found.fault_count(), 1) << row;
    EXPECT_EQ(file.found.faults().at(0).line, 2) << row;
    ASSERT_EQ(file.products.size(), 1u) << row;
    EXPECT_EQ(file.products[0].slug, "q");
  }
}

TEST(native, the_first_rows_variant_may_be_bad_alone) {
  const auto file = read(with("p,P,Words,,,,,x,,,,Color,Red,,,,\np,,,,,,,6,,,,,Blue,,,,\n"));
  EXPECT_EQ(file.fault_places(), places{"2 price"});
  ASSERT_EQ(file.products.size(), 1u);
  EXPECT_EQ(file.products[0].description, "Words");
  ASSERT_EQ(file.products[0].variants.size(), 1u);
  EXPECT_EQ(file.products[0].variants[0].options.at(0).name, "Color");
}

TEST(native, rows_of_a_product_stand_together) {
  const auto file =
      read(with("p,P,,,,,,5,,,,,,,,,\nq,Q,,,,,,5,,,,,,,,,\np,P,,,,,,6,,,,,,,,,\nP!,P,,,,,,6,,,,,,,,,\n"));
  EXPECT_EQ(file.fault_places(), (places{"4 slug", "5 slug"}));
  EXPECT_TRUE(has(file.found.faults()[0], "begun at line 2"));
  EXPECT_EQ(file.products.size(), 2u);
}

TEST(native, short_and_blank_rows_are_taken) {
  const auto file = read("name,price,stock\nBuna,5\n,,\n\nTej,6,-3\n");
  EXPECT_EQ(file.found.fault_count(), 0);
  ASSERT_EQ(file.products.size(), 2u);
  EXPECT_EQ(file.products[0].slug, "buna");
  EXPECT_EQ(file.products[1].variants.at(0).stock, 0);
  ASSERT_EQ(file.found.warning_count(), 1);
  EXPECT_EQ(file.found.warnings()[0].line, 5);
  EXPECT_EQ(file.found.warnings()[0].column, "stock");
}

TEST(native, what_cannot_be_read_at_all) {
  struct {
    std::string text;
    std::string place;
    std::string_view reason;
  } const cases[] = {
      {"", "1 ", "empty"},
      {"a,b\n1,2\n", "1 ", "must name the columns"},
      {"name;price\nx;5\n", "1 ", "semicolons"},
      {"name,price,colour\nx,5,red\n", "1 colour", "no such column"},
      {"name,price,Price\nx,5,6\n", "1 Price", "twice"},
      {"Handle,Title\nx,X\n", "1 Variant Price", "missing"},
      {std::string("\xff\xfe"
                   "n\0",
                   4),
       "1 ", "UTF-16"},
      {"name,price\xe9\nx,5\n", "1 ", "UTF-8"},
  };
  for (const auto& c : cases) {
    const auto file = read(c.text);
    EXPECT_EQ(file.fault_places(), places{c.place}) << c.text;
    EXPECT_TRUE(has(file.found.faults().at(0), c.reason)) << file.found.faults()[0].reason;
    EXPECT_TRUE(file.products.empty());
  }
}

TEST(native, what_stands_before_an_open_quote_goes_in) {
  const auto file = read("name,price\nBuna,5\nTej,\"6\nx,7\n");
  EXPECT_EQ(file.fault_places(), places{"3 "});
  EXPECT_TRUE(has(file.found.faults()[0], "never closed"));
  ASSERT_EQ(file.products.size(), 1u);
}

TEST(drafts, faults_are_counted_in_full_and_kept_in_part) {
  std::string text = "name,price\n";
  for (int i = 0; i < 1'500; ++i)
    text += fmt::format("p{},x\n", i);
  const auto file = read(text);
  EXPECT_EQ(file.found.fault_count(), 1'500);
  EXPECT_EQ(file.found.faults().size(), 1'000u);
}

TEST(drafts, made_skus_are_stable_and_differ) {
  EXPECT_EQ(made_sku("ocean-blue", {}), "ocean-blue");
  EXPECT_EQ(made_sku("ocean-blue", {{"Size", "Extra Large"}, {"Color", "Red"}}),
            "ocean-blue.extra-large.red");
  EXPECT_NE(made_sku("a", {{"x", "b-c"}}), made_sku("a-b", {{"x", "c"}}));
  EXPECT_NE(made_sku("a", {{"x", "½"}}), made_sku("a", {{"x", "¼"}}));
  const std::string text(90, 'x');
  const std::string one = made_sku(text, {{"x", text + "1"}});
  EXPECT_EQ(length_utf8(one), 100u);
  EXPECT_NE(one, made_sku(text, {{"x", text + "2"}}));
  const auto file = read("name,price,option1_name,option1_value\nP,5,Size,1/2\nP,5,Size,1-2\n");
  ASSERT_EQ(file.found.fault_count(), 0);
  EXPECT_NE(file.products.at(0).variants.at(0).sku, file.products[0].variants.at(1).sku);
}

TEST(drafts, slugs_keep_handles_apart) {
  EXPECT_EQ(slug_of("Ocean Blue"), "ocean-blue");
  EXPECT_EQ(slug_of("2024"), "product-2024"); // a number would be an id
  EXPECT_EQ(slug_of("!!"), "");
  const std::string text(200, 'x');
  EXPECT_NE(slug_of(text + "1"), slug_of(text + "2"));
  EXPECT_LE(slug_of(text).size(), 80u);
  EXPECT_EQ(slug_of(slug_of(text)), slug_of(text));
}

TEST(sample_data, has_no_fault) {
  std::ostringstream text;
  text << std::ifstream(NEXUS_SAMPLE_DATA).rdbuf();
  const auto file = read(text.str());
  EXPECT_EQ(file.fault_places(), places{});
  EXPECT_EQ(file.found.warning_count(), 0);
  EXPECT_GE(file.products.size(), 60u);
  std::size_t variants = 0, sold_out = 0, depth = 0;
  std::set<std::string> brands;
  for (const product_draft& p : file.products) {
    variants += p.variants.size();
    depth = std::max(depth, p.category.size());
    brands.insert(p.brand);
    for (const variant_draft& v : p.variants) {
      EXPECT_TRUE(v.stock) << p.slug;
      sold_out += v.stock == 0;
    }
  }
  EXPECT_GE(variants, 150u);
  EXPECT_GE(sold_out, 1u);
  EXPECT_EQ(depth, 3u);
  EXPECT_GE(brands.size(), 5u);
}

} // namespace
} // namespace nexus::catalogue_import::testing
