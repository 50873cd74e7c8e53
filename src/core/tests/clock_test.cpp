#include "core/clock.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nexus {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

time_point at(std::chrono::year_month_day date, std::chrono::microseconds of_day = 0us) {
  return time_point{sys_days{date}} + of_day;
}

TEST(Rfc3339, IsWrittenInUtc) {
  using namespace std::chrono;
  EXPECT_EQ(to_rfc3339(time_point{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(at(2026y / 11 / 22, 15h + 57min)), "2026-11-22T15:57:00Z");
  EXPECT_EQ(to_rfc3339(at(2026y / 11 / 22, 15h + 57min + 123456us)), "2026-11-22T15:57:00.123456Z");
  EXPECT_EQ(to_rfc3339(at(2026y / 11 / 22, 1us)), "2026-11-22T00:00:00.000001Z");
  EXPECT_EQ(to_rfc3339(time_point{-1us}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(at(1y / 1 / 1)), "0001-01-01T00:00:00Z");
}

TEST(Rfc3339, TakesEveryOffset) {
  using namespace std::chrono;
  const auto noon = at(2026y / 2 / 28, 12h);
  EXPECT_EQ(parse_rfc3339("2026-02-28T12:00:00Z"), noon);
  EXPECT_EQ(parse_rfc3339("2026-02-28t12:00:00z"), noon);
  EXPECT_EQ(parse_rfc3339("2026-02-28 12:00:00Z"), noon);
  EXPECT_EQ(parse_rfc3339("2026-02-28T15:00:00+03:00"), noon);
  EXPECT_EQ(parse_rfc3339("2026-02-28T00:30:00-11:30"), noon);
  EXPECT_EQ(parse_rfc3339("2026-03-01T11:59:00+23:59"), noon);
  EXPECT_EQ(parse_rfc3339("2026-02-28T12:00:00-00:00"), noon);
}

TEST(Rfc3339, CutsTheFractionAtMicroseconds) {
  using namespace std::chrono;
  EXPECT_EQ(parse_rfc3339("2026-02-28T12:00:00.5Z"), at(2026y / 2 / 28, 12h + 500ms));
  EXPECT_EQ(parse_rfc3339("2026-02-28T12:00:00.123456999999Z"), at(2026y / 2 / 28, 12h + 123456us));
}

TEST(Rfc3339, KnowsTheCalendar) {
  EXPECT_TRUE(parse_rfc3339("2024-02-29T00:00:00Z"));
  EXPECT_TRUE(parse_rfc3339("2000-02-29T00:00:00Z"));
  for (const auto* text :
       {"2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z", "2016-12-31T23:59:60Z", "0000-06-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Rfc3339, RefusesOtherForms) {
  for (const auto* text :
       {"", "2026-02-28", "2026-02-28T12:00Z", "2026-02-28T12:00:00", "2026-02-28T12:00:00.Z",
        "2026-02-28T12:00:00,5Z", "2026-02-28T12:00:00+0300", "2026-02-28T12:00:00+3:00",
        "2026-02-28T12:00:00+24:00", "2026-02-28T12:00:00+03:60", "2026-02-28T12:00:00Zx",
        " 2026-02-28T12:00:00Z", "2026-2-28T12:00:00Z", "26-02-28T12:00:00Z", "+2026-02-28T12:00:00Z",
        "20260228T120000Z", "2026-02-28T12:00:00.5+", "2026-02-28_12:00:00Z"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

RC_GTEST_PROP(Rfc3339, AnyTimeComesBackFromItsText, ()) {
  using namespace std::chrono;
  const auto first = at(1y / 1 / 1).time_since_epoch().count();
  const auto last = at(9999y / 12 / 31, 24h - 1us).time_since_epoch().count();
  const time_point time{microseconds{*rc::gen::inRange(first, last + 1)}};
  RC_ASSERT(parse_rfc3339(to_rfc3339(time)) == time);
}

RC_GTEST_PROP(Rfc3339, NoTextMakesItFail, (const std::string& text)) {
  RC_ASSERT(!parse_rfc3339(text) || text.size() >= 20);
}

TEST(SystemClock, GoesOn) {
  const system_clock clock;
  const auto now = std::chrono::system_clock::now();
  const auto read = clock.now();
  EXPECT_LE(now - 1us, read);
  EXPECT_LE(read, clock.now());
}

} // namespace
} // namespace nexus
