// One placement transaction: locks, decides, writes and commits up to 64 orders in two round trips.
#pragma once

#include "orders/placement.hpp"

namespace nexus::orders {

// The first round trip locks the carts (by id) and the stock rows (by variant), and reads what the keys have
// got before and what is in the carts; then each order is decided in its turn; the second writes all that
// were accepted and commits. An answer for each order, in their order. Throws what a db::transaction throws;
// then nothing is placed (or, by db::in_doubt, perhaps everything).
awaitable<std::vector<placement_answer>> place_batch(db::transaction& tx, const settings& s,
                                                     const std::vector<placement_request>& orders,
                                                     time_point now);

} // namespace nexus::orders
