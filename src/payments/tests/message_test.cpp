#include "payments/message.hpp"

#include <gtest/gtest.h>

namespace nexus::payments {
namespace {

TEST(message, keeps_numbers_as_they_were_written) {
  const auto m =
      message::parse(R"({"data":{"amount":100.10,"a":12.000,"n":7,"neg":-1,"big":123456789012345678901}})");
  ASSERT_TRUE(m);
  EXPECT_EQ(m->at("/data/amount"), "100.10");
  EXPECT_EQ(m->at("/data/a"), "12.000");
  EXPECT_EQ(m->at("/data/n"), "7");
  EXPECT_EQ(m->at("/data/neg"), "-1");
  EXPECT_EQ(m->at("/data/big"), "123456789012345678901");
}

TEST(message, reads_text_booleans_and_null) {
  const auto m =
      message::parse(R"({"a":"x\u00e9\n","b":true,"c":null,"d":[1,{"e":"f"},[2]],"g":{},"h/i":"j"} )");
  ASSERT_TRUE(m);
  EXPECT_EQ(m->at("/a"), "x\xC3\xA9\n");
  EXPECT_EQ(m->at("/b"), "true");
  EXPECT_EQ(m->at("/c"), "");
  EXPECT_EQ(m->at("/d/0"), "1");
  EXPECT_EQ(m->at("/d/1/e"), "f");
  EXPECT_EQ(m->at("/d/2/0"), "2");
  EXPECT_EQ(m->at("/g"), "");
  EXPECT_EQ(m->at("/h~1i"), "j");
  EXPECT_EQ(m->at("/missing"), "");
}

TEST(message, text_below_takes_text_or_an_object_of_lists) {
  EXPECT_EQ(message::parse(R"({"message":"Hosted Link"})")->text_below("/message"), "Hosted Link");
  EXPECT_EQ(
      message::parse(R"({"message":{"amount":["validation.numeric","second"],"email":["validation.email"]}})")
          ->text_below("/message"),
      "amount: validation.numeric; amount: second; email: validation.email");
  EXPECT_EQ(message::parse(R"({"message":null,"messages":"no"})")->text_below("/message"), "");
}

TEST(message, refuses_what_is_not_one_object) {
  for (const char* text :
       {"", "<html>502</html>", "[]", "\"text\"", "7", "{\"a\":", "{} {}", "{\"a\":1,\"a\":2}",
        R"({"d":{"status":"pending","status":"success"}})", "{\"a\":\"\xff\"}"})
    EXPECT_FALSE(message::parse(text)) << text;
  std::string deep(100, '[');
  EXPECT_FALSE(message::parse("{\"a\":" + deep + std::string(100, ']') + "}"));
  EXPECT_TRUE(message::parse(R"({"a":[{"k":1},{"k":2}],"b":{"k":3}})")) << "the same name in other objects";
}

TEST(message, storable_is_utf8_without_nul_and_bounded) {
  EXPECT_EQ(storable("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(storable(std::string_view("a\0b", 3)), "a\xEF\xBF\xBD"
                                                   "b");
  EXPECT_EQ(storable("a\xff"), "a\xEF\xBF\xBD");
  EXPECT_LE(storable(std::string(100'000, '\xff')).size(), 8'000u);
  EXPECT_LE(storable(std::string(100'000, 'a')).size(), 8'000u);
  EXPECT_GT(storable(std::string(100'000, 'a')).size(), 7'000u);
}

} // namespace
} // namespace nexus::payments
