#include "inventory/inventory.hpp"

#include "inventory/inventory.sql.hpp"

namespace nexus::inventory {

namespace {

// What goes into change_stock and insert_movements: one element a variant in each.
struct changes {
  std::vector<std::int64_t> variant_ids;
  std::vector<int> on_hand, reserved;

  void add(std::int64_t variant_id, int on_hand_change, int reserved_change) {
    variant_ids.push_back(variant_id);
    on_hand.push_back(on_hand_change);
    reserved.push_back(reserved_change);
  }
};

struct cause {
  std::string_view reason;
  std::optional<uuid> order_id = {};
  std::optional<std::int64_t> user_id = {};
};

// The factors tell which of the two numbers a piece moves, and where to.
changes moved(const std::vector<pieces>& what, int on_hand_factor, int reserved_factor) {
  changes out;
  for (const pieces& p : what)
    out.add(p.variant_id, on_hand_factor * p.quantity, reserved_factor * p.quantity);
  return out;
}

void send(db::transaction& tx, const changes& c, const cause& why, time_point now) {
  if (c.variant_ids.empty())
    return;
  tx.send(sql::change_stock, c.variant_ids, c.on_hand, c.reserved);
  tx.send(sql::insert_movements, c.variant_ids, c.on_hand, c.reserved, why.reason, "", why.order_id,
          why.user_id, now);
}

} // namespace

void open_stock(db::transaction& tx, const std::vector<level>& levels, std::optional<std::int64_t> user_id,
                time_point now) {
  if (levels.empty())
    return;
  std::vector<std::int64_t> ids;
  std::vector<int> on_hand;
  for (const level& l : levels) {
    ids.push_back(l.variant_id);
    on_hand.push_back(l.on_hand);
  }
  tx.send(sql::insert_stock, ids, on_hand);
  tx.send(sql::insert_opening_movements, ids, on_hand, user_id, now);
}

awaitable<std::vector<level>> lock(db::transaction& tx, std::vector<std::int64_t> variant_ids) {
  std::sort(variant_ids.begin(), variant_ids.end());
  variant_ids.erase(std::unique(variant_ids.begin(), variant_ids.end()), variant_ids.end());
  const db::rows found = co_await tx.query(sql::lock_stock, variant_ids);
  std::vector<level> out;
  out.reserve(static_cast<std::size_t>(found.size()));
  for (const db::row row : found) {
    const auto [id, on_hand, reserved] = row.as<std::int64_t, int, int>();
    out.push_back({id, on_hand, reserved});
  }
  co_return out;
}

void reserve(db::transaction& tx, const std::vector<pieces>& what, const uuid& order_id, time_point now) {
  send(tx, moved(what, 0, +1), {"order placed", order_id}, now);
}

void reserve(db::transaction& tx, const std::vector<order_pieces>& what, time_point now) {
  if (what.empty())
    return;
  std::map<std::int64_t, int> by_variant;
  std::vector<std::int64_t> variant_ids;
  std::vector<int> none, held;
  std::vector<uuid> order_ids;
  for (const order_pieces& p : what) {
    by_variant[p.variant_id] += p.quantity;
    variant_ids.push_back(p.variant_id);
    none.push_back(0);
    held.push_back(p.quantity);
    order_ids.push_back(p.order_id);
  }
  changes sums;
  for (const auto& [variant_id, quantity] : by_variant)
    sums.add(variant_id, 0, quantity);
  tx.send(sql::change_stock, sums.variant_ids, sums.on_hand, sums.reserved);
  tx.send(sql::insert_order_movements, variant_ids, none, held, order_ids, "order placed", now);
}

void release(db::transaction& tx, const std::vector<pieces>& what, const uuid& order_id,
             std::string_view reason, time_point now) {
  send(tx, moved(what, 0, -1), {reason, order_id}, now);
}

void release_all(db::transaction& tx, const std::vector<held_pieces>& held, std::string_view reason,
                 time_point now) {
  if (held.empty())
    return;
  std::vector<std::int64_t> variant_ids;
  std::vector<int> quantities;
  std::vector<uuid> order_ids;
  for (const held_pieces& each : held) {
    variant_ids.push_back(each.what.variant_id);
    quantities.push_back(each.what.quantity);
    order_ids.push_back(each.order_id);
  }
  tx.send(sql::release_stock, variant_ids, quantities);
  tx.send(sql::insert_releases, variant_ids, quantities, order_ids, reason, now);
}

void ship(db::transaction& tx, const std::vector<pieces>& what, const uuid& order_id,
          std::optional<std::int64_t> user_id, time_point now) {
  send(tx, moved(what, -1, -1), {"order shipped", order_id, user_id}, now);
}

void take_back(db::transaction& tx, const std::vector<pieces>& what, const uuid& order_id,
               std::optional<std::int64_t> user_id, time_point now) {
  send(tx, moved(what, +1, 0), {"returned", order_id, user_id}, now);
}

awaitable<std::vector<std::int64_t>> set_on_hand(db::transaction& tx, std::vector<level> levels,
                                                 std::string reason, std::optional<std::int64_t> user_id,
                                                 time_point now) {
  std::vector<std::int64_t> ids;
  std::unordered_map<std::int64_t, int> wanted;
  for (const level& l : levels) {
    ids.push_back(l.variant_id);
    wanted[l.variant_id] = l.on_hand;
  }
  const std::vector<level> locked = co_await lock(tx, ids);
  changes differences;
  std::vector<std::int64_t> short_of;
  for (const level& l : locked) {
    const int target = std::max(wanted[l.variant_id], l.reserved);
    if (target != wanted[l.variant_id])
      short_of.push_back(l.variant_id);
    if (target != l.on_hand)
      differences.add(l.variant_id, target - l.on_hand, 0);
  }
  send(tx, differences, {reason, {}, user_id}, now);
  co_return short_of;
}

awaitable<std::vector<std::int64_t>> have_moved(db::queryable& db, std::vector<std::int64_t> variant_ids) {
  const db::rows found = co_await db.query(sql::have_moved, variant_ids);
  std::vector<std::int64_t> out;
  for (const db::row row : found)
    out.push_back(row.get<std::int64_t>(0));
  co_return out;
}

} // namespace nexus::inventory
