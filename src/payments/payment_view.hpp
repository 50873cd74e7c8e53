// An attempt at paying as staff see it. Private to this folder.
#pragma once

#include "payments/attempt.hpp"
#include "platform/json/fields.hpp"

namespace nexus::payments {

struct payment_view {
  uuid id{};
  std::string tx_ref;
  uuid order_id{};
  std::string provider;
  attempt_status status = attempt_status::pending;
  money amount;
  nexus::currency currency;
  money captured, refunded, refundable;
  nexus::currency captured_currency;
  std::string detail;
  std::optional<std::string> provider_reference;
  time_point created_at, expires_at;
  std::optional<time_point> closed_at;

  static constexpr std::string_view schema_name = "Payment";
  static constexpr std::string_view list_schema_name = "PaymentPage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &payment_view::id);
    field("tx_ref", &payment_view::tx_ref);
    field("order_id", &payment_view::order_id);
    field("provider", &payment_view::provider);
    field("status", &payment_view::status);
    field("amount", &payment_view::amount);
    field("currency", &payment_view::currency);
    field("captured", &payment_view::captured);
    field("refunded", &payment_view::refunded);
    field("refundable", &payment_view::refundable, {.doc = "Captured, less what went back or is on its way"});
    field("captured_currency", &payment_view::captured_currency,
          {.doc = "Of captured, refunded, refundable"});
    field("detail", &payment_view::detail, {.doc = "Why it is what it is, for staff"});
    field("provider_reference", &payment_view::provider_reference);
    field("created_at", &payment_view::created_at);
    field("expires_at", &payment_view::expires_at);
    field("closed_at", &payment_view::closed_at, {.doc = "Since then the provider takes no money for it"});
  }
};

inline payment_view view_of(const attempt& a) {
  const nexus::currency in = a.captured.currency;
  return {a.id,
          a.tx_ref,
          a.order_id,
          a.provider,
          a.status,
          a.amount,
          a.amount.currency,
          a.captured,
          {a.refunded, in},
          {a.captured.minor - a.refund_reserved, in},
          in,
          a.detail,
          a.provider_reference,
          a.created_at,
          a.expires_at,
          a.closed_at};
}

} // namespace nexus::payments
