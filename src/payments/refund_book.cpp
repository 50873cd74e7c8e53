#include "payments/refund_book.hpp"

#include "payments/message.hpp"
#include "payments/payments.sql.hpp"
#include "payments/refunds.sql.hpp"
#include "platform/log/log.hpp"

namespace nexus::payments {

namespace {

constexpr auto first_check = std::chrono::seconds{5};

bool is_open_to_refunds(attempt_status s) {
  return s == attempt_status::success || s == attempt_status::partially_refunded ||
         s == attempt_status::refund_required;
}

money left_of(const attempt& a) { return {a.captured.minor - a.refund_reserved, a.captured.currency}; }

std::string in_words(const money& m) { return to_string(m) + " " + std::string(m.currency.code()); }

refund new_refund(const attempt& a, const money& amount, const refund_wish& wish, time_point now) {
  refund out;
  out.id = new_uuid(now);
  out.payment_id = a.id;
  out.order_id = a.order_id;
  out.tx_ref = a.tx_ref;
  out.provider = a.provider;
  out.reference = "R-" + random_token(18);
  out.amount = amount;
  out.reason = storable(wish.reason);
  out.origin = wish.origin;
  out.created_at = now;
  return out;
}

void insert(db::transaction& tx, const refund& r, std::optional<std::int64_t> by,
            std::optional<time_point> next_check) {
  tx.send(sql::insert_refund, r.id, r.payment_id, r.reference, r.amount.minor, r.amount.currency.code(),
          r.reason, json::name_of(r.origin), by, r.created_at, next_check);
}

void note_change(db::transaction& tx, const refund& r, std::string_view kind, std::int64_t refunded,
                 std::string_view text, time_point now) {
  tx.send(sql::insert_refund_change, r.payment_id, r.tx_ref, kind, refunded, r.amount.currency.code(), text,
          now);
}

// The intent, its money, its ledger row and its task. The payment's row is locked by whoever calls, or by the
// update itself.
void reserve(db::transaction& tx, const till& t, const refund& r, const refund_wish& wish, bool is_required,
             time_point now) {
  insert(tx, r, wish.by, now + first_check);
  tx.send(sql::reserve_refund, r.payment_id, r.amount.minor, is_required);
  note_change(tx, r, "refund.initiated", 0,
              r.reference + ": " + in_words(r.amount) + (r.reason.empty() ? "" : " – " + r.reason), now);
  t.settings.orders.outbox->enqueue(tx,
                                    {send_refund_task, R"({"refund_id":")" + to_string(r.id) + R"("})",
                                     std::string(send_refund_task) + ":" + to_string(r.id)},
                                    now);
}

// 0 where the captured currency is another than the order's: the order does not count that.
money in_order_currency(const refund& r, const attempt& a) {
  return r.amount.currency == a.amount.currency ? r.amount : money{0, a.amount.currency};
}

result<money> amount_of(const attempt& a, const refund_wish& wish) {
  const money left = left_of(a);
  if (!is_open_to_refunds(a.status) && a.status != attempt_status::refunded)
    return problem(payment_not_captured, "The payment is " + std::string(json::name_of(a.status)) + ".");
  const money amount = wish.amount.value_or(left);
  if (left.minor > 0 && amount.currency == left.currency && amount.minor <= left.minor)
    return amount;
  problem out(refund_exceeds_captured, "Of " + in_words(a.captured) + ", " + in_words(left) +
                                           " can still go back; the rest has, or is on its way.");
  out.members.push_back({"refundable", to_string(left)});
  return out;
}

} // namespace

awaitable<result<refund>> open_refund(db::transaction& tx, const till& t, std::string tx_ref,
                                      refund_wish wish, time_point now) {
  co_await tx.query(sql::serialize_attempt, tx_ref);
  const auto a = co_await find_attempt(tx, tx_ref);
  if (!a)
    co_return problem(errors::not_found, "There is no such payment.");
  const auto amount = amount_of(*a, wish);
  if (!amount)
    co_return amount.error();
  bool is_required = a->status == attempt_status::refund_required;
  if (!is_required) { // the payment that its order stands on
    const bool everything = amount->minor == left_of(*a).minor;
    const auto order = co_await orders::take_back(tx, a->order_id, everything, wish.restock, wish.by, now);
    if (!order)
      co_return order.error();
    is_required = *order == orders::order_status::cancelled;
  } else if (!wish.restock.empty()) {
    co_return problem(errors::validation_error, "No stock belongs to this payment.",
                      {{"/restock", "not_restockable", "The payment did not complete its order."}});
  }
  co_await lock_attempt(tx, a->id);
  const refund r = new_refund(*a, *amount, wish, now);
  reserve(tx, t, r, wish, is_required, now);
  co_return r;
}

awaitable<> open_refunds_of_order(db::session db, const till& t, uuid order_id, time_point now) {
  const db::rows found = co_await db.query(sql::find_order_attempts, order_id);
  std::vector<std::string> refs;
  for (const db::row& row : found)
    refs.push_back(row.get<std::string>(3));
  std::sort(refs.begin(), refs.end());
  for (const std::string& ref : refs)
    co_await db::in_transaction(db, [&](db::transaction& tx) -> awaitable<> {
      co_await tx.query(sql::serialize_attempt, ref);
      const auto a = co_await find_attempt(tx, ref);
      if (!is_open_to_refunds(a->status) || left_of(*a).minor <= 0)
        co_return;
      co_await lock_attempt(tx, a->id);
      const refund_wish wish{
          .amount = left_of(*a), .reason = "The order was cancelled.", .origin = refund_origin::cancellation};
      reserve(tx, t, new_refund(*a, *wish.amount, wish, now), wish, true, now);
    });
}

void open_automatic_refund(db::transaction& tx, const till& t, const attempt& a, const money& captured,
                           time_point now) {
  if (!t.settings.refund_automatically || captured.minor <= 0)
    return;
  const refund_wish wish{.amount = captured,
                         .reason = "The payment could not be used for the order.",
                         .origin = refund_origin::automatic};
  reserve(tx, t, new_refund(a, captured, wish, now), wish, true, now);
}

awaitable<> book_gone_back(db::transaction& tx, const till& t, attempt a, std::string reason,
                           time_point now) {
  const refund_wish wish{
      .amount = left_of(a), .reason = std::move(reason), .origin = refund_origin::provider};
  const refund r = new_refund(a, *wish.amount, wish, now);
  co_await orders::note_refunded(tx, t.settings.orders, a.order_id, in_order_currency(r, a),
                                 {r.reference, r.amount}, now);
  co_await lock_attempt(tx, a.id);
  insert(tx, r, std::nullopt, std::nullopt);
  tx.send(sql::reserve_refund, a.id, r.amount.minor, false);
  tx.send(sql::count_refunded, a.id, r.amount.minor);
  tx.send(sql::update_refund, r.id, json::name_of(refund_status::refunded), "", std::optional<std::string>{},
          std::optional<time_point>{}, std::optional(now));
  note_change(tx, r, "refund.refunded", r.amount.minor, r.reason, now);
}

awaitable<refund> move_refund(db::transaction& tx, const till& t, uuid id, refund_news news,
                              std::string detail, time_point now) {
  auto seen = co_await find_refund(tx, id);
  co_await tx.query(sql::serialize_attempt, seen->tx_ref);
  refund r = *co_await find_refund(tx, id); // as it stays while the lock is ours
  const auto a = co_await find_attempt(tx, r.tx_ref);
  const auto to = next(r.status, news.state);
  if (is_final(r.status))
    co_return r;
  if (to == refund_status::refunded)
    co_await orders::note_refunded(tx, t.settings.orders, a->order_id, in_order_currency(r, *a),
                                   {r.reference, r.amount}, now);
  co_await lock_attempt(tx, a->id);
  const refund_status after = to.value_or(r.status);
  const auto accepted_at = news.state == refund_state::failed ? std::nullopt : std::optional(now);
  const std::optional<std::string> reference =
      news.provider_reference.empty() ? std::nullopt : std::optional(news.provider_reference);
  tx.send(sql::update_refund, r.id, json::name_of(after), storable(detail), reference, accepted_at,
          is_final(after) ? std::optional(now) : std::nullopt);
  if (after == refund_status::refunded)
    tx.send(sql::count_refunded, a->id, r.amount.minor);
  else if (is_final(after))
    tx.send(sql::free_refund, a->id, r.amount.minor);
  if (to)
    note_change(tx, r, "refund." + std::string(json::name_of(after)),
                after == refund_status::refunded ? r.amount.minor : 0,
                r.reference + (detail.empty() ? "" : ": " + storable(detail)), now);
  tx.after_commit([tx_ref = r.tx_ref, reference = r.reference, after, to, &t] {
    if (to) {
      auto series = t.refunds_by_status[static_cast<std::size_t>(after)];
      series.increment();
    }
    if (to && (after == refund_status::failed || after == refund_status::reversed))
      log::warn("a refund needs a look",
                {{"tx_ref", tx_ref}, {"refund", reference}, {"status", json::name_of(after)}});
    else if (to)
      log::info("refund moved",
                {{"tx_ref", tx_ref}, {"refund", reference}, {"status", json::name_of(after)}});
  });
  co_return *co_await find_refund(tx, id);
}

} // namespace nexus::payments
