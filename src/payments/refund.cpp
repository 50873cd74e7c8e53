#include "payments/refund.hpp"

#include "payments/refunds.sql.hpp"

namespace nexus::payments {

namespace {

using enum refund_status;
constexpr std::optional<refund_status> stay{};

// Rows: the state it is in. Columns: initiated, processing, refunded, reversed, failed, unknown.
constexpr std::optional<refund_status> table[5][6] = {
    /* initiated  */ {stay, processing, refunded, reversed, failed, stay},
    /* processing */ {stay, stay, refunded, reversed, failed, stay},
    /* refunded   */ {stay, stay, stay, stay, stay, stay},
    /* reversed   */ {stay, stay, stay, stay, stay, stay},
    /* failed     */ {stay, stay, stay, stay, stay, stay},
};

refund refund_of(const db::row& r) {
  refund out;
  out.id = r.get<uuid>(0);
  out.payment_id = r.get<uuid>(1);
  out.order_id = r.get<uuid>(2);
  out.tx_ref = r.get<std::string>(3);
  out.provider = r.get<std::string>(4);
  out.reference = r.get<std::string>(5);
  out.provider_reference = r.get<std::optional<std::string>>(6);
  out.amount = {r.get<std::int64_t>(7), currency::parse(r.get<std::string_view>(8)).value()};
  out.reason = r.get<std::string>(9);
  out.origin = json::parse_enum<refund_origin>(r.get<std::string_view>(10)).value();
  out.status = json::parse_enum<refund_status>(r.get<std::string_view>(11)).value();
  out.detail = r.get<std::string>(12);
  out.created_at = r.get<time_point>(13);
  out.sent_at = r.get<std::optional<time_point>>(14);
  out.accepted_at = r.get<std::optional<time_point>>(15);
  out.settled_at = r.get<std::optional<time_point>>(16);
  out.checks = r.get<int>(17);
  return out;
}

} // namespace

std::optional<refund_status> next(refund_status from, refund_state said) {
  return table[static_cast<std::size_t>(from)][static_cast<std::size_t>(said)];
}

awaitable<std::optional<refund>> find_refund(db::queryable& db, uuid id) {
  const db::rows found = co_await db.query(sql::find_refund, id);
  if (found.empty())
    co_return std::nullopt;
  co_return refund_of(found.front());
}

awaitable<std::vector<refund>> find_refunds(db::queryable& db, uuid payment_id) {
  const db::rows found = co_await db.query(sql::find_refunds, payment_id);
  std::vector<refund> out;
  for (const db::row& r : found)
    out.push_back(refund_of(r));
  co_return out;
}

} // namespace nexus::payments
