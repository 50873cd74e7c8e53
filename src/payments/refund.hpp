// Money on its way back to a payer, as its row says; and the table of its states.
//
//   initiated   ours; once accepted, the provider has it too
//   processing  the provider is at it
//   refunded    the payer has the money                        final
//   reversed    the money came back to the shop                final; what it had reserved is free again
//   failed      the provider refused it, nothing was paid out  final; what it had reserved is free again
#pragma once

#include "payments/attempt.hpp"
#include "payments/provider.hpp"

namespace nexus::payments {

enum class refund_status { initiated, processing, refunded, reversed, failed };
constexpr std::array<std::string_view, 5> enum_names(refund_status) {
  return {"initiated", "processing", "refunded", "reversed", "failed"};
}

// Who wants it.
enum class refund_origin {
  staff,
  cancellation, // of a paid order, by staff
  automatic,    // of what became refund_required
  provider,     // the provider gave it back without us
};
constexpr std::array<std::string_view, 4> enum_names(refund_origin) {
  return {"staff", "cancellation", "automatic", "provider"};
}

struct refund {
  uuid id{}, payment_id{}, order_id{};
  std::string tx_ref;
  std::string provider;
  std::string reference; // ours
  std::optional<std::string> provider_reference;
  money amount;
  std::string reason;
  refund_origin origin = refund_origin::staff;
  refund_status status = refund_status::initiated;
  std::string detail; // why it failed, for staff
  time_point created_at;
  std::optional<time_point> sent_at, accepted_at, settled_at;
  int checks = 0;
};

constexpr bool is_final(refund_status s) {
  return s == refund_status::refunded || s == refund_status::reversed || s == refund_status::failed;
}

// What the provider's word does to a refund; nullopt: nothing.
std::optional<refund_status> next(refund_status from, refund_state said);

awaitable<std::optional<refund>> find_refund(db::queryable& db, uuid id);
// Of one payment, oldest first.
awaitable<std::vector<refund>> find_refunds(db::queryable& db, uuid payment_id);

} // namespace nexus::payments
