#include "platform/json/decode.hpp"

#include "platform/json/tests/sample.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nexus::json {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using sample::everything;
using sample::forms;
using sample::node;
using sample::patch;

constexpr std::string_view whole = R"({
  "flag": true, "name": " Abel ", "price": "12.50", "currency": "USD", "id": "0190163d-8694-739b-aea5-966c26f8ad91",
  "at": "2026-11-22T18:57:00+03:00", "colour": "dark_blue", "note": null,
  "items": [{"variant_id": 7, "quantity": 2}, {"variant_id": 9223372036854775807, "quantity": 1}],
  "stock": {"a/b": 3}})";

// "pointer code" of each fault, in order.
std::vector<std::string> faults_of(const problem& p) {
  std::vector<std::string> list;
  for (const auto& each : p.errors) {
    list.push_back(each.pointer + " " + each.code);
    EXPECT_FALSE(each.detail.empty());
  }
  return list;
}

template <class T>
result<T> decode_body(std::string_view text) {
  const auto value = parse(text);
  if (!value)
    return value.error();
  return decode<T>(*value);
}

template <class T>
std::vector<std::string> faults_in(std::string_view text) {
  const auto decoded = decode_body<T>(text);
  if (decoded)
    return {};
  EXPECT_TRUE(decoded.error().is(errors::validation_error)) << decoded.error().detail;
  return faults_of(decoded.error());
}

// whole with one member in place of another text.
std::vector<std::string> faults_with(std::string_view member, std::string_view value) {
  boost::json::value body = *parse(whole);
  body.as_object()[member] = boost::json::value(*parse(value));
  const auto decoded = decode<everything>(body);
  return decoded ? std::vector<std::string>{} : faults_of(decoded.error());
}

using list = std::vector<std::string>;

TEST(Decode, EveryKindOfMember) {
  const auto read = decode_body<everything>(whole);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_TRUE(read->flag);
  EXPECT_EQ(read->name, "Abel");
  EXPECT_EQ(read->price, (decimal{125, 1}));
  EXPECT_EQ(read->currency, currency::usd());
  EXPECT_EQ(to_string(read->id), "0190163d-8694-739b-aea5-966c26f8ad91");
  EXPECT_EQ(to_rfc3339(read->at), "2026-11-22T15:57:00Z");
  EXPECT_EQ(read->colour, sample::colour::dark_blue);
  EXPECT_EQ(read->note, std::nullopt);
  EXPECT_EQ(read->items, (std::vector<sample::item>{{7, 2}, {std::numeric_limits<std::int64_t>::max(), 1}}));
  EXPECT_EQ(read->stock, (std::map<std::string, int>{{"a/b", 3}}));
  EXPECT_EQ(read->page_size, 20);
}

TEST(Decode, SaysEveryFaultAtOnce) {
  EXPECT_EQ(faults_in<everything>(
                R"({"flag": 1, "name": "", "price": 5, "items": [{"variant_id": 0, "quantity": "2"},
                                      {"variant_id": 1, "quantity": 1, "note": ""}], "stock": {"a/b~": -1}, "nmae": 1})"),
            (list{"/flag invalid_type", "/name blank", "/price invalid_type", "/currency required",
                  "/id required", "/at required", "/colour required", "/items/0/variant_id too_small",
                  "/items/0/quantity invalid_type", "/items/1/note unknown_field", "/stock/a~1b~0 too_small",
                  "/nmae unknown_field"}));
}

TEST(Decode, BodyMustBeAnObject) {
  EXPECT_EQ(faults_in<everything>("[]"), list{" invalid_type"});
  EXPECT_EQ(faults_in<everything>("null"), list{" invalid_type"});
}

TEST(Decode, NullIsNotAValue) {
  for (const auto* member :
       {"flag", "name", "price", "currency", "id", "at", "colour", "items", "stock", "page_size"})
    EXPECT_EQ(faults_with(member, "null"), list{"/"s + member + " invalid_type"});
}

TEST(Decode, ListsAtMost100Faults) {
  std::string body = "{";
  for (int i = 0; i < 1000; ++i)
    body += fmt::format(R"({}"x{}": 1)", i == 0 ? "" : ",", i);
  EXPECT_EQ(faults_in<patch>(body + "}").size(), 100U);
}

TEST(DecodeInteger, OnlyWhatIsWrittenAsOne) {
  EXPECT_EQ(faults_with("page_size", "100"), list{});
  EXPECT_EQ(faults_with("page_size", "101"), list{"/page_size too_large"});
  EXPECT_EQ(faults_with("page_size", "0"), list{"/page_size too_small"});
  for (const auto* text : {"1.5", "1.0", "1e1", "1E0", "-0.5", "1e-400"})
    EXPECT_EQ(faults_with("page_size", text), list{"/page_size not_an_integer"}) << text;
  for (const auto* text : {"\"1\"", "true", "[1]", "{}"})
    EXPECT_EQ(faults_with("page_size", text), list{"/page_size invalid_type"}) << text;
}

TEST(DecodeInteger, BeyondItsTypeIsAFault) {
  for (const auto* text : {"2147483648", "9223372036854775808", "18446744073709551615",
                           "18446744073709551616", "100000000000000000000000000000000000", "1e19", "1e308"})
    EXPECT_EQ(faults_with("page_size", text), list{"/page_size too_large"}) << text;
  for (const auto* text : {"-2147483649", "-9223372036854775808", "-9223372036854775809", "-1e19",
                           "-100000000000000000000000000000000000"})
    EXPECT_EQ(faults_with("page_size", text), list{"/page_size too_small"}) << text;
}

TEST(DecodeInteger, BeyondADoubleIsAFault) {
  const auto positive = decode_body<patch>(R"({"parent": 1e400})");
  ASSERT_FALSE(positive);
  const auto negative = decode_body<patch>(R"({"parent": -1e400})");
  ASSERT_FALSE(negative);
  EXPECT_EQ(faults_of(positive.error()), list{"/parent too_large"});
  EXPECT_EQ(faults_of(negative.error()), list{"/parent too_small"});
  EXPECT_FALSE(decode_body<patch>(R"({"parent": 1e99999999999999999999})"));
  EXPECT_FALSE(decode_body<patch>(R"({"parent": 1e-99999999999999999999})"));
}

TEST(DecodeText, CountsCharactersAfterTrimming) {
  EXPECT_EQ(faults_with("name", R"("  ሸሚዝሸሚ  ")"), list{});
  EXPECT_EQ(faults_with("name", R"("ሸሚዝሸሚዝ")"), list{"/name too_long"});
  EXPECT_EQ(faults_with("name", R"(" \t\n ")"), list{"/name blank"});
  EXPECT_EQ(faults_with("note", R"("a")"), list{"/note too_short"});
  EXPECT_EQ(faults_with("note", R"("ab")"), list{});
  EXPECT_EQ(faults_with("note", "5"), list{"/note invalid_type"});
}

TEST(DecodeText, RefusesNul) {
  EXPECT_EQ(faults_with("name", R"("a\u0000b")"), list{"/name invalid_text"});
  EXPECT_EQ(faults_with("stock", R"({"a\u0000": 1})"), list{"/stock/a\0 invalid_text"s});
}

TEST(DecodeText, IsKeptAsItIsWhereAskedTo) {
  const auto read = decode_body<forms>(R"({"password": "  secret  ", "plain": " a ", "sku": " A 1 "})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->password, "  secret  ");
  EXPECT_EQ(read->plain, " a ");
  EXPECT_EQ(read->sku, "A 1");
  EXPECT_EQ(faults_in<forms>(R"({"password": "         "})"), list{"/password blank"});
}

TEST(DecodeText, SaysWhichFormIsMissed) {
  EXPECT_EQ(faults_in<forms>(
                R"({"email": "a@b", "url": "ftp://x.et", "country": "et", "slug": "A b", "sku": "a\tb"})"),
            (list{"/email invalid_email", "/url invalid_url", "/country invalid_country",
                  "/slug invalid_slug", "/sku invalid_sku"}));
  EXPECT_EQ(faults_in<forms>(R"({"email": "", "url": " ", "plain": ""})"),
            (list{"/email blank", "/url blank"}));
}

TEST(DecodeScalar, RefusesOtherForms) {
  for (const auto* text : {R"("12,50")", R"("")", R"(" 1")", R"("1e3")", R"("1.0000000000000000001")"})
    EXPECT_EQ(faults_with("price", text), list{"/price invalid_decimal"}) << text;
  EXPECT_EQ(faults_with("currency", R"("etb")"), list{"/currency invalid_currency"});
  EXPECT_EQ(faults_with("id", R"("1")"), list{"/id invalid_uuid"});
  EXPECT_EQ(faults_with("at", R"("yesterday")"), list{"/at invalid_time"});
  EXPECT_EQ(faults_with("colour", R"("green")"), list{"/colour invalid_choice"});
  EXPECT_EQ(faults_with("flag", R"("true")"), list{"/flag invalid_type"});
}

TEST(DecodeScalar, DecimalLimitsHoldToTheLastDigit) {
  EXPECT_EQ(faults_with("price", R"("1000")"), list{});
  EXPECT_EQ(faults_with("price", R"("1000.00000000000001")"), list{"/price too_large"});
  EXPECT_EQ(faults_with("price", R"("999.999999999999999")"), list{});
  EXPECT_EQ(faults_with("price", R"("-0.000000000000000001")"), list{"/price too_small"});
  EXPECT_EQ(faults_with("price", R"("-0")"), list{});
}

TEST(DecodeChoice, ListsTheChoices) {
  boost::json::value body = *parse(whole);
  body.as_object()["colour"] = "green";
  EXPECT_EQ(decode<everything>(body).error().errors.at(0).detail, "This must be one of: red, dark_blue.");
}

TEST(DecodeArray, HasItsLimits) {
  EXPECT_EQ(faults_with("items", "[]"), list{"/items too_few_items"});
  EXPECT_EQ(faults_with("items", "[1, 2, 3, 4]"), list{"/items too_many_items"});
  EXPECT_EQ(faults_with("items", "[1, null]"), (list{"/items/0 invalid_type", "/items/1 invalid_type"}));
  EXPECT_EQ(faults_with("items", "{}"), list{"/items invalid_type"});
}

TEST(DecodePatch, TellsLeftOutFromNull) {
  EXPECT_EQ(decode_body<patch>("{}")->parent, std::nullopt);
  const auto cleared = decode_body<patch>(R"({"parent": null})");
  ASSERT_TRUE(cleared->parent.has_value());
  EXPECT_FALSE(cleared->parent->has_value());
  EXPECT_EQ(decode_body<patch>(R"({"parent": 5})")->parent.value(), 5);
  EXPECT_EQ(faults_in<patch>(R"({"parent": 0})"), list{"/parent too_small"});
}

TEST(DecodeRecursive, FollowsTheTree) {
  const auto read = decode_body<node>(R"({"name": "a", "children": [{"name": "b", "children": []}]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->children.at(0).name, "b");
}

TEST(Parse, RefusesWhatIsNotJson) {
  for (const auto text : {""sv,         " "sv,          "{"sv,       "{]"sv,      "{} {}"sv,
                          "{}x"sv,      "{\"a\":1,}"sv, "[1,]"sv,    "// c\n1"sv, "'a'"sv,
                          "NaN"sv,      "01"sv,         "+1"sv,      "1."sv,      "\"\n\""sv,
                          "\"a\0b\""sv, "{}\0"sv,       "\"\\x\""sv, "tru"sv,     "\xef\xbb\xbf{}"sv}) {
    const auto read = parse(text);
    ASSERT_FALSE(read) << text;
    EXPECT_TRUE(read.error().is(errors::malformed_request));
  }
}

TEST(Parse, RefusesBadUtf8) {
  for (const auto text : {"\"\xff\""sv, "\"\xc0\x80\""sv, "\"\xed\xa0\x80\""sv, "\"\xc3\""sv,
                          "{\"\xff\": 1}"sv, R"("\ud800")"sv, R"("\udc00")"sv, R"("\ud800\u0041")"sv})
    EXPECT_FALSE(parse(text)) << testing::PrintToString(text);
}

TEST(Parse, GoesNoDeeperThan32) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse(nested(32)));
  EXPECT_FALSE(parse(nested(33)));
  EXPECT_FALSE(parse(nested(100'000)));
  EXPECT_FALSE(parse(std::string(100'000, '[')));
}

TEST(Parse, RefusesTheSameMemberTwice) {
  EXPECT_FALSE(parse(R"({"a": 1, "a": 1})"));
  EXPECT_FALSE(parse(R"([{"b": {"a": 1, "\u0061": 2}}])"));
  EXPECT_FALSE(parse(R"({"a": {"x": 1, "y": 2}, "a": {}})"));
  EXPECT_TRUE(parse(R"({"a": {"a": 1}, "A": [{"a": 1}, {"a": 1}]})"));
  std::string many = "{";
  for (int i = 0; i < 1000; ++i)
    many += fmt::format("\"x{}\":1,", i);
  EXPECT_TRUE(parse(many + "\"y\":1}"));
  EXPECT_FALSE(parse(many + "\"x500\":1}"));
}

TEST(Parse, TakesBlanksAround) { EXPECT_TRUE(parse(" \r\n\t{} \r\n")); }

RC_GTEST_PROP(Parse, NoBytesMakeItFail, (const std::string& bytes)) {
  const auto read = parse(bytes);
  if (!read)
    RC_ASSERT(read.error().is(errors::malformed_request));
}

RC_GTEST_PROP(DecodeInteger, AnyComesThrough, (std::int64_t number)) {
  const auto read = decode_body<patch>(fmt::format(R"({{"parent": {}}})", number));
  if (number >= 1)
    RC_ASSERT(read.value().parent == number);
  else
    RC_ASSERT(read.error().errors.at(0).code == "too_small");
}

} // namespace
} // namespace nexus::json
