#include "pricing/goods.hpp"

#include <algorithm>
#include <limits>

namespace nexus::pricing {

namespace {

// What does not fit weighs as much as anything can.
std::int64_t weight_of(const basket& b) {
  std::int64_t grams = 0;
  for (const basket_line& line : b.lines) {
    std::int64_t of_line = 0;
    if (__builtin_mul_overflow(line.weight_grams, std::int64_t{line.quantity}, &of_line) ||
        __builtin_add_overflow(grams, of_line, &grams))
      return std::numeric_limits<std::int64_t>::max();
  }
  return grams;
}

bool takes(const shipping_method& m, const basket& b, std::int64_t grams) {
  const bool goes_there = m.countries.empty() ||
                          std::find(m.countries.begin(), m.countries.end(), b.country) != m.countries.end();
  return goes_there && m.currency == b.currency && (!m.max_weight_grams || grams <= *m.max_weight_grams);
}

std::int64_t price_of(const shipping_method& m, std::int64_t grams, std::int64_t worth) {
  if (m.free_from && worth >= *m.free_from)
    return 0;
  const std::int64_t kilograms = grams / 1'000 + (grams % 1'000 != 0 ? 1 : 0); // each that is begun
  std::int64_t price = 0;
  if (__builtin_mul_overflow(m.price_per_kg, kilograms, &price) ||
      __builtin_add_overflow(price, m.price, &price))
    return std::numeric_limits<std::int64_t>::max(); // price() finds that no total holds it
  return price;
}

} // namespace

result<const shipping_method*> chosen_method(const basket& b, const rules& r) {
  if (!b.shipping_method_id) {
    if (r.shipping.empty() || b.shipping_is_open)
      return nullptr;
    return problem(shipping_method_required, "This shop ships in several ways: choose one.",
                   {{"/shipping_method_id", "required", "Choose one of the shipping methods."}});
  }
  const std::int64_t grams = weight_of(b);
  for (const shipping_method& m : r.shipping)
    if (m.id == *b.shipping_method_id && takes(m, b, grams))
      return &m;
  return problem(shipping_method_unavailable, "Choose another shipping method.",
                 {{"/shipping_method_id", "unavailable",
                   "There is no such method, or not for this destination, weight or currency."}});
}

std::int64_t shipping_price(const shipping_method& m, const basket& b, std::int64_t worth) {
  return price_of(m, weight_of(b), worth);
}

std::vector<shipping_choice> shipping_choices(const basket& b, const rules& r, std::int64_t worth) {
  std::vector<shipping_choice> out;
  const std::int64_t grams = weight_of(b);
  for (const shipping_method& m : r.shipping)
    if (takes(m, b, grams))
      out.push_back({&m, price_of(m, grams, worth)});
  std::sort(out.begin(), out.end(), [](const shipping_choice& a, const shipping_choice& c) {
    return std::pair(a.price, a.method->id) < std::pair(c.price, c.method->id);
  });
  return out;
}

} // namespace nexus::pricing
