// What is in carts, as an order will have it. Internal to this folder.
#pragma once

#include "orders/allocation.hpp"
#include "orders/order.hpp"
#include "platform/db/value.hpp"

namespace nexus::orders {

struct cart_contents {
  std::vector<order_line> items;
  std::vector<wanted_line> wanted;
  currency in;
  bool mixed_currencies = false;

  // A row of read_lines; false where it is no longer sold.
  bool add(const db::row& row);
};

// Of one cart.
cart_contents read_contents(const db::rows& found);

problem mixed_currencies();

} // namespace nexus::orders
