#include "inventory/inventory.hpp"
#include "orders/orders.sql.hpp"
#include "orders/use_cases.hpp"

namespace nexus::orders {

namespace {

struct held_pieces {
  std::vector<inventory::pieces> pieces;
  std::vector<std::int64_t> variant_ids;
};

// An order's lines never change, so they may be read before its row is locked.
awaitable<held_pieces> pieces_of(db::transaction& tx, uuid id) {
  held_pieces held;
  for (const db::row row : co_await tx.query(sql::pieces_of_orders, std::vector{id})) {
    const auto [order_id, variant_id, quantity] = row.as<uuid, std::int64_t, int>();
    held.pieces.push_back({variant_id, quantity});
    held.variant_ids.push_back(variant_id);
  }
  co_return held;
}

// What the customer hears of at once. Completion has its own way (complete.cpp), and refunds are told by
// payments.
std::optional<std::string_view> told_of(order_status entered) {
  switch (entered) {
  case order_status::cancelled:
    return cancelled_event;
  case order_status::shipped:
    return shipped_event;
  default:
    return std::nullopt;
  }
}

} // namespace

tasks::new_task event_task(std::string_view event, const uuid& order_id) {
  return {.kind = event, .payload = R"({"order_id":")" + to_string(order_id) + R"("})"};
}

awaitable<result<order_status>> advance(db::transaction& tx, const tasks::outbox& outbox, uuid id,
                                        order_event event, std::optional<std::int64_t> by, time_point now) {
  const held_pieces held = co_await pieces_of(tx, id);
  if (event != order_event::deliver) // the one that moves no stock in any state
    co_await inventory::lock(tx, held.variant_ids);
  if (event == order_event::cancel ||
      event == order_event::withdraw) // what was never paid gives back the promotions it used
    pricing::lock_uses_of(tx, {id});
  const db::rows locked = co_await tx.query(sql::lock_order, id);
  if (locked.empty())
    co_return problem(errors::not_found, "There is no such order.");
  const auto from = json::parse_enum<order_status>(locked.front().get<std::string_view>(0)).value();
  const transition step = next(from, event);
  if (!step.to && step.refusal != nullptr)
    co_return problem(*step.refusal, "The order is " + std::string(json::name_of(from)) + ".");
  if (!step.to)
    co_return from;
  tx.send(sql::set_status, id, json::name_of(*step.to), now);
  if (step.stock == stock_effect::release)
    inventory::release(tx, held.pieces, id, "order_" + std::string(json::name_of(*step.to)), now);
  if (*step.to == order_status::cancelled && from == order_status::pending)
    pricing::give_back(tx, {id}, now);
  if (step.stock == stock_effect::leave)
    inventory::ship(tx, held.pieces, id, by, now);
  if (const auto told = told_of(*step.to))
    outbox.enqueue(tx, event_task(*told, id), now);
  co_return *step.to;
}

} // namespace nexus::orders
