#include "payments/settle.hpp"

#include "payments/decide.hpp"
#include "payments/payments.sql.hpp"
#include "payments/refund_book.hpp"
#include "platform/checkpoint/checkpoint.hpp"
#include "platform/log/log.hpp"

namespace nexus::payments {

namespace {

std::string_view refusal_of(orders::completion c) {
  return c == orders::completion::was_completed ? "The order was paid already."
                                                : "The order had ended and could not be taken up again.";
}

attempt_status status_after(effect e) {
  switch (e) {
  case effect::complete:
    return attempt_status::success;
  case effect::refund_required:
    return attempt_status::refund_required;
  case effect::fail:
    return attempt_status::failed;
  case effect::cancel:
    return attempt_status::cancelled;
  case effect::gone_back:
  case effect::stay:
    break;
  }
  throw std::logic_error("payment: no status for an effect that changes nothing");
}

// The order's part, before the payment's row is locked. Money that does not complete it must go back.
awaitable<decision> tell_order(db::transaction& tx, const till& t, const attempt& a, decision d,
                               time_point now) {
  if (d.effect == effect::complete) {
    const auto done = co_await orders::complete(tx, t.settings.orders, a.order_id, d.captured, now);
    if (done == orders::completion::completed)
      co_return d;
    d.effect = effect::refund_required;
    d.reason = refusal_of(done);
  }
  if (d.effect == effect::refund_required) {
    // The order counts in its own currency; what came in another stands in the payment alone.
    const money noted = d.captured.currency == a.amount.currency ? d.captured : money{0, a.amount.currency};
    co_await orders::note_refund_required(tx, a.order_id, noted, now);
  }
  co_return d;
}

awaitable<> change(db::transaction& tx, const till& t, const attempt& a, const decision& d,
                   const charge& said, time_point now) {
  const attempt locked = co_await lock_attempt(tx, a.id);
  if (locked.status != a.status)
    throw std::logic_error("payment: moved by somebody who does not take its lock");
  const attempt_status status = status_after(d.effect);
  const bool settled = is_settled(status);
  const money captured = settled ? d.captured : money{0, a.amount.currency};
  const std::optional<std::string> reference =
      said.reference.empty() ? std::nullopt : std::optional(said.reference);
  co_await tx.query(sql::update_attempt, a.id, json::name_of(status), captured.minor,
                    captured.currency.code(), reference, d.reason,
                    settled ? std::optional(now) : std::nullopt);
  co_await tx.query(sql::insert_change, a.id, a.tx_ref, json::name_of(status), captured.minor,
                    captured.currency.code(), d.reason, now);
  if (d.effect == effect::refund_required)
    open_automatic_refund(tx, t, a, captured, now);
}

void tell_log(const attempt& a, const decision& d) {
  if (d.effect == effect::refund_required || d.effect == effect::gone_back ||
      (d.effect == effect::stay && !d.reason.empty()))
    log::warn("a payment needs a look",
              {{"tx_ref", a.tx_ref}, {"effect", json::name_of(d.effect)}, {"reason", d.reason}});
  else if (d.effect != effect::stay)
    log::info("payment moved", {{"tx_ref", a.tx_ref}, {"effect", json::name_of(d.effect)}});
}

} // namespace

awaitable<std::optional<attempt>> settle(db::transaction& tx, const till& t, std::string tx_ref, charge said,
                                         std::string received, time_point now, std::string_view kind) {
  co_await tx.query(sql::serialize_attempt, tx_ref);
  const auto found = co_await find_attempt(tx, tx_ref);
  if (!found)
    co_return std::nullopt;
  co_await keep_message(tx, *found, kind, received, now);
  decision d = decide(*found, said, t.settings.live);
  if (d.effect == effect::stay) {
    tell_log(*found, d);
    co_return found;
  }
  if (d.effect == effect::gone_back) {
    co_await book_gone_back(tx, t, *found, d.reason, now);
  } else {
    d = co_await tell_order(tx, t, *found, std::move(d), now);
    co_await change(tx, t, *found, d, said, now);
  }
  tx.after_commit([a = *found, d, &t] {
    tell_log(a, d);
    if (d.effect != effect::gone_back) {
      auto series = t.payments_by_status[static_cast<std::size_t>(status_after(d.effect))];
      series.increment();
    }
    checkpoint("payments.settle.after_commit");
  });
  checkpoint("payments.settle.before_commit");
  co_return co_await find_attempt(tx, tx_ref);
}

awaitable<std::optional<checked>> check(db::session db, const till& t, std::string tx_ref, const clock& clock,
                                        asking when) {
  auto found = co_await find_attempt(db, tx_ref);
  if (!found)
    co_return std::nullopt;
  if (is_settled(found->status) && when == asking::where_not_settled)
    co_return checked{std::move(*found)};
  const fetch_answer answer = co_await t.of(found->provider).fetch(tx_ref);
  const time_point now = clock.now();
  if (answer.result != fetch_answer::outcome::told) {
    const bool reached = answer.result == fetch_answer::outcome::not_known;
    co_await keep_message(db, *found, "verify.answer",
                          answer.message.empty() ? answer.reason : answer.message, now);
    if (!reached)
      log::warn("the payment provider gave no answer", {{"tx_ref", tx_ref}, {"reason", answer.reason}});
    co_return checked{std::move(*found), reached};
  }
  checkpoint("payments.verify.after_call");
  auto after = co_await db::in_transaction(
      db, [&](db::transaction& tx) { return settle(tx, t, tx_ref, answer.charge, answer.message, now); });
  if (!after)
    throw std::logic_error("payment: the attempt is gone");
  co_return checked{std::move(*after), true, answer.charge.state == charge_state::unknown};
}

awaitable<> close_attempt(db::session db, attempt a, attempt_status as, std::string detail, time_point now) {
  co_await db::in_transaction(db, [&](db::transaction& tx) -> awaitable<> {
    co_await tx.query(sql::serialize_attempt, a.tx_ref);
    const db::rows closed = co_await tx.query(sql::close_attempt, a.id, json::name_of(as), detail, now);
    if (!closed.empty())
      co_await tx.query(sql::insert_change, a.id, a.tx_ref, "closed", 0, a.amount.currency.code(), detail,
                        now);
  });
}

awaitable<> cancel_attempt(db::session db, const till& t, attempt a, attempt_status as, std::string detail,
                           const clock& clock) {
  const cancel_answer answer = co_await t.of(a.provider).cancel(a.tx_ref);
  co_await keep_message(db, a, "cancel.answer", answer.message, clock.now());
  co_await close_attempt(db, std::move(a), as, std::move(detail), clock.now());
}

} // namespace nexus::payments
