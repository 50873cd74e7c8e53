// A refund as staff see it. Private to this folder.
#pragma once

#include "payments/refund.hpp"
#include "platform/json/fields.hpp"

namespace nexus::payments {

struct refund_view {
  uuid id{};
  std::string tx_ref;
  refund_status status = refund_status::initiated;
  money amount;
  nexus::currency currency;
  std::string reason, detail;
  refund_origin origin = refund_origin::staff;
  std::string reference;
  std::optional<std::string> provider_reference;
  time_point created_at;
  std::optional<time_point> settled_at;

  static constexpr std::string_view schema_name = "Refund";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &refund_view::id);
    field("tx_ref", &refund_view::tx_ref, {.doc = "Of the payment"});
    field("status", &refund_view::status,
          {.doc = "initiated, processing, and in the end refunded, reversed (it came back to the shop) or "
                  "failed"});
    field("amount", &refund_view::amount);
    field("currency", &refund_view::currency);
    field("reason", &refund_view::reason);
    field("detail", &refund_view::detail, {.doc = "Why it failed, as the provider said"});
    field("origin", &refund_view::origin);
    field("reference", &refund_view::reference, {.doc = "Ours, at the provider"});
    field("provider_reference", &refund_view::provider_reference);
    field("created_at", &refund_view::created_at);
    field("settled_at", &refund_view::settled_at);
  }
};

inline refund_view view_of(const refund& r) {
  return {r.id,         r.tx_ref,    r.status, r.amount,    r.amount.currency,
          r.reason,     r.detail,    r.origin, r.reference, r.provider_reference,
          r.created_at, r.settled_at};
}

struct payment_path {
  std::string tx_ref;
  static constexpr std::string_view schema_name = "PaymentPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("tx_ref", &payment_path::tx_ref, {.min_length = 1, .max_length = 50});
  }
};

} // namespace nexus::payments
