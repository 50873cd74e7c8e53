// Holds end: orders unpaid at their expires_at.
#include "inventory/inventory.hpp"
#include "orders/orders.sql.hpp"
#include "orders/use_cases.hpp"
#include "platform/log/log.hpp"

#include <set>

namespace nexus::orders {

namespace {

constexpr int batch_size = 200;

// One batch in one transaction; how many were due. Locks the variants of all, then the orders, by id.
awaitable<int> expire_batch(db::transaction& tx, time_point now) {
  std::vector<uuid> due;
  for (const db::row row : co_await tx.query(sql::list_due, now, batch_size))
    due.push_back(row.get<uuid>(0));
  if (due.empty())
    co_return 0;
  std::map<uuid, std::vector<inventory::pieces>> held;
  std::vector<std::int64_t> variants;
  for (const db::row row : co_await tx.query(sql::pieces_of_orders, due)) {
    const auto [order_id, variant_id, quantity] = row.as<uuid, std::int64_t, int>();
    held[order_id].push_back({variant_id, quantity});
    variants.push_back(variant_id);
  }
  co_await inventory::lock(tx, variants);
  pricing::lock_uses_of(tx, due);
  std::vector<uuid> ended;
  for (const db::row row : co_await tx.query(sql::lock_pending, due, now))
    ended.push_back(row.get<uuid>(0)); // without those paid or cancelled in between
  if (!ended.empty())
    tx.send(sql::expire_orders, ended, now);
  for (const uuid& id : ended)
    inventory::release(tx, held[id], id, "order_expired", now);
  pricing::give_back(tx, ended, now);
  if (!ended.empty())
    log::info("orders expired", {{"count", ended.size()}});
  co_return static_cast<int>(due.size());
}

} // namespace

awaitable<> expire_due(db::session s, time_point now) {
  int due = batch_size;
  while (due == batch_size)
    due = co_await db::in_transaction(s, [now](db::transaction& tx) { return expire_batch(tx, now); });
}

} // namespace nexus::orders
