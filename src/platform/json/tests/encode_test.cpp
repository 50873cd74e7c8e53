#include "platform/json/encode.hpp"

#include "core/text.hpp"
#include "platform/json/decode.hpp"
#include "platform/json/tests/sample.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nexus::json {
namespace {

using namespace std::string_literals;

std::string written(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

std::string text_in(const boost::json::value& value) {
  return {value.as_string().data(), value.as_string().size()};
}

TEST(Encode, EveryKindOfMember) {
  sample::answer value;
  value.id = *parse_uuid("0190163d-8694-739b-aea5-966c26f8ad91");
  value.total = {125000, currency::etb()};
  value.at = *parse_rfc3339("2026-11-22T15:57:00.5Z");
  value.colour = sample::colour::dark_blue;
  value.numbers = {1, -2};
  value.texts = {{"a\"b", "c"}, {"d", ""}};
  value.extra = {R"({"ready":[1]})"};
  EXPECT_EQ(encode(value), R"({"id":"0190163d-8694-739b-aea5-966c26f8ad91","total":"1250.00","note":null,)"
                           R"("at":"2026-11-22T15:57:00.500000Z","colour":"dark_blue","numbers":[1,-2],)"
                           R"("texts":{"a\"b":"c","d":""},"extra":{"ready":[1]}})");
  value.note = "n";
  value.left_out = 3;
  const auto parsed = parse(encode(value));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->at("note"), "n");
  EXPECT_EQ(parsed->at("left_out"), 3);
}

TEST(Encode, NothingBetweenTheBraces) {
  EXPECT_EQ(encode(std::vector<int>{}), "[]");
  EXPECT_EQ(encode(std::map<std::string, int>{}), "{}");
  EXPECT_EQ(encode(std::optional<bool>{}), "null");
  EXPECT_EQ(encode(true), "true");
  EXPECT_EQ(encode(currency::usd()), R"("USD")");
}

TEST(Encode, Recursive) {
  EXPECT_EQ(encode(sample::node{"a", {{"b", {}}, {"c", {}}}}),
            R"({"name":"a","children":[{"name":"b","children":[]},{"name":"c","children":[]}]})");
}

TEST(Encode, IntegersToTheirLimits) {
  EXPECT_EQ(encode(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(encode(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
}

TEST(AppendString, EscapesWhatJsonDemands) {
  EXPECT_EQ(written("plain ሸሚዝ 🙂 /a/b"), R"("plain ሸሚዝ 🙂 /a/b")");
  EXPECT_EQ(written("\"\\\n\r\t\x01\x1f\x7f"), "\"\\\"\\\\\\n\\r\\t\\u0001\\u001f\x7f\"");
  EXPECT_EQ(written("a\0b"s), R"("a\u0000b")");
  EXPECT_EQ(written(""), R"("")");
}

TEST(AppendString, EndsNoScriptElement) {
  EXPECT_EQ(written("</script>"), R"("<\/script>")");
  EXPECT_EQ(written("/<//"), R"("/<\//")");
}

TEST(AppendString, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(written("a\xff"), "\"a\xef\xbf\xbd\"");
  EXPECT_EQ(written("\xc3"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(written("\xc3\"x"), "\"\xef\xbf\xbd\\\"x\"");
  EXPECT_EQ(written("\xed\xa0\x80!"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd!\"");
}

// Bytes that are escaped, that look like the start of a character, and characters of every length.
rc::Gen<std::string> telling_text() {
  const auto piece =
      rc::gen::oneOf(rc::gen::map(rc::gen::arbitrary<char>(), [](char c) { return std::string(1, c); }),
                     rc::gen::element<std::string>("\"", "\\", "<", "/", "</", "\n", std::string(1, '\0'),
                                                   "é", "ሸ", "🙂", "plain", "\xff", "\xc3", "\xf0\x9f"));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const auto& each : pieces)
                          text += each;
                        return text;
                      });
}

RC_GTEST_PROP(AppendString, AnyBytesMakeWellFormedJson, ()) {
  const std::string text = *telling_text();
  const auto parsed = parse(written(text));
  RC_ASSERT(parsed.has_value());
  std::string expected;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = character_length(rest);
    expected += length == 0 ? std::string_view("\xef\xbf\xbd") : rest.substr(0, length);
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  RC_ASSERT(text_in(*parsed) == expected);
}

RC_GTEST_PROP(Encode, ADescribedTypeComesBack, ()) {
  sample::everything value;
  value.flag = *rc::gen::arbitrary<bool>();
  value.name = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'f')));
  value.name.resize(std::min<std::size_t>(value.name.size(), 5));
  value.at = time_point{std::chrono::microseconds{*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000)}};
  value.colour = *rc::gen::element(sample::colour::red, sample::colour::dark_blue);
  const auto note = *rc::gen::arbitrary<std::string>();
  if (is_storable_utf8(note) && trim(note) == note && length_utf8(note) >= 2)
    value.note = note;
  const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 10'000));
  for (std::size_t i = 0; i <= numbers.size() % 3; ++i)
    value.items.push_back({*rc::gen::inRange<std::int64_t>(1, std::numeric_limits<std::int64_t>::max()), 1});
  for (const int number : numbers)
    value.stock[std::to_string(number)] = number;

  // decimal is for requests alone, so its member is put in by hand.
  std::string body = "{";
  body += R"("price":"12.50","currency":"ETB")";
  body += R"(,"flag":)" + encode(value.flag) + R"(,"name":)" + encode(value.name) + R"(,"id":)" +
          encode(value.id);
  body += R"(,"at":)" + encode(value.at) + R"(,"colour":)" + encode(value.colour) + R"(,"note":)" +
          encode(value.note);
  body += R"(,"items":)" + encode(value.items) + R"(,"stock":)" + encode(value.stock) + "}";
  const auto parsed = parse(body);
  RC_ASSERT(parsed.has_value());
  const auto read = decode<sample::everything>(*parsed);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->flag == value.flag);
  RC_ASSERT(read->name == value.name);
  RC_ASSERT(read->at == value.at);
  RC_ASSERT(read->colour == value.colour);
  RC_ASSERT(read->note == value.note);
  RC_ASSERT(read->items == value.items);
  RC_ASSERT(read->stock == value.stock);
}

} // namespace
} // namespace nexus::json
