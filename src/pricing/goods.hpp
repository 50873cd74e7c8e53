// The goods of a basket while their price is made. Internal to this folder.
#pragma once

#include "pricing/price.hpp"

namespace nexus::pricing {

struct good {
  const basket_line* line = nullptr;
  std::size_t place = 0; // in the basket
  std::int64_t total = 0;
  std::int64_t left = 0; // after the discounts so far
};

// In an order of their own (by variant, price, quantity), so that the order of the basket's lines has no say
// in who gets the odd cent.
using goods = std::vector<good>;

// A promotion, and what it takes off each of the goods.
struct taken {
  const promotion* what = nullptr;
  std::vector<std::int64_t> parts; // as the goods
};

// discounts.cpp. The promotions that the basket gets, in their order.
result<std::vector<taken>> take_discounts(const basket& b, const goods& of, std::int64_t subtotal,
                                          std::span<const promotion> automatic,
                                          std::span<const promotion> coded, const allowance& left);

// shipping.cpp. Nullptr where the basket needs none; refusals: required, unavailable.
result<const shipping_method*> chosen_method(const basket& b, const rules& r);
std::int64_t shipping_price(const shipping_method& m, const basket& b, std::int64_t worth);

// taxes.cpp. Of the goods, then of shipping; a rate at a time.
struct taxed {
  const tax_rate* rate = nullptr;
  std::vector<std::int64_t> parts; // as the goods, and one more: shipping
};
std::vector<taxed> tax(const basket& b, const goods& of, std::int64_t shipping,
                       std::span<const tax_rate> rates);

} // namespace nexus::pricing
