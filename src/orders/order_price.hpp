// An order and its price: what pricing is told of it, and what it then says. Internal to this folder.
#pragma once

#include "orders/order.hpp"
#include "platform/db/value.hpp"

#include <map>

namespace nexus::orders {

// Of products, by their ids; as categories_of_carts gives them.
using categories = std::map<std::int64_t, std::vector<pricing::category>>;
categories read_categories(const db::rows& found);

std::vector<pricing::basket_line> basket_lines(const std::vector<order_line>& items, const categories& of);

// Sums the lines, where nothing else has a say: the total is the subtotal. False where that does not fit.
bool price_plainly(order& o);

// The same with everything that the quote explains.
void price_as(order& o, const pricing::quote& q);

} // namespace nexus::orders
