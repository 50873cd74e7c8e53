// The pure rules.
#include "catalogue/listing.hpp"

#include "catalogue/attribute_values.hpp"
#include "catalogue/categories.hpp"
#include "catalogue/key.hpp"
#include "catalogue/products.hpp"
#include "catalogue/slugs.hpp"
#include "platform/json/encode.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace nexus::catalogue {

TEST(listing, keeps_the_lines_that_are_asked_for) {
  constexpr std::string_view text =
      "SELECT a /* plain */\n  AND b   /* if x */\n  AND c /* if x y */\nLIMIT 1";
  const std::vector<std::string_view> none, x{"x"}, both{"y", "x"};
  EXPECT_EQ(keep_lines(text, none), "SELECT a /* plain */\nLIMIT 1\n");
  EXPECT_EQ(keep_lines(text, x), "SELECT a /* plain */\n  AND b\nLIMIT 1\n");
  EXPECT_EQ(keep_lines(text, both), "SELECT a /* plain */\n  AND b\n  AND c\nLIMIT 1\n");
}

TEST(listing, has_a_statement_for_every_question) {
  std::vector<const db::statement*> seen;
  for (int bits = 0; bits < 16; ++bits)
    for (const auto order : {product_order::base_price, product_order::name, product_order::created_at,
                             product_order::relevance})
      for (const bool descending : {false, true})
        for (const bool after : {false, true}) {
          listing l{
              (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, order, descending, after};
          if (order == product_order::relevance && !l.search)
            continue;
          const auto& s = list_statement(l);
          EXPECT_EQ(s.text().find("/* if"), std::string_view::npos);
          EXPECT_EQ(l.search, s.text().find("@@") != std::string_view::npos) << s.name();
          EXPECT_EQ(l.category, s.text().find("below") != std::string_view::npos) << s.name();
          EXPECT_EQ(after, s.text().find("p.id) > (") != std::string_view::npos ||
                               s.text().find("p.id) < (") != std::string_view::npos)
              << s.name();
          seen.push_back(&s);
        }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST(listing, a_search_is_the_beginnings_of_its_words) {
  EXPECT_EQ(prefix_query("Red T-shirt"), "Red:* & T:* & shirt:*");
  EXPECT_EQ(prefix_query("  !'| <-> (\\ :* "), "");
  EXPECT_EQ(prefix_query("a'); DROP"), "a:* & DROP:*");
  EXPECT_EQ(prefix_query("ቡና 1kg"), "ቡና:* & 1kg:*");
  std::string many;
  for (int i = 0; i < 40; ++i)
    many += "w ";
  const std::string query = prefix_query(many);
  EXPECT_EQ(std::count(query.begin(), query.end(), 'w'), 16);
}

TEST(listing, the_key_of_a_name_is_its_first_100_characters) {
  EXPECT_EQ(name_key("short"), "short");
  std::string coffee;
  for (int i = 0; i < 120; ++i)
    coffee += "ቡ";
  EXPECT_EQ(name_key(coffee).size(), 300U);
}

TEST(slugs, never_are_numbers_and_fit) {
  EXPECT_EQ(slug_base("Ocean Blue", "product"), "ocean-blue");
  EXPECT_EQ(slug_base("2024", "product"), "product-2024");
  EXPECT_EQ(slug_base("!!!", "product"), "product");
  EXPECT_EQ(slug_candidate("tea", 1), "tea");
  EXPECT_EQ(slug_candidate("tea", 3), "tea-3");
  const std::string longest(80, 'a');
  EXPECT_EQ(slug_candidate(longest, 12), std::string(77, 'a') + "-12");
  std::string coffee;
  for (int i = 0; i < 26; ++i)
    coffee += "ቡ"; // 78 bytes
  EXPECT_EQ(slug_candidate(coffee, 100).size(), 75U + 4U);
}

TEST(keys, are_ids_or_slugs) {
  EXPECT_EQ(key_of("12").id, 12);
  EXPECT_FALSE(key_of("12").slug);
  EXPECT_EQ(key_of("12a").slug, "12a");
  const key beyond = key_of("99999999999999999999");
  EXPECT_FALSE(beyond.id || beyond.slug);
}

TEST(categories, become_a_tree) {
  const auto tree = tree_of(
      {{1, "A", "a", {}, 0, {}}, {2, "B", "b", 3, 0, {}}, {3, "C", "c", 1, 0, {}}, {4, "D", "d", {}, 1, {}}});
  ASSERT_EQ(tree.size(), 2U);
  EXPECT_EQ(json::encode(tree),
            R"([{"id":1,"name":"A","slug":"a","parent":null,"position":0,"children":[)"
            R"({"id":3,"name":"C","slug":"c","parent":1,"position":0,"children":[)"
            R"({"id":2,"name":"B","slug":"b","parent":3,"position":0,"children":[]}]}]},)"
            R"({"id":4,"name":"D","slug":"d","parent":null,"position":1,"children":[]}])");
}

TEST(products, list_the_attributes_that_their_variants_use) {
  std::vector<variant_row> variants(2);
  variants[0].attribute_ids = {1, 2};
  variants[0].value_ids = {10, 20};
  variants[0].view.attribute_values = {{"Color", "Red"}, {"Size", "L"}};
  variants[1].attribute_ids = {1, 2};
  variants[1].value_ids = {11, 20};
  variants[1].view.attribute_values = {{"Color", "Blue"}, {"Size", "L"}};
  EXPECT_EQ(json::encode(attributes_of(variants)),
            R"([{"id":1,"name":"Color","values":[{"id":10,"value":"Red"},{"id":11,"value":"Blue"}]},)"
            R"({"id":2,"name":"Size","values":[{"id":20,"value":"L"}]}])");
}

namespace {
std::string decode_faults(std::string_view text) {
  const auto decoded = json::decode<new_variant>(boost::json::parse(text));
  std::string out;
  if (!decoded)
    for (const auto& e : decoded.error().errors)
      out += e.pointer + " " + e.code + ";";
  return out;
}
} // namespace

TEST(value_references, are_ids_or_objects) {
  const auto v = json::decode<new_variant>(boost::json::parse(
      R"({"sku": "A", "attribute_values": [3, {"attribute": "Color", "value": "Red"}, {"attribute": 5, "value": "L"}]})"));
  ASSERT_TRUE(v);
  EXPECT_EQ(std::get<std::int64_t>(v->attribute_values[0].to), 3);
  EXPECT_EQ(std::get<std::string>(std::get<value_reference::named>(v->attribute_values[1].to).attribute),
            "Color");
  EXPECT_EQ(std::get<std::int64_t>(std::get<value_reference::named>(v->attribute_values[2].to).attribute), 5);
  EXPECT_EQ(
      decode_faults(
          R"({"sku": "A", "attribute_values": ["red", 0, {"attribute": true, "val": ""}, {"attribute": "a", "value": " "}]})"),
      "/attribute_values/0 invalid_type;/attribute_values/1 too_small;/attribute_values/2/value required;"
      "/attribute_values/2/attribute invalid_type;/attribute_values/2/val unknown_field;"
      "/attribute_values/3/value blank;");
}

} // namespace nexus::catalogue
