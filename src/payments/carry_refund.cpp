#include "payments/carry_refund.hpp"

#include "payments/message.hpp"
#include "payments/payments.sql.hpp"
#include "payments/refunds.sql.hpp"
#include "platform/checkpoint/checkpoint.hpp"
#include "platform/log/log.hpp"

namespace nexus::payments {

namespace {

// Longer than a call may take: a request of ours may still be on its way until then.
constexpr auto call_takes_at_most = std::chrono::seconds{20};

std::string text_of(const std::string& message, const std::string& reason) {
  return message.empty() ? reason : message;
}

awaitable<refund> book(db::session db, const till& t, uuid id, refund_news news, std::string detail,
                       time_point now) {
  refund out = co_await db::in_transaction(db, [&](db::transaction& tx) -> awaitable<refund> {
    refund moved = co_await move_refund(tx, t, id, news, detail, now);
    checkpoint("payments.refund.before_commit");
    co_return moved;
  });
  checkpoint("payments.refund.after_commit");
  co_return out;
}

// Another amount than ours is no word about our refund.
bool is_about(const refund_news& news, const refund& r) {
  return !news.amount || money::from(*news.amount, r.amount.currency) == r.amount;
}

// The provider's word on a refund that it may have heard of.
awaitable<refund_fetch_answer> ask(db::session db, const till& t, const attempt& a, const refund& r,
                                   const clock& clock) {
  refund_fetch_answer said = co_await t.of(r.provider).fetch_refund(r.reference, r.provider_reference);
  co_await keep_message(db, a, "refund.verify.answer", text_of(said.message, said.reason), clock.now());
  if (said.result == fetch_answer::outcome::told && !is_about(said.news, r)) {
    log::warn("the provider tells of a refund of another amount",
              {{"tx_ref", r.tx_ref}, {"refund", r.reference}});
    said.result = fetch_answer::outcome::unavailable;
  }
  if (said.result == fetch_answer::outcome::told && said.news.state == refund_state::unknown)
    log::warn("the provider says something of a refund that we do not know",
              {{"tx_ref", r.tx_ref}, {"refund", r.reference}, {"word", said.news.word}});
  co_return said;
}

// Refused: because it has it already, or for good?
awaitable<refund> end_refused(db::session db, const till& t, const attempt& a, refund r, std::string reason,
                              const clock& clock) {
  const auto said = co_await ask(db, t, a, r, clock);
  if (said.result == fetch_answer::outcome::told)
    co_return co_await book(db, t, r.id, said.news, "", clock.now());
  if (said.result == fetch_answer::outcome::not_known)
    co_return co_await book(db, t, r.id, {.state = refund_state::failed}, std::move(reason), clock.now());
  co_return r; // asked again later
}

awaitable<refund> send(db::session db, const till& t, const attempt& a, refund r, const clock& clock) {
  const time_point now = clock.now();
  const db::rows ours = co_await db.query(sql::claim_sending, r.id, now, r.sent_at);
  if (ours.empty()) // somebody else is at it
    co_return r;
  r.sent_at = now;
  co_await keep_message(db, a, "refund.request",
                        R"({"reference":")" + r.reference + R"(","amount":")" + to_string(r.amount) + R"("})",
                        now);
  checkpoint("payments.refund.before_call");
  const refund_answer said =
      co_await t.of(r.provider)
          .refund({a.provider_reference.value_or(a.tx_ref), r.reference, r.amount, r.reason});
  checkpoint("payments.refund.after_call");
  co_await keep_message(db, a, "refund.answer", text_of(said.message, said.reason), clock.now());
  switch (said.result) {
  case refund_answer::outcome::initiated:
    co_return co_await book(db, t, r.id, said.news, "", clock.now());
  case refund_answer::outcome::refused:
    co_return co_await end_refused(db, t, a, std::move(r), said.reason, clock);
  case refund_answer::outcome::not_sent:
    co_await db.query(sql::unsend, r.id, now);
    break;
  case refund_answer::outcome::unknown:
    break;
  }
  log::warn("the payment provider gave no answer to a refund",
            {{"tx_ref", r.tx_ref}, {"refund", r.reference}, {"reason", said.reason}});
  co_return r;
}

} // namespace

awaitable<std::optional<refund>> look_after_refund(db::session db, const till& t, uuid id,
                                                   const clock& clock) {
  auto r = co_await find_refund(db, id);
  if (!r || is_final(r->status))
    co_return r;
  const auto a = co_await find_attempt(db, r->tx_ref);
  if (!r->sent_at)
    co_return co_await send(db, t, *a, std::move(*r), clock);
  const auto said = co_await ask(db, t, *a, *r, clock);
  if (said.result == fetch_answer::outcome::told)
    co_return co_await book(db, t, id, said.news, "", clock.now());
  const bool may_send = !r->accepted_at && *r->sent_at + call_takes_at_most <= clock.now();
  if (said.result == fetch_answer::outcome::not_known && may_send)
    co_return co_await send(db, t, *a, std::move(*r), clock);
  if (said.result == fetch_answer::outcome::not_known && r->accepted_at)
    log::warn("the payment provider does not know a refund that it had accepted",
              {{"tx_ref", r->tx_ref}, {"refund", r->reference}});
  co_return r;
}

} // namespace nexus::payments
