// One attempt at paying an order, as its row says; and the record of what was said about it.
#pragma once

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "orders/order.hpp"
#include "platform/db/database.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::payments {

// As orders tell it: pending, success, failed, cancelled, refund_required, partially_refunded, refunded.
using attempt_status = orders::payment_status;

struct attempt {
  uuid id{};
  uuid order_id{};
  std::string provider;
  std::string tx_ref;
  money amount;
  attempt_status status = attempt_status::pending;
  std::optional<std::string> payment_url;
  money captured;                   // its currency may differ from the amount's
  std::int64_t refunded = 0;        // of captured, in its currency: with the payer
  std::int64_t refund_reserved = 0; // the same, and on its way
  std::optional<std::string> provider_reference;
  std::string detail;
  time_point created_at, expires_at;
  std::optional<time_point> closed_at;
};

// Money was taken and accounted for: the provider need not be asked again. Pending, failed and cancelled
// attempts may still succeed, for a payer may try again in the same session.
constexpr bool is_settled(attempt_status s) {
  return s != attempt_status::pending && s != attempt_status::failed && s != attempt_status::cancelled;
}

// Of a result with the columns that the statements of payments.sql have for an attempt.
std::vector<attempt> attempts_of(const db::rows& rows);
awaitable<std::optional<attempt>> find_attempt(db::queryable& db, std::string tx_ref);
// The order's attempts that are not settled and whose reference may still take money, oldest first.
awaitable<std::vector<attempt>> find_open_attempts(db::queryable& db, uuid order_id);
// Locks the row.
awaitable<attempt> lock_attempt(db::transaction& tx, uuid id);

// Keeps a message, once for each content; secrets are masked.
awaitable<> keep_message(db::queryable& db, const attempt& about, std::string_view kind,
                         std::string_view text, time_point now);
awaitable<> keep_unknown(db::queryable& db, std::string_view tx_ref, std::string_view kind,
                         std::string_view text, time_point now);

} // namespace nexus::payments
