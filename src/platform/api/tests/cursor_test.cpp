#include "platform/api/cursor.hpp"

#include <gtest/gtest.h>

namespace nexus::api {
namespace {

TEST(Cursor, ComesBackAsItWas) {
  for (const cursor& c : {cursor{false, {}}, cursor{true, {"1"}}, cursor{false, {"12.50", "ጤና ይስጥልኝ", ""}}}) {
    const auto back = decode_cursor(encode(c));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->backward, c.backward);
    EXPECT_EQ(back->key, c.key);
  }
}

TEST(Cursor, IsSafeInAUrl) {
  EXPECT_EQ(encode({true, {"\xff\xfe?&=+/ ", "x"}}).find_first_of("+/=&? "), std::string::npos);
}

TEST(Cursor, RefusesWhatItDidNotMake) {
  for (const std::string& text : {std::string(), std::string("!"), std::string("AAAA"), std::string("zzzz"),
                                  std::string("bg=="), std::string("n"), std::string(1'001, 'b')})
    EXPECT_FALSE(decode_cursor(text)) << text;
  EXPECT_FALSE(decode_cursor(encode({false, {std::string("a\0b", 3)}}))) << "NUL cannot be stored";
  EXPECT_FALSE(decode_cursor(encode({false, {"\xc3\x28"}}))) << "not UTF-8";
}

} // namespace
} // namespace nexus::api
