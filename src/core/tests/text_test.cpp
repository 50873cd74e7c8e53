#include "core/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nexus {
namespace {

using namespace std::string_view_literals;

// Bytes that slugify and the UTF-8 checks tell apart, far more often than chance would bring them together.
rc::Gen<std::string> telling_text() {
  const auto piece = rc::gen::element<std::string>("a", "Z", "9", "-", "_", " ", "'", "/", "\t", "é", "ß",
                                                   "ሸሚዝ", "።", "—", "’", "日本", "🙂", "\xc2\xa0", "\xff",
                                                   "\xc3", "\xe1\x8d", "\xed\xa0\x80", std::string(30, 'x'));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const auto& each : pieces)
                          text += each;
                        return text;
                      });
}

TEST(Slugify, MakesWordsAndHyphens) {
  EXPECT_EQ(slugify("Ocean Blue Shirt"), "ocean-blue-shirt");
  EXPECT_EQ(slugify("  --Ocean__Blue / Shirt!! "), "ocean-blue-shirt");
  EXPECT_EQ(slugify("Men's Shirt"), "mens-shirt");
  EXPECT_EQ(slugify("Men’s Shirt — new"), "men-s-shirt-new");
  EXPECT_EQ(slugify("100% Cotton"), "100-cotton");
  EXPECT_EQ(slugify(""), "");
  EXPECT_EQ(slugify("!?…"), "");
}

TEST(Slugify, KeepsOtherScripts) {
  EXPECT_EQ(slugify("ሰማያዊ ሸሚዝ።"), "ሰማያዊ-ሸሚዝ");
  EXPECT_EQ(slugify("Café au lait"), "café-au-lait");
}

TEST(Slugify, NeverCutsInsideACharacter) {
  EXPECT_EQ(slugify(std::string(100, 'a')), std::string(80, 'a'));
  std::string letters;
  for (int i = 0; i < 40; ++i)
    letters += "ሸ"; // 3 bytes
  EXPECT_EQ(slugify(letters).size(), 78U);
  EXPECT_EQ(slugify(std::string(79, 'a') + " b"), std::string(79, 'a'));
}

RC_GTEST_PROP(Slugify, IsIdempotent, ()) {
  const auto text = *telling_text();
  const std::string slug = slugify(text);
  RC_ASSERT(slugify(slug) == slug);
}

RC_GTEST_PROP(Slugify, IsShortAndWellFormed, ()) {
  const std::string slug = slugify(*telling_text());
  RC_ASSERT(slug.size() <= 80U);
  RC_ASSERT(is_storable_utf8(slug));
  RC_ASSERT(slug.find("--") == std::string::npos);
  RC_ASSERT(!slug.starts_with('-'));
  RC_ASSERT(!slug.ends_with('-'));
  RC_ASSERT(slug == to_lower_ascii(slug));
}

TEST(StorableUtf8, TakesEveryLengthUpToTheLastCodePoint) {
  for (const auto text :
       {""sv, "plain"sv, "\x01\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
        "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv})
    EXPECT_TRUE(is_storable_utf8(text)) << text;
}

TEST(StorableUtf8, RefusesNulOverlongSurrogatesAndCutCharacters) {
  for (const auto text :
       {"a\0b"sv, "\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv,
        "\xed\xbf\xbf"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv,
        "\xc3"sv, "\xe1\x88"sv, "\xf0\x9f\x99"sv, "\xc3("sv, "\xe1\x88("sv})
    EXPECT_FALSE(is_storable_utf8(text)) << testing::PrintToString(text);
}

TEST(Trim, TakesAsciiBlanksOffBothEnds) {
  EXPECT_EQ(trim(" \t\r\n\v\fa b \n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\xc2\xa0x"), "\xc2\xa0x");
}

TEST(LengthUtf8, CountsCodePoints) {
  EXPECT_EQ(length_utf8(""), 0U);
  EXPECT_EQ(length_utf8("abc"), 3U);
  EXPECT_EQ(length_utf8("ሸሚዝ"), 3U);
  EXPECT_EQ(length_utf8("a🙂é"), 3U);
}

TEST(ToLowerAscii, LeavesTheRest) { EXPECT_EQ(to_lower_ascii("AZaz09[`É"), "azaz09[`É"); }

TEST(EscapeHtml, LeavesNothingThatMarksUp) {
  EXPECT_EQ(escape_html(R"(<a href="x" b='y'>&amp;)"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
}

RC_GTEST_PROP(EscapeHtml, NoMarkupIsLeft, (const std::string& text)) {
  const std::string escaped = escape_html(text);
  RC_ASSERT(escaped.find_first_of("<>\"'") == std::string::npos);
  RC_ASSERT(escaped.size() >= text.size());
}

} // namespace
} // namespace nexus
