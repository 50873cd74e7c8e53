// The one function that moves a payment, from every side: verify, callback, webhook, and whoever comes later.
//
// Locks, in this order: the attempt's advisory lock (nobody else takes it, and it comes before all rows, so
// that the state read under it stays true), variants and the order (in orders::complete), then the payment's
// row.
#pragma once

#include "payments/attempt.hpp"
#include "payments/payments.hpp"

namespace nexus::payments {

// What the endpoints share.
struct till {
  payments::settings settings;
  std::shared_ptr<const payments::provider> provider;

  std::shared_ptr<const payments::provider> manual;
  std::array<metrics::counter, 7>
      payments_by_status;                            // nexus_payments_total{status}: attempts that came to it
  std::array<metrics::counter, 5> refunds_by_status; // nexus_refunds_total{status}

  // By the name that an attempt has.
  [[nodiscard]] const payments::provider& of(std::string_view name) const {
    return name == manual_provider_name ? *manual : *provider;
  }
};

// Chapa, unless the settings name another.
std::shared_ptr<const till> make_till(const settings& s);

// The task that carries out a refund: {"refund_id": "…"}.
inline constexpr std::string_view send_refund_task = "payment.refund";

// Applies what the provider says of tx_ref; answers the attempt as it is then, nullopt where there is none.
// The message is kept under its kind, and the order completed (or its money noted as to be refunded), in the
// same transaction.
awaitable<std::optional<attempt>> settle(db::transaction& tx, const till& t, std::string tx_ref, charge said,
                                         std::string received, time_point now,
                                         std::string_view kind = "verify.answer");

struct checked {
  payments::attempt attempt;
  bool is_reached = true;  // the provider gave an answer that makes sense, or was not needed
  bool is_unclear = false; // what it said is none of the states that we know
};

// Asks the provider, where the attempt is not settled yet (or whether it is or not), and settles. No
// transaction is open while it asks.
enum class asking { where_not_settled, always };
awaitable<std::optional<checked>> check(db::session db, const till& t, std::string tx_ref, const clock& clock,
                                        asking when = asking::where_not_settled);

// Ends an attempt that is not settled: pending becomes `as`, and its reference takes no more money, so far as
// we know.
awaitable<> close_attempt(db::session db, attempt a, attempt_status as, std::string detail, time_point now);

// The same, telling the provider too; whether it heard it does not matter, for what comes in still is
// settled.
awaitable<> cancel_attempt(db::session db, const till& t, attempt a, attempt_status as, std::string detail,
                           const clock& clock);

} // namespace nexus::payments
