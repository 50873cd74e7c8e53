// Holds end: orders unpaid at their expires_at.
#include "inventory/inventory.hpp"
#include "orders/orders.sql.hpp"
#include "orders/use_cases.hpp"
#include "platform/log/log.hpp"

#include <set>

namespace nexus::orders {

namespace {

// Placements of the same things wait while a batch holds its rows of stock: it is short.
constexpr int batch_size = 200;

struct due_orders {
  std::vector<uuid> ids;
  std::vector<inventory::held_pieces> held; // of all of them
};

awaitable<due_orders> list_due(db::transaction& tx, time_point now) {
  due_orders due;
  for (const db::row row : co_await tx.query(sql::list_due, now, batch_size))
    due.ids.push_back(row.get<uuid>(0));
  if (due.ids.empty())
    co_return due;
  for (const db::row row : co_await tx.query(sql::pieces_of_orders, due.ids)) {
    const auto [order_id, variant_id, quantity] = row.as<uuid, std::int64_t, int>();
    due.held.push_back({order_id, {variant_id, quantity}});
  }
  co_return due;
}

void announce_expired(db::transaction& tx, const tasks::outbox& outbox, const std::set<uuid>& ended,
                      time_point now) {
  std::vector<tasks::new_task> events;
  for (const uuid& id : ended)
    events.push_back(event_task(expired_event, id));
  outbox.enqueue_all(tx, events, now);
}

// One batch in one transaction; how many were due. Locks the variants of all, then the orders, by id.
awaitable<int> expire_batch(db::transaction& tx, settings s, time_point now) {
  due_orders due = co_await list_due(tx, now);
  if (due.ids.empty())
    co_return 0;
  std::vector<std::int64_t> variants;
  for (const inventory::held_pieces& each : due.held)
    variants.push_back(each.what.variant_id);
  co_await inventory::lock(tx, variants);
  pricing::lock_uses_of(tx, due.ids);
  std::set<uuid> ended;
  for (const db::row row : co_await tx.query(sql::lock_pending, due.ids, now))
    ended.insert(row.get<uuid>(0)); // without those paid or cancelled in between
  if (ended.empty())
    co_return static_cast<int>(due.ids.size());
  std::erase_if(due.held, [&](const auto& each) { return !ended.contains(each.order_id); });
  const std::vector<uuid> ids(ended.begin(), ended.end());
  tx.send(sql::expire_orders, ids, now);
  inventory::release_all(tx, due.held, "order_expired", now);
  pricing::give_back(tx, ids, now);
  announce_expired(tx, *s.outbox, ended, now);
  log::info("orders expired", {{"count", ended.size()}});
  co_return static_cast<int>(due.ids.size());
}

} // namespace

awaitable<> expire_due(db::session db, settings s, time_point now) {
  int due = batch_size;
  while (due == batch_size)
    due = co_await db::in_transaction(db, [s, now](db::transaction& tx) { return expire_batch(tx, s, now); });
}

} // namespace nexus::orders
