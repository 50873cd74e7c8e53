// Orders: an order exists, with its stock held, before anybody can pay for it.
#pragma once

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/result.hpp"
#include "orders/order.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/db/consistency.hpp"
#include "platform/db/database.hpp"
#include "pricing/pricing.hpp"
#include "tasks/tasks.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace nexus::orders {

inline constexpr error_kind order_already_paid{"order_already_paid", 409, "The order is paid"};
inline constexpr error_kind order_expired{"order_expired", 409, "The order has expired"};
inline constexpr error_kind order_cancelled{"order_cancelled", 409, "The order is cancelled"};
inline constexpr error_kind order_not_paid{"order_not_paid", 409, "The order is not paid"};
inline constexpr error_kind order_not_shipped{"order_not_shipped", 409, "The order is not shipped"};
inline constexpr error_kind order_already_shipped{"order_already_shipped", 409, "The order is on its way"};
inline constexpr error_kind order_refunded{"order_refunded", 409, "The order is refunded"};

class placement;

struct settings {
  std::chrono::seconds expires_after{3600}; // how long an unpaid order holds its stock
  const tasks::outbox* outbox = nullptr;
  std::shared_ptr<orders::placement> placement = {}; // where orders are placed; for routes() that serve
  std::shared_ptr<pricing::rule_book> prices = std::make_shared<pricing::rule_book>();
};

// The node's one queue of orders to be placed, on a loop and with a database of its own (one connection is
// enough: one placement transaction is under way at a time). Outlives what is asked of it by routes(). After
// each batch observe is told how many orders it had, and the seconds it took.
using placement_observer = std::function<void(std::size_t orders, double seconds)>;
std::shared_ptr<placement> make_placement(executor on, db::database& db, const nexus::clock& clock,
                                          settings s, placement_observer observe = {});
std::size_t waiting(const placement& queue); // orders; from any thread

// The kinds of task that are enqueued with what becomes of an order: {"order_id": "…"}. Notifications answer
// them.
inline constexpr std::string_view placed_event = "order.placed";
inline constexpr std::string_view completed_event = "order.completed";
inline constexpr std::string_view expired_event = "order.expired";
inline constexpr std::string_view cancelled_event = "order.cancelled";
inline constexpr std::string_view shipped_event = "order.shipped";

// One of them, for the order; where it is enqueued in the transaction that changes the order's state it needs
// no key.
tasks::new_task event_task(std::string_view event, const uuid& order_id);

// Enqueued when staff take back a paid order: {"order_id": "…"}. Payments answer it by giving back all.
inline constexpr std::string_view refund_due_event = "order.refund_due";
// Enqueued with every refund that has reached its payer, once for each:
// {"order_id": "…", "amount": "…", "currency": "…", "reference": "…"}. Notifications answer it by a credit
// note.
inline constexpr std::string_view refunded_event = "refund.completed";

// Nullopt where there is none.
awaitable<std::optional<order>> find(db::queryable& db, const uuid& id);

// For payments. The row is locked; nullopt where there is none.
struct payable {
  uuid id;
  std::string number;
  order_status status;
  std::string email;
  std::optional<std::int64_t> user_id;
  std::string full_name, phone_number; // from the address
  money total;
  time_point expires_at;
};
awaitable<std::optional<payable>> lock_payable(db::transaction& tx, const uuid& id);

// Whether the one who asks may see the order: its user; staff with orders.read; for a guest's order, whoever
// knows its id and (where email is given) its address.
bool may_see(const api::context& c, std::optional<std::int64_t> owner);

enum class completion {
  completed,       // by this call; the event is enqueued
  was_completed,   // earlier
  cannot_complete, // it ended and its stock is gone, or it was cancelled: the money must go back
};

// The money is there: the order is completed under its row lock, amount is added to what was paid. An expired
// order takes its stock again if it is there. Locks variants (only for an expired one), then the order: the
// caller must not yet hold the payment's row.
awaitable<completion> complete(db::transaction& tx, const settings& s, const uuid& id, const money& amount,
                               time_point now);

// Notes money that came without completing the order (paid twice, too late, a wrong amount):
// "refund_required".
awaitable<> note_refund_required(db::transaction& tx, const uuid& id, const money& amount, time_point now);

struct returned_pieces {
  std::int64_t variant_id = 0;
  int quantity = 0; // > 0
};

// Staff give back money of an order that was paid in good order. The pieces named go back on sale: of an
// order still in the house they will not leave any more, of a shipped one they have come back. everything: no
// money of it will be left, so an order still in the house is withdrawn with all its pieces (cancelled, its
// payment refund_required) until the money is back. Locks its variants, then the order. Refuses with
// not_found, the states in which nothing can come back, and validation_error at "/restock/…" for more than
// there is. Answers the order's state after that.
awaitable<result<order_status>> take_back(db::transaction& tx, uuid id, bool everything,
                                          std::vector<returned_pieces> pieces, std::optional<std::int64_t> by,
                                          time_point now);

// Money is with the payer again: noted in the order, in its own currency; once all of it is, the order is
// refunded (and its stock free, where that was still held). amount may be 0: what came in another currency
// stands in the payment alone; told (what the credit note says) has its own. Enqueues refunded_event. Locks
// variants (only where stock is freed), then the order: the caller must not yet hold the payment's row.
struct refund_note {
  std::string reference; // unique for ever
  money amount;
};
awaitable<> note_refunded(db::transaction& tx, const settings& s, const uuid& id, const money& amount,
                          const refund_note& told, time_point now);

// Ends orders unpaid at their expires_at, frees their stock and enqueues the expired_event, in batches; for
// the schedule.
awaitable<> expire_due(db::session db, settings s, time_point now);

// For nexus audit.
std::vector<db::consistency_check> consistency_checks();

// Under /orders.
std::vector<api::endpoint> routes(const settings& s);

} // namespace nexus::orders
