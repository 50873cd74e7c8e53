// What payments ask: an order locked to be paid, the money noted, the order completed.
#include "inventory/inventory.hpp"
#include "orders/orders.sql.hpp"
#include "orders/use_cases.hpp"
#include "platform/json/decode.hpp"

namespace nexus::orders {

namespace {

order_status status_of(const db::row& row) {
  return json::parse_enum<order_status>(row.get<std::string_view>(0)).value();
}

// The address as it was placed; its fields were checked then.
std::string address_member(const boost::json::value& address, std::string_view name) {
  const auto* object = address.if_object();
  const auto* value = object == nullptr ? nullptr : object->if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

// Locks the stock of an expired order, then the promotions it used, and says whether all of it can be had
// again.
struct retaken {
  std::vector<inventory::pieces> pieces;
  std::vector<pricing::use> uses;
  bool is_there = true;
};
awaitable<retaken> lock_stock_again(db::transaction& tx, uuid id) {
  retaken out;
  std::vector<std::int64_t> variants;
  for (const db::row row : co_await tx.query(sql::pieces_of_orders, std::vector{id})) {
    out.pieces.push_back({row.get<std::int64_t>(1), row.get<int>(2)});
    variants.push_back(out.pieces.back().variant_id);
  }
  const auto levels = co_await inventory::lock(tx, variants);
  for (const inventory::pieces& p : out.pieces) {
    const auto at = std::find_if(levels.begin(), levels.end(),
                                 [&](const auto& l) { return l.variant_id == p.variant_id; });
    out.is_there &= at != levels.end() && at->available() >= p.quantity;
  }
  if (auto uses = co_await pricing::lock_uses_again(tx, id))
    out.uses = std::move(*uses);
  else
    out.is_there = false;
  co_return out;
}

} // namespace

void announce_completed(db::transaction& tx, const tasks::outbox& outbox, const uuid& id, time_point now) {
  const std::string text = to_string(id);
  outbox.enqueue(
      tx, {completed_event, R"({"order_id":")" + text + R"("})", std::string(completed_event) + ":" + text},
      now);
}

awaitable<std::optional<payable>> lock_payable(db::transaction& tx, const uuid& id) {
  const db::rows locked = co_await tx.query(sql::lock_order, id);
  if (locked.empty())
    co_return std::nullopt;
  const db::row row = locked.front();
  const auto address = json::parse(row.get<std::string_view>(4));
  const boost::json::value none;
  const boost::json::value& to = address ? *address : none;
  co_return payable{id,
                    row.get<std::string>(1),
                    status_of(row),
                    row.get<std::string>(2),
                    row.get<std::optional<std::int64_t>>(3),
                    address_member(to, "full_name"),
                    address_member(to, "phone_number"),
                    {row.get<std::int64_t>(5), currency::parse(row.get<std::string_view>(6)).value()},
                    row.get<time_point>(7)};
}

awaitable<completion> complete(db::transaction& tx, const settings& s, const uuid& id, const money& amount,
                               time_point now) {
  // Variants are locked before orders: an expired order's must be taken before its row. Whether it is expired
  // is looked at first without a lock; where that has changed by the time of the lock, the transaction begins
  // again.
  const db::rows seen = co_await tx.query(sql::peek_status, id);
  if (seen.empty())
    co_return completion::cannot_complete;
  const bool was_expired = status_of(seen.front()) == order_status::expired;
  retaken again;
  if (was_expired)
    again = co_await lock_stock_again(tx, id);
  const db::rows locked = co_await tx.query(sql::lock_order, id);
  const order_status from = status_of(locked.front());
  const transition step = next(from, order_event::complete);
  if (!step.to)
    co_return step.refusal == nullptr ? completion::was_completed : completion::cannot_complete;
  if (step.stock == stock_effect::take_again) {
    if (!was_expired)
      throw db::error("40001", "the order expired while its payment came in", "", "orders.complete");
    if (!again.is_there)
      co_return completion::cannot_complete;
    inventory::reserve(tx, again.pieces, id, now);
    pricing::write_uses(tx, again.uses, now);
  }
  tx.send(sql::add_paid, id, amount.minor, json::name_of(payment_status::success));
  tx.send(sql::set_status, id, json::name_of(*step.to), now);
  announce_completed(tx, *s.outbox, id, now);
  co_return completion::completed;
}

awaitable<> note_refund_required(db::transaction& tx, const uuid& id, const money& amount, time_point) {
  const db::rows locked = co_await tx.query(sql::lock_order, id);
  if (locked.empty())
    co_return;
  // An order that was paid in good order stays "success": it is the second payment that goes back.
  const order_status status = status_of(locked.front());
  const bool paid = status == order_status::completed || status == order_status::shipped ||
                    status == order_status::delivered;
  tx.send(sql::add_paid, id, amount.minor,
          json::name_of(paid ? payment_status::success : payment_status::refund_required));
}

} // namespace nexus::orders
