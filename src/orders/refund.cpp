// What payments ask when money goes back: pieces taken back, an order withdrawn, the money noted.
#include "inventory/inventory.hpp"
#include "orders/orders.sql.hpp"
#include "orders/use_cases.hpp"

namespace nexus::orders {

namespace {

order_status status_of(const db::row& row) {
  return json::parse_enum<order_status>(row.get<std::string_view>(0)).value();
}

// Variant to pieces: what an order holds, or what comes back of it.
using quantities = std::map<std::int64_t, int>;

awaitable<quantities> quantities_of(db::transaction& tx, uuid id) {
  quantities out;
  for (const db::row row : co_await tx.query(sql::pieces_of_orders, std::vector{id}))
    out[row.get<std::int64_t>(1)] = row.get<int>(2);
  co_return out;
}

std::vector<std::int64_t> variants_of(const quantities& q) {
  std::vector<std::int64_t> out;
  for (const auto& [variant_id, quantity] : q)
    out.push_back(variant_id);
  return out;
}

std::vector<inventory::pieces> pieces_of(const quantities& q) {
  std::vector<inventory::pieces> out;
  for (const auto& [variant_id, quantity] : q)
    if (quantity > 0)
      out.push_back({variant_id, quantity});
  return out;
}

// What comes back, summed for each variant; a fault for each that is more than the order (still) has.
result<quantities> coming_back(const std::vector<returned_pieces>& pieces, const quantities& held) {
  quantities out;
  std::vector<field_error> faults;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto has = held.find(pieces[i].variant_id);
    const int most = has == held.end() ? 0 : has->second;
    int& sum = out[pieces[i].variant_id];
    if (pieces[i].quantity > most - sum)
      faults.push_back(
          {"/restock/" + std::to_string(i) + "/quantity", "too_large",
           "Of this variant the order has no more than " + std::to_string(most) + " that can come back."});
    else
      sum += pieces[i].quantity;
  }
  if (!faults.empty())
    return problem(errors::validation_error, "More would come back than the order has.", std::move(faults));
  return out;
}

void mark_returned(db::transaction& tx, uuid id, const quantities& back) {
  std::vector<std::int64_t> variants;
  std::vector<int> counts;
  for (const auto& [variant_id, quantity] : back) {
    variants.push_back(variant_id);
    counts.push_back(quantity);
  }
  tx.send(sql::return_pieces, id, variants, counts);
}

std::string payload_of(const uuid& id, const refund_note& told) {
  return R"({"order_id":")" + to_string(id) + R"(","amount":")" + to_string(told.amount) +
         R"(","currency":")" + std::string(told.amount.currency.code()) + R"(","reference":")" +
         told.reference + R"("})";
}

} // namespace

awaitable<result<order_status>> take_back(db::transaction& tx, uuid id, bool everything,
                                          std::vector<returned_pieces> pieces, std::optional<std::int64_t> by,
                                          time_point now) {
  quantities held = co_await quantities_of(tx, id);
  co_await inventory::lock(tx, variants_of(held));
  const db::rows locked = co_await tx.query(sql::lock_refundable, id);
  if (locked.empty())
    co_return problem(errors::not_found, "There is no such order.");
  held = co_await quantities_of(tx, id); // others may have taken some back before the lock was ours
  const order_status from = status_of(locked.front());
  const transition refund = next(from, order_event::refund);
  if (refund.refusal != nullptr)
    co_return problem(*refund.refusal, "The order is " + std::string(json::name_of(from)) + ".");
  const bool in_house = from == order_status::completed;
  const bool has_left = from == order_status::shipped || from == order_status::delivered;
  if (!pieces.empty() && !in_house && !has_left)
    co_return problem(errors::validation_error, "Nothing can come back of this order.",
                      {{"/restock", "not_restockable", "Its stock is free already."}});
  const auto back = coming_back(pieces, held);
  if (!back)
    co_return back.error();
  if (in_house)
    inventory::release(tx, pieces_of(*back), id, "order_refunded", now);
  else
    inventory::take_back(tx, pieces_of(*back), id, by, now);
  if (!back->empty())
    mark_returned(tx, id, *back);
  if (!everything || !in_house)
    co_return from;
  for (const auto& [variant_id, quantity] : *back)
    held[variant_id] -= quantity;
  inventory::release(tx, pieces_of(held), id, "order_cancelled", now);
  tx.send(sql::set_status, id, json::name_of(order_status::cancelled), now);
  tx.send(sql::set_payment_status, id, json::name_of(payment_status::refund_required));
  co_return order_status::cancelled;
}

awaitable<> note_refunded(db::transaction& tx, const settings& s, const uuid& id, const money& amount,
                          const refund_note& told, time_point now) {
  // Variants are locked before orders, so whether its stock is still held is looked at first without a lock;
  // where that has changed by the time of the lock, the transaction begins again.
  const db::rows seen = co_await tx.query(sql::peek_status, id);
  const bool was_held = !seen.empty() && status_of(seen.front()) == order_status::completed;
  quantities held;
  if (was_held) {
    held = co_await quantities_of(tx, id);
    co_await inventory::lock(tx, variants_of(held));
  }
  const db::rows locked = co_await tx.query(sql::lock_refundable, id);
  const auto [status, total, paid, refunded, was_completed] =
      locked.front().as<std::string, std::int64_t, std::int64_t, std::int64_t, bool>();
  const order_status from = json::parse_enum<order_status>(status).value();
  const transition step = next(from, order_event::refund);
  const bool ends = was_completed && paid == refunded + amount.minor && step.to;
  tx.send(sql::add_refunded, id, amount.minor,
          json::name_of(payment_after_refund(from, total, paid, refunded + amount.minor)));
  if (ends && step.stock == stock_effect::release) {
    if (!was_held)
      throw db::error("40001", "the order was completed while its refund came in", "", "orders.refund");
    held = co_await quantities_of(tx, id);
    inventory::release(tx, pieces_of(held), id, "order_refunded", now);
  }
  if (ends)
    tx.send(sql::set_status, id, json::name_of(*step.to), now);
  s.outbox->enqueue(
      tx, {refunded_event, payload_of(id, told), std::string(refunded_event) + ":" + told.reference}, now);
}

} // namespace nexus::orders
