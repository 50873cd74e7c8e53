// Stock: pieces on hand, and those of them that live orders hold. Every change writes a row of the ledger
// (stock_movement) in the same transaction, and takes its locks in ascending order of variants.
//
//   event              on_hand   reserved
//   stock comes, goes    ± n        0       staff, import
//   an order is placed    0        + n
//   it ends unpaid        0        - n      expired, cancelled
//   it is shipped        - n       - n
//   pieces come back     + n        0       a refund that restocks
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/db/consistency.hpp"
#include "platform/db/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nexus::inventory {

inline constexpr error_kind insufficient_stock{"insufficient_stock", 409, "There is not enough in stock"};
inline constexpr error_kind stock_reserved{"stock_reserved", 409, "Live orders hold these pieces"};

struct level {
  std::int64_t variant_id = 0;
  int on_hand = 0;
  int reserved = 0;
  // How many one may order: in one order, and one customer in all. None: as many as there are.
  std::optional<int> max_per_order = {}, max_per_customer = {};
  [[nodiscard]] int available() const { return on_hand - reserved; }
};

struct pieces {
  std::int64_t variant_id = 0;
  int quantity = 0; // > 0
};

// Variants that are new, with what lies in the house (0 and more). Queued.
void open_stock(db::transaction& tx, const std::vector<level>& levels, std::optional<std::int64_t> user_id,
                time_point now);

// The rows, locked, in ascending order of variants; ids need not be sorted or unique. Unknown ones are left
// out.
awaitable<std::vector<level>> lock(db::transaction& tx, std::vector<std::int64_t> variant_ids);

// Queued with the transaction's other statements; the rows must have been locked and found sufficient. A
// mistake fails at the CHECK, and with it the transaction. Variants must be unique within a call.
void reserve(db::transaction& tx, const std::vector<pieces>& what, const uuid& order_id, time_point now);
// The same for many orders at once; each may have a variant in several lines.
struct order_pieces {
  uuid order_id{};
  std::int64_t variant_id = 0;
  int quantity = 0; // > 0
};
void reserve(db::transaction& tx, const std::vector<order_pieces>& what, time_point now);
void release(db::transaction& tx, const std::vector<pieces>& what, const uuid& order_id,
             std::string_view reason, time_point now);
// The same for several orders at once (pairs of order and variant are unique): each row of stock is changed
// once.
struct held_pieces {
  uuid order_id{};
  pieces what;
};
void release_all(db::transaction& tx, const std::vector<held_pieces>& held, std::string_view reason,
                 time_point now);
void ship(db::transaction& tx, const std::vector<pieces>& what, const uuid& order_id,
          std::optional<std::int64_t> user_id, time_point now);
// Pieces that were shipped come back into the house.
void take_back(db::transaction& tx, const std::vector<pieces>& what, const uuid& order_id,
               std::optional<std::int64_t> user_id, time_point now);

// Sets what lies in the house (import): writes a movement of the difference, none where there is none. A
// variant whose live orders hold more than that keeps what they hold. Returns the variants for which that was
// so.
awaitable<std::vector<std::int64_t>> set_on_hand(db::transaction& tx, std::vector<level> levels,
                                                 std::string reason, std::optional<std::int64_t> user_id,
                                                 time_point now);

// Those of the variants that stand in the ledger: they can be archived, never deleted. Lock them first.
awaitable<std::vector<std::int64_t>> have_moved(db::queryable& db, std::vector<std::int64_t> variant_ids);

// For nexus audit.
std::vector<db::consistency_check> consistency_checks();

// Under /inventory.
std::vector<api::endpoint> routes();

} // namespace nexus::inventory
