// Why an order is not placed, in words.
#pragma once

#include "orders/allocation.hpp"
#include "orders/order.hpp"

namespace nexus::orders {

inline constexpr error_kind cart_empty{"cart_empty", 409, "The cart is empty"};
inline constexpr error_kind total_changed{"total_changed", 409, "The total is another by now"};
inline constexpr error_kind purchase_limit_exceeded{"purchase_limit_exceeded", 409,
                                                    "More than one may order of it"};

// Every failing line with variant_id, sku, requested, available. insufficient_stock, unless limits alone are
// hit: purchase_limit_exceeded.
problem short_of_stock(const decision& shortages, const std::vector<order_line>& lines);
problem total_has_changed(const decimal& expected, const money& total);
problem key_reused();

} // namespace nexus::orders
