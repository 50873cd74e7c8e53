#include "core/money.hpp"

#include <fmt/format.h>

namespace nexus {

std::optional<currency> currency::parse(std::string_view code) {
  for (const currency known : {etb(), usd()})
    if (known.code() == code)
      return known;
  return std::nullopt;
}

std::optional<decimal> decimal::parse(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative)
    text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && fraction.empty()))
    return std::nullopt;
  const auto all_digits = [](std::string_view s) {
    return s.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!all_digits(whole) || !all_digits(fraction))
    return std::nullopt;
  while (fraction.ends_with('0'))
    fraction.remove_suffix(1);
  const auto first = whole.find_first_not_of('0');
  const auto significant = first == std::string_view::npos ? std::string_view{} : whole.substr(first);
  if (significant.size() + fraction.size() > 18)
    return std::nullopt;
  decimal value{0, static_cast<int>(fraction.size())};
  for (const auto part : {significant, fraction})
    for (const char c : part)
      value.units = value.units * 10 + (c - '0');
  if (negative)
    value.units = -value.units;
  return value;
}

std::optional<money> money::from(const decimal& amount, nexus::currency of) {
  if (amount.scale > of.digits())
    return std::nullopt;
  money value{amount.units, of};
  for (int i = amount.scale; i < of.digits(); ++i)
    if (__builtin_mul_overflow(value.minor, std::int64_t{10}, &value.minor))
      return std::nullopt;
  return value;
}

void append(std::string& out, const money& amount) {
  std::uint64_t magnitude = static_cast<std::uint64_t>(amount.minor);
  if (amount.minor < 0) {
    out += '-';
    magnitude = 0 - magnitude;
  }
  std::uint64_t unit = 1;
  for (int i = 0; i < amount.currency.digits(); ++i)
    unit *= 10;
  fmt::format_to(std::back_inserter(out), "{}.{:0{}}", magnitude / unit, magnitude % unit,
                 amount.currency.digits());
}

std::string to_string(const money& amount) {
  std::string text;
  append(text, amount);
  return text;
}

std::optional<money> add(const money& a, const money& b) {
  if (a.currency != b.currency)
    return std::nullopt;
  money sum{0, a.currency};
  if (__builtin_add_overflow(a.minor, b.minor, &sum.minor))
    return std::nullopt;
  return sum;
}

std::optional<money> multiply(const money& price, std::int64_t quantity) {
  money product{0, price.currency};
  if (__builtin_mul_overflow(price.minor, quantity, &product.minor))
    return std::nullopt;
  return product;
}

} // namespace nexus
