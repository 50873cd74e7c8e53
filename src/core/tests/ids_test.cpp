#include "core/ids.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>

namespace nexus {
namespace {

using namespace std::chrono_literals;

const time_point start = *parse_rfc3339("2026-11-22T15:57:00.123456Z");

TEST(Uuid, Version7StartsWithItsMilliseconds) {
  const uuid id = new_uuid(start);
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(start).time_since_epoch().count();
  std::int64_t read = 0;
  for (std::size_t i = 0; i < 6; ++i)
    read = read * 256 + id.data[i];
  EXPECT_EQ(read, ms);
  EXPECT_EQ(to_string(id)[14], '7');
  EXPECT_EQ(id.data[8] & 0xc0, 0x80); // RFC 9562's variant
}

TEST(Uuid, LaterOnesSortAfter) {
  EXPECT_LT(to_string(new_uuid(start)), to_string(new_uuid(start + 1ms)));
  EXPECT_LT(new_uuid(start), new_uuid(start + 1h));
}

TEST(Uuid, OnesOfTheSameMomentDiffer) {
  std::set<uuid> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(new_uuid(start));
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Uuid, IsReadInEitherCase) {
  const auto id = parse_uuid("0190163D-8694-739b-aea5-966c26f8ad91");
  ASSERT_TRUE(id);
  EXPECT_EQ(to_string(*id), "0190163d-8694-739b-aea5-966c26f8ad91");
}

TEST(Uuid, RefusesOtherForms) {
  for (const auto* text : {"", "0190163d8694739baea5966c26f8ad91", "{0190163d-8694-739b-aea5-966c26f8ad91}",
                           "0190163d-8694-739b-aea5-966c26f8ad9", "0190163d-8694-739b-aea5-966c26f8ad911",
                           "0190163g-8694-739b-aea5-966c26f8ad91", "0190163d-8694-739b-aea5+966c26f8ad91",
                           "0190163d-8694-739b-aea5-966c26f8ad9-"})
    EXPECT_FALSE(parse_uuid(text)) << text;
}

RC_GTEST_PROP(Uuid, AnyComesBackFromItsText, ()) {
  const auto bytes = *rc::gen::container<std::vector<std::uint8_t>>(16, rc::gen::arbitrary<std::uint8_t>());
  uuid id;
  std::copy(bytes.begin(), bytes.end(), id.data);
  const std::string text = to_string(id);
  RC_ASSERT(text.size() == 36U);
  RC_ASSERT(parse_uuid(text) == id);
}

TEST(RandomCode, HasOnlySymbolsNobodyConfuses) {
  std::set<char> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string code = random_code(33);
    ASSERT_EQ(code.size(), 33U);
    EXPECT_EQ(code.find_first_not_of("ABCDEFGHJKMNPQRSTUVWXYZ23456789"), std::string::npos) << code;
    seen.insert(code.begin(), code.end());
  }
  EXPECT_EQ(seen.size(), 31U); // a symbol missing from 3300 fair draws: 31 * (30/31)^3300 < 1e-45
  EXPECT_EQ(random_code(0), "");
}

TEST(RandomToken, IsBase64UrlOfAsManyBytes) {
  for (std::size_t bytes = 0; bytes < 40; ++bytes) {
    const std::string token = random_token(bytes);
    EXPECT_EQ(token.size(), (bytes * 4 + 2) / 3);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
  }
  EXPECT_NE(random_token(32), random_token(32));
}

} // namespace
} // namespace nexus
