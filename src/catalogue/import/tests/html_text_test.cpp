#include "catalogue/import/html_text.hpp"

#include "core/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace nexus::catalogue_import {
namespace {

TEST(html_text, keeps_the_words) {
  struct {
    std::string html, text;
  } const cases[] = {
      {"", ""},
      {"Plain words", "Plain words"},
      {"  several   \n blanks ", "several blanks"},
      {"<p>One.</p><p>Two.</p>", "One.\n\nTwo."},
      {"<p>One.</p>\n\n<p class=\"x\">Two.</p>", "One.\n\nTwo."},
      {"a<br>b<br/>c", "a\nb\nc"},
      {"<ul><li>hand-woven</li><li>cotton</li></ul>after", "• hand-woven\n• cotton\n\nafter"},
      {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
      {"<strong>bo</strong>ld <em>it</em>", "bold it"},
      {"Salt &amp; pepper &lt;3 &quot;x&quot; &#39;y&#x27; &nbsp;z", "Salt & pepper <3 \"x\" 'y' z"},
      {"caf&eacute; &ndash; &#4707;", "café – ባ"},
      {"AT&T &unknown; &#0; &#xD800; &#1114112; &;", "AT&T &unknown; &#0; &#xD800; &#1114112; &;"},
      {"size < 40 and > 20, 1<2", "size < 40 and > 20, 1<2"},
      {"<!-- a > b -->seen", "seen"},
      {"<script>alert('</p>')</script>seen", "seen"},
      {"<STYLE>p { color: red }</Style >seen", "seen"},
      {"<a href=\"x>y\" title='>'>link</a>", "link"},
      {"<p>Don't</p><p>won't</p>", "Don't\n\nwon't"},
      {"<img src=x onerror=alert(1)>seen", "seen"},
      {"cut <b", "cut"},
      {"<!-- never closed", ""},
      {"<script>never closed", ""},
      {"ቡና <b>ከይርጋጨፌ</b>", "ቡና ከይርጋጨፌ"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(html_to_text(c.html), c.text) << c.html;
}

TEST(html_text, ends_and_stays_utf8_whatever_it_reads) {
  const auto piece =
      rc::gen::elementOf(std::vector<std::string>{"<", ">", "/", "!--", "-->", "p", "script", "li", "&", "#",
                                                  "x27;", "amp;", "\"", "'", "=", " ", "\n", "ቡ", "é"});
  EXPECT_TRUE(rc::check([&] {
    std::string html;
    for (const std::string& s : *rc::gen::container<std::vector<std::string>>(piece))
      html += s;
    RC_ASSERT(is_storable_utf8(html_to_text(html)));
  }));
}

// A megabyte of the worst kinds takes no more than its reading.
TEST(html_text, is_linear) {
  for (const std::string_view piece : {"<script></script>", "<!---->", "&amp", "<a b='", "<"}) {
    std::string html;
    while (html.size() < (1u << 20))
      html += piece;
    EXPECT_LE(html_to_text(html).size(), html.size());
  }
}

} // namespace
} // namespace nexus::catalogue_import
