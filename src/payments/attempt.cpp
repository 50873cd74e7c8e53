#include "payments/attempt.hpp"

#include "payments/message.hpp"
#include "payments/payments.sql.hpp"
#include "platform/crypto/crypto.hpp"

namespace nexus::payments {

namespace {

currency currency_of(std::string_view code) {
  const auto known = currency::parse(code);
  if (!known)
    throw std::logic_error("payment: a currency that the shop does not know: " + std::string(code));
  return *known;
}

attempt attempt_of(const db::row& r) {
  attempt out;
  out.id = r.get<uuid>(0);
  out.order_id = r.get<uuid>(1);
  out.provider = r.get<std::string>(2);
  out.tx_ref = r.get<std::string>(3);
  out.amount = {r.get<std::int64_t>(4), currency_of(r.get<std::string_view>(5))};
  const auto status = json::parse_enum<attempt_status>(r.get<std::string_view>(6));
  if (!status)
    throw std::logic_error("payment: an unknown status");
  out.status = *status;
  out.payment_url = r.get<std::optional<std::string>>(7);
  out.captured = {r.get<std::int64_t>(8), currency_of(r.get<std::string_view>(9))};
  out.detail = r.get<std::string>(10);
  out.created_at = r.get<time_point>(11);
  out.expires_at = r.get<time_point>(12);
  out.closed_at = r.get<std::optional<time_point>>(13);
  out.refunded = r.get<std::int64_t>(14);
  out.refund_reserved = r.get<std::int64_t>(15);
  out.provider_reference = r.get<std::optional<std::string>>(16);
  return out;
}

} // namespace

std::vector<attempt> attempts_of(const db::rows& rows) {
  std::vector<attempt> out;
  for (const db::row& r : rows)
    out.push_back(attempt_of(r));
  return out;
}

awaitable<std::optional<attempt>> find_attempt(db::queryable& db, std::string tx_ref) {
  const db::rows found = co_await db.query(sql::find_attempt, tx_ref);
  if (found.empty())
    co_return std::nullopt;
  co_return attempt_of(found.front());
}

awaitable<std::vector<attempt>> find_open_attempts(db::queryable& db, uuid order_id) {
  const db::rows found = co_await db.query(sql::find_open_attempts, order_id);
  co_return attempts_of(found);
}

awaitable<attempt> lock_attempt(db::transaction& tx, uuid id) {
  const db::rows found = co_await tx.query(sql::lock_attempt, id);
  if (found.empty())
    throw std::logic_error("payment: the attempt is gone");
  co_return attempt_of(found.front());
}

awaitable<> keep_message(db::queryable& db, const attempt& about, std::string_view kind,
                         std::string_view text, time_point now) {
  const std::string kept = storable(mask_secrets(text));
  co_await db.query(sql::insert_message, about.id, about.tx_ref, kind, kept, crypto::sha256_hex(text), now);
}

awaitable<> keep_unknown(db::queryable& db, std::string_view tx_ref, std::string_view kind,
                         std::string_view text, time_point now) {
  const std::string kept = storable(mask_secrets(text));
  co_await db.query(sql::insert_message, std::optional<uuid>{}, storable(tx_ref.substr(0, 200)), kind, kept,
                    crypto::sha256_hex(text), now);
}

} // namespace nexus::payments
