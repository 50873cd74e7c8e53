// Money is int64 minor units and a currency; no floating point anywhere.
//
// On the wire an amount is a decimal string with the currency's digits ("1250.00"), beside its currency
// (api.md).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus {

// ISO 4217, three upper-case letters.
class currency {
public:
  constexpr currency() = default;
  // nullopt where the shop does not know it; ETB and USD are known (the two that Chapa takes).
  static std::optional<currency> parse(std::string_view code);
  static constexpr currency etb() { return currency{{'E', 'T', 'B'}}; }
  static constexpr currency usd() { return currency{{'U', 'S', 'D'}}; }

  [[nodiscard]] constexpr std::string_view code() const { return {code_.data(), code_.size()}; }
  // Digits after the point.
  [[nodiscard]] constexpr int digits() const { return 2; }
  friend constexpr bool operator==(const currency&, const currency&) = default;

private:
  constexpr explicit currency(std::array<char, 3> code) : code_(code) {}
  std::array<char, 3> code_{'E', 'T', 'B'};
};

// A decimal as a client or a gateway wrote it, exact: units / 10^scale. Trailing zeros of the fraction are
// dropped, so "12.000", "12" and "12.0" are equal.
struct decimal {
  std::int64_t units = 0;
  int scale = 0;

  // [-]digits[.digits], at most 18 significant digits, no sign but '-', no blanks, no exponent.
  static std::optional<decimal> parse(std::string_view text);
  friend bool operator==(const decimal&, const decimal&) = default;
};

struct money {
  std::int64_t minor = 0; // in the currency's smallest unit
  nexus::currency currency;

  // nullopt where the decimal has more digits than the currency, or does not fit.
  static std::optional<money> from(const decimal& amount, nexus::currency of);

  friend bool operator==(const money&, const money&) = default;
};

// "1250.00"
std::string to_string(const money& amount);
void append(std::string& out, const money& amount);

// nullopt on overflow, and where the currencies differ.
std::optional<money> add(const money& a, const money& b);
std::optional<money> multiply(const money& price, std::int64_t quantity);

} // namespace nexus
