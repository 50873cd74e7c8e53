#include "platform/json/format.hpp"

#include "core/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nexus::json {
namespace {

using namespace std::string_view_literals;

TEST(Email, TakesWhatWeCanSendTo) {
  for (const auto* text :
       {"abel@example.com", "a@b.et", "first.last+tag@mail.example.co.et", "o'brien@example.com",
        "x_y-z@xn--bcher-kva.example", "1@2.com", "UPPER@EXAMPLE.COM"})
    EXPECT_TRUE(is_email(text)) << text;
  EXPECT_TRUE(is_email(std::string(64, 'a') + "@example.com"));
  EXPECT_TRUE(is_email("a@" + std::string(63, 'b') + ".com"));
}

TEST(Email, RefusesTheRest) {
  for (const auto text : {""sv,
                          "@"sv,
                          "a@"sv,
                          "@b.com"sv,
                          "a"sv,
                          "a@b"sv,
                          "a@@b.com"sv,
                          "a@b@c.com"sv,
                          "a b@c.com"sv,
                          " a@b.com"sv,
                          "a@b.com "sv,
                          "a@b.com\r\nBcc: c@d.com"sv,
                          "a\r\n@b.com"sv,
                          "a@b\n.com"sv,
                          "a\0@b.com"sv,
                          "\"a b\"@c.com"sv,
                          "a<x@b.com"sv,
                          "a,b@c.com"sv,
                          "a;b@c.com"sv,
                          ".a@b.com"sv,
                          "a.@b.com"sv,
                          "a..b@c.com"sv,
                          "a@.com"sv,
                          "a@b..com"sv,
                          "a@b.com."sv,
                          "a@-b.com"sv,
                          "a@b-.com"sv,
                          "a@b_c.com"sv,
                          "a@[127.0.0.1]"sv,
                          "a@127.0.0.1"sv,
                          "ä@b.com"sv,
                          "a@bücher.com"sv,
                          "a\\@b.com"sv,
                          "a(c)@b.com"sv})
    EXPECT_FALSE(is_email(text)) << text;
  EXPECT_FALSE(is_email(std::string(65, 'a') + "@example.com"));
  EXPECT_FALSE(is_email("a@" + std::string(64, 'b') + ".com"));
}

TEST(Email, HasAtMost254Bytes) {
  std::string domain;
  for (int i = 0; i < 3; ++i)
    domain += std::string(62, 'd') + ".";
  domain += "example"; // 196
  const std::string local(57, 'l');
  ASSERT_EQ((local + "@" + domain).size(), 254U);
  EXPECT_TRUE(is_email(local + "@" + domain));
  EXPECT_FALSE(is_email("l" + local + "@" + domain));
}

RC_GTEST_PROP(Email, NeverHoldsWhatEndsAHeader, ()) {
  const auto piece = rc::gen::element<std::string>("a", "b.com", "@", ".", "\r", "\n", " ", "\t", "<", ">",
                                                   "\"", ",", ";", ":", std::string(1, '\0'), "\x7f", "ä");
  const auto pieces = *rc::gen::container<std::vector<std::string>>(piece);
  std::string text = "a@b.com";
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
  for (const auto& each : pieces)
    text.insert(at, each);
  if (is_email(text)) {
    RC_ASSERT(text.find_first_of("\r\n\t <>\",;:\x7f") == std::string::npos);
    RC_ASSERT(text.find('\0') == std::string::npos);
    RC_ASSERT(std::count(text.begin(), text.end(), '@') == 1);
  }
}

TEST(Url, IsAbsoluteHttp) {
  for (const auto* text : {"http://example.com", "https://example.com/a/b?c=d#e", "HTTPS://Example.com:8443/",
                           "http://127.0.0.1:8000/x", "http://[::1]/", "https://example.com/%E1%88%B8"})
    EXPECT_TRUE(is_url(text)) << text;
  for (const auto text : {""sv,
                          "example.com"sv,
                          "/a"sv,
                          "//example.com/"sv,
                          "ftp://example.com/"sv,
                          "javascript:alert(1)"sv,
                          "mailto:a@b.com"sv,
                          "http:"sv,
                          "http:///a"sv,
                          "http://a b/"sv,
                          "http://a/\r\nb"sv,
                          "http://user:pass@a/"sv,
                          "http://a/<b>"sv,
                          "http://a/ሸ"sv,
                          " http://a/"sv,
                          "http://a/\0"sv,
                          "http://a:port/"sv,
                          "http://a:80x/"sv,
                          "http://a:/"sv,
                          "http://a:65536/"sv,
                          "http://a::80/"sv,
                          "http://a/%zz"sv})
    EXPECT_FALSE(is_url(text)) << text;
  EXPECT_FALSE(is_url("http://a/" + std::string(2048, 'b')));
}

TEST(Country, IsAnAssignedCode) {
  for (const auto* text : {"ET", "KE", "AD", "ZW", "GB", "US"})
    EXPECT_TRUE(is_country(text)) << text;
  for (const auto* text : {"", "E", "et", "ETH", "XX", "UK", "EU", "D ", " A", "AN", "ZZ"})
    EXPECT_FALSE(is_country(text)) << text;
  int count = 0;
  for (char a = 'A'; a <= 'Z'; ++a)
    for (char b = 'A'; b <= 'Z'; ++b)
      count += is_country(std::string{a, b});
  EXPECT_EQ(count, 249);
}

TEST(Slug, IsWhatSlugifyMakes) {
  for (const auto* text : {"a", "ocean-blue-shirt", "7", "ሰማያዊ-ሸሚዝ"})
    EXPECT_TRUE(is_slug(text)) << text;
  for (const auto* text : {"", "-", "a-", "-a", "a--b", "A", "a b", "a_b", "a/b", "\xff"})
    EXPECT_FALSE(is_slug(text)) << text;
}

RC_GTEST_PROP(Slug, WhatSlugifyMakesIsOne, (const std::string& text)) {
  const std::string slug = slugify(text);
  RC_ASSERT(slug.empty() || is_slug(slug));
}

TEST(Sku, IsPrintable) {
  for (const auto* text : {"A", "TSHIRT-RED-L", "a/b 1", "Größe-1", "ሸሚዝ"})
    EXPECT_TRUE(is_sku(text)) << text;
  for (const auto text :
       {""sv, " a"sv, "a "sv, "a\tb"sv, "a\nb"sv, "a\0b"sv, "a\x7f"sv, "a\xc2\x85"sv, "\xff"sv, "a\xc2"sv})
    EXPECT_FALSE(is_sku(text)) << testing::PrintToString(text);
}

} // namespace
} // namespace nexus::json
