// Orders out of their rows.
#pragma once

#include "orders/orders.hpp"

namespace nexus::orders {

// header rows as find_order and list_orders_* give them; the lines and what explains the totals are read in
// two more statements.
awaitable<std::vector<order>> load_all(db::queryable& db, db::rows headers);

} // namespace nexus::orders
