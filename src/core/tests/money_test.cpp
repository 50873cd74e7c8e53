#include "core/money.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <rapidcheck/gtest.h>

namespace nexus {
namespace {

constexpr std::int64_t largest_18_digits = 999'999'999'999'999'999;
constexpr auto int64_max = std::numeric_limits<std::int64_t>::max();
constexpr auto int64_min = std::numeric_limits<std::int64_t>::min();

std::optional<money> birr(std::string_view text) {
  const auto amount = decimal::parse(text);
  return amount ? money::from(*amount, currency::etb()) : std::nullopt;
}

TEST(Currency, IsOneThatTheShopKnows) {
  EXPECT_EQ(currency::parse("ETB"), currency::etb());
  EXPECT_EQ(currency::parse("USD"), currency::usd());
  EXPECT_EQ(currency::parse("USD")->code(), "USD");
  for (const auto* text : {"", "etb", "EUR", "ETBB", "ET", "ETB "})
    EXPECT_FALSE(currency::parse(text)) << text;
  EXPECT_EQ(currency{}, currency::etb());
  EXPECT_NE(currency::etb(), currency::usd());
}

TEST(Decimal, TrailingZerosDoNotMatter) {
  EXPECT_EQ(decimal::parse("12"), (decimal{12, 0}));
  EXPECT_EQ(decimal::parse("12.000"), decimal::parse("12"));
  EXPECT_EQ(decimal::parse("12.50"), (decimal{125, 1}));
  EXPECT_EQ(decimal::parse("0012.5"), (decimal{125, 1}));
  EXPECT_EQ(decimal::parse("0.05"), (decimal{5, 2}));
  EXPECT_EQ(decimal::parse("-0.05"), (decimal{-5, 2}));
  EXPECT_EQ(decimal::parse("-0"), decimal::parse("0.00"));
}

TEST(Decimal, RefusesWhatIsNotOne) {
  for (const auto* text : {"", "-", ".", "1.", ".5", "-.5", "+1", "--1", " 1", "1 ", "1,5", "1e3", "0x1",
                           "1.2.3", "1.-2", "NaN", "inf", "१"})
    EXPECT_FALSE(decimal::parse(text)) << text;
  EXPECT_FALSE(decimal::parse(std::string_view("1\0", 2)));
}

TEST(Decimal, HasAtMost18Digits) {
  EXPECT_EQ(decimal::parse("999999999999999999"), (decimal{largest_18_digits, 0}));
  EXPECT_EQ(decimal::parse("-0.999999999999999999"), (decimal{-largest_18_digits, 18}));
  EXPECT_EQ(decimal::parse("1.00000000000000000000000000000"), (decimal{1, 0}));
  EXPECT_FALSE(decimal::parse("1000000000000000000"));
  EXPECT_FALSE(decimal::parse("1.000000000000000001"));
  EXPECT_FALSE(decimal::parse("99999999999999999999999999999999999999"));
}

TEST(Money, IsWrittenWithItsCurrencysDigits) {
  EXPECT_EQ(to_string(money{125000, currency::etb()}), "1250.00");
  EXPECT_EQ(to_string(money{0, currency::etb()}), "0.00");
  EXPECT_EQ(to_string(money{7, currency::etb()}), "0.07");
  EXPECT_EQ(to_string(money{-7, currency::etb()}), "-0.07");
  EXPECT_EQ(to_string(money{int64_max, currency::etb()}), "92233720368547758.07");
  EXPECT_EQ(to_string(money{int64_min, currency::etb()}), "-92233720368547758.08");
}

TEST(Money, RefusesMoreDigitsThanTheCurrencyHas) {
  EXPECT_EQ(birr("1250"), (money{125000, currency::etb()}));
  EXPECT_EQ(birr("1250.5"), (money{125050, currency::etb()}));
  EXPECT_EQ(birr("1250.500"), (money{125050, currency::etb()}));
  EXPECT_FALSE(birr("1250.505"));
}

TEST(Money, RefusesWhatDoesNotFit) {
  EXPECT_EQ(birr("92233720368547758")->minor, 9223372036854775800);
  EXPECT_FALSE(birr("92233720368547759"));
  EXPECT_FALSE(birr("-999999999999999999"));
}

TEST(Money, OverflowIsSaid) {
  const money most{int64_max, currency::etb()};
  const money least{int64_min, currency::etb()};
  const money one{1, currency::etb()};
  EXPECT_FALSE(add(most, one));
  EXPECT_FALSE(add(least, money{-1, currency::etb()}));
  EXPECT_EQ(add(most, money{-1, currency::etb()})->minor, int64_max - 1);
  EXPECT_FALSE(multiply(most, 2));
  EXPECT_FALSE(multiply(least, -1));
  EXPECT_EQ(multiply(money{250, currency::usd()}, 3), (money{750, currency::usd()}));
}

RC_GTEST_PROP(Money, AnyAmountComesBackFromItsText, (std::int64_t minor)) {
  RC_PRE(minor >= -largest_18_digits && minor <= largest_18_digits);
  const money amount{minor, currency::usd()};
  const auto read = decimal::parse(to_string(amount));
  RC_ASSERT(read.has_value());
  RC_ASSERT(money::from(*read, currency::usd()) == amount);
}

RC_GTEST_PROP(Decimal, DigitsAndPointAreReadExactly, ()) {
  const auto units = *rc::gen::inRange<std::int64_t>(-largest_18_digits, largest_18_digits + 1);
  const auto scale = *rc::gen::inRange<int>(0, 19);
  std::string digits = std::to_string(units < 0 ? -units : units);
  if (digits.size() <= static_cast<std::size_t>(scale))
    digits.insert(0, static_cast<std::size_t>(scale) + 1 - digits.size(), '0');
  std::string text = (units < 0 ? "-" : "") + digits;
  if (scale > 0)
    text.insert(text.size() - static_cast<std::size_t>(scale), ".");
  const auto read = decimal::parse(text);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->scale <= scale);
  RC_ASSERT(read->scale == 0 || read->units % 10 != 0); // in lowest terms
  std::int64_t same = read->units;
  for (int i = read->scale; i < scale; ++i)
    same *= 10;
  RC_ASSERT(same == units);
}

RC_GTEST_PROP(Decimal, NoTextMakesItFail, (const std::string& text)) {
  const auto read = decimal::parse(text);
  const bool looks_like_one =
      !text.empty() && text.find_first_not_of("-.0123456789") == std::string::npos && text.size() < 1000;
  RC_ASSERT(!read || looks_like_one);
}

RC_GTEST_PROP(Money, TimesNIsNAdditions, ()) {
  const auto minor = *rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000);
  const auto times = *rc::gen::inRange<int>(0, 100);
  money sum{0, currency::etb()};
  for (int i = 0; i < times; ++i)
    sum = *add(sum, money{minor, currency::etb()});
  RC_ASSERT(multiply(money{minor, currency::etb()}, times) == sum);
}

} // namespace
} // namespace nexus
