#include "platform/json/decode.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nexus::json {
namespace {

using list = std::vector<std::string>;

struct product_query {
  int page_size = 20;
  bool in_stock = false;
  std::optional<std::string> search;
  std::optional<decimal> min_price;
  std::vector<std::int64_t> brands;
  std::optional<list> tags;
  std::map<std::string, list> attributes;
  std::map<std::string, std::string> labels;

  static constexpr std::string_view schema_name = "ProductQuery";
  template <class V>
  static constexpr void fields(V&& field) {
    field("page_size", &product_query::page_size, {.minimum = 1, .maximum = 100, .optional = true});
    field("in_stock", &product_query::in_stock, {.optional = true});
    field("search", &product_query::search, {.max_length = 10});
    field("min_price", &product_query::min_price);
    field("brands", &product_query::brands, {.max_length = 3, .optional = true});
    field("tags", &product_query::tags);
    field("attributes", &product_query::attributes, {.optional = true});
    field("labels", &product_query::labels, {.optional = true});
  }
};

struct path {
  std::int64_t id = 0;

  static constexpr std::string_view schema_name = "Path";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &path::id);
  }
};

list faults_in(const text_parameters& in, bool refuse_unknown = true) {
  const auto read = decode_text<product_query>(in, refuse_unknown);
  if (read)
    return {};
  EXPECT_TRUE(read.error().is(errors::validation_error));
  list faults;
  for (const auto& each : read.error().errors)
    faults.push_back(each.pointer + " " + each.code);
  return faults;
}

TEST(DecodeParameters, EachByItsType) {
  const auto read = decode_text<product_query>({{"page_size", "5"},
                                                {"in_stock", "true"},
                                                {"search", " 12 "},
                                                {"min_price", "1.50"},
                                                {"brands", "1,2"},
                                                {"tags", "a,b"},
                                                {"attributes[color]", "red,blue"},
                                                {"labels[x]", "1,2"}},
                                               true);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->page_size, 5);
  EXPECT_TRUE(read->in_stock);
  EXPECT_EQ(read->search, "12");
  EXPECT_EQ(read->min_price, (decimal{15, 1}));
  EXPECT_EQ(read->brands, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(read->tags, (list{"a", "b"}));
  EXPECT_EQ(read->attributes, (std::map<std::string, list>{{"color", {"red", "blue"}}}));
  EXPECT_EQ(read->labels, (std::map<std::string, std::string>{{"x", "1,2"}}));
}

TEST(DecodeParameters, NoneAreTheDefaults) {
  const auto read = decode_text<product_query>({}, true);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->page_size, 20);
  EXPECT_EQ(read->tags, std::nullopt);
  EXPECT_TRUE(read->attributes.empty());
}

TEST(DecodeParameters, ListsMayBeRepeated) {
  const auto read = decode_text<product_query>({{"brands", "1"},
                                                {"brands", "2,3"},
                                                {"attributes[size]", "S"},
                                                {"attributes[color]", "red"},
                                                {"attributes[size]", "M"}},
                                               true);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->brands, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(read->attributes, (std::map<std::string, list>{{"color", {"red"}}, {"size", {"S", "M"}}}));
  EXPECT_EQ(faults_in({{"brands", "1,2"}, {"brands", "3,4"}}), list{"?brands too_many_items"});
}

TEST(DecodeParameters, AnEmptyListHasNoItems) {
  const auto read =
      decode_text<product_query>({{"brands", ""}, {"tags", ""}, {"attributes[size]", ""}}, true);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->brands.empty());
  EXPECT_EQ(read->tags, list{});
  EXPECT_EQ(faults_in({{"brands", "1,"}}), list{"?brands[1] not_an_integer"});
  EXPECT_EQ(faults_in({{"brands", ",1"}}), list{"?brands[0] not_an_integer"});
}

TEST(DecodeParameters, IntegersAreStrict) {
  for (const auto* text : {"", "abc", "5x", " 5", "5 ", "+5", "5.0", "0x5", "1e1", "--5", "٥"})
    EXPECT_EQ(faults_in({{"page_size", text}}), list{"?page_size not_an_integer"}) << text;
  EXPECT_EQ(faults_in({{"page_size", "101"}}), list{"?page_size too_large"});
  EXPECT_EQ(faults_in({{"page_size", "0"}}), list{"?page_size too_small"});
  EXPECT_EQ(faults_in({{"page_size", "99999999999999999999"}}), list{"?page_size too_large"});
  EXPECT_EQ(faults_in({{"page_size", "-99999999999999999999"}}), list{"?page_size too_small"});
  EXPECT_EQ(faults_in({{"page_size", "9223372036854775808"}}), list{"?page_size too_large"});
}

TEST(DecodeParameters, BooleansAreFourWords) {
  EXPECT_TRUE(decode_text<product_query>({{"in_stock", "1"}}, true)->in_stock);
  EXPECT_FALSE(decode_text<product_query>({{"in_stock", "0"}}, true)->in_stock);
  EXPECT_FALSE(decode_text<product_query>({{"in_stock", "false"}}, true)->in_stock);
  for (const auto* text : {"", "yes", "TRUE", "2"})
    EXPECT_EQ(faults_in({{"in_stock", text}}), list{"?in_stock invalid_type"}) << text;
}

TEST(DecodeParameters, AScalarTwiceIsAFault) {
  EXPECT_EQ(faults_in({{"page_size", "5"}, {"page_size", "5"}}), list{"?page_size too_many_items"});
  EXPECT_EQ(faults_in({{"labels[a]", "5"}, {"labels[a]", "5"}}), list{"?labels[a] too_many_items"});
}

TEST(DecodeParameters, UnknownOnesAreRefusedWhereAsked) {
  EXPECT_EQ(faults_in({{"pagesize", "5"}, {"page_size[a]", "5"}, {"", "x"}}),
            (list{"?pagesize unknown_parameter", "?page_size[a] unknown_parameter", "? unknown_parameter"}));
  EXPECT_EQ(faults_in({{"utm_source", "mail"}}, false), list{});
}

TEST(DecodeParameters, MapsAreWrittenWithBrackets) {
  for (const auto* name :
       {"attributes", "attributes[", "attributes[]", "attributes[a", "attributes[a][b]", "attributes[a]b"})
    EXPECT_EQ(faults_in({{name, "red"}}), list{"?attributes invalid_type"}) << name;
  EXPECT_EQ(faults_in({{"attributesx[a]", "red"}}), list{"?attributesx[a] unknown_parameter"});
}

TEST(DecodeParameters, TextIsCheckedLikeABodys) {
  EXPECT_EQ(faults_in({{"search", "\xff"}}), list{"?search invalid_text"});
  EXPECT_EQ(faults_in({{"search", std::string("a\0", 2)}}), list{"?search invalid_text"});
  EXPECT_EQ(faults_in({{"search", "12345678901"}}), list{"?search too_long"});
  EXPECT_EQ(faults_in({{"min_price", ""}}), list{"?min_price invalid_decimal"});
  EXPECT_EQ(faults_in({{"attributes[\xff]", "a"}}), list{"?attributes[\xff] invalid_text"});
  EXPECT_EQ(faults_in({{"attributes[a]", "b,\xff"}}), list{"?attributes[a][1] invalid_text"});
}

TEST(DecodeParameters, ARequiredOneMustBeThere) {
  EXPECT_EQ(decode_text<path>({{"id", "7"}}, true)->id, 7);
  const auto missing = decode_text<path>({}, true);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().errors.at(0).pointer, "?id");
  EXPECT_EQ(missing.error().errors.at(0).code, "required");
  // Given but wrong is one fault, not also "required".
  EXPECT_EQ(decode_text<path>({{"id", "x"}}, true).error().errors.size(), 1U);
}

RC_GTEST_PROP(DecodeParameters, AnyIntegerComesThrough, (std::int64_t number)) {
  const auto read = decode_text<path>({{"id", std::to_string(number)}}, true);
  RC_ASSERT(read.value().id == number);
}

RC_GTEST_PROP(DecodeParameters, NoTextMakesItFail, (const std::string& name, const std::string& text)) {
  const auto read = decode_text<product_query>(
      {{name, text}, {"attributes" + name, text}, {"page_size", text}, {"brands", text}}, true);
  if (read) // which means that text is a page size, and so a list of one brand
    RC_ASSERT(read->brands == std::vector<std::int64_t>{read->page_size});
}

} // namespace
} // namespace nexus::json
