#include "payments/reconcile.hpp"

#include "payments/carry_refund.hpp"
#include "payments/reconcile.sql.hpp"
#include "payments/refunds.sql.hpp"
#include "platform/async/one_shot.hpp"
#include "platform/log/log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <deque>

namespace nexus::payments {

namespace {

using namespace std::chrono_literals;

constexpr int batch_size = 100;
constexpr int at_once = 16;
constexpr auto round_takes_at_most = 20s;
constexpr auto session_grace = 30s;   // the provider's clock is not ours
constexpr auto watched_after = 30min; // a closed attempt, for a payer who was quicker than our cancel
constexpr auto unknown_pause = 1h;
constexpr auto references_are_kept = 24h;

using work = std::function<awaitable<>()>;

// Runs them all, so many at once. One that throws is logged and stops nobody.
awaitable<> run_all(std::deque<work> all) {
  if (all.empty())
    co_return;
  const executor on = co_await boost::asio::this_coro::executor;
  struct shared {
    std::deque<work> left;
    int lanes = 0;
  };
  const auto state = std::make_shared<shared>(shared{std::move(all)});
  const one_shot<bool> ended(on);
  const auto lane = [](std::shared_ptr<shared> s) -> awaitable<> {
    while (!s->left.empty()) {
      const work next = std::move(s->left.front());
      s->left.pop_front();
      std::exception_ptr failure;
      try {
        co_await next();
      } catch (const std::exception& e) {
        log::warn("a payment could not be looked after", {{"error", e.what()}});
      }
    }
  };
  state->lanes = std::min<int>(at_once, static_cast<int>(state->left.size()));
  for (int i = state->lanes; i > 0; --i)
    boost::asio::co_spawn(on, lane(state), [state, ended](std::exception_ptr) {
      if (--state->lanes == 0)
        ended.set(true);
    });
  co_await ended.wait();
}

// The session is over: nobody can pay any more, once the provider has been told; then what it says is final.
awaitable<> end_session(db::session db, const till& t, attempt a, const clock& clock) {
  const auto before = co_await check(db, t, a.tx_ref, clock);
  if (!before || !before->is_reached || is_settled(before->attempt.status))
    co_return;
  if (before->is_unclear) { // neither paid nor unpaid: it stays open, and staff have been told
    co_await db.query(sql::put_off, a.id, clock.now() + unknown_pause);
    co_return;
  }
  co_await cancel_attempt(db, t, before->attempt, attempt_status::cancelled, "Its session ended unpaid.",
                          clock);
  co_await check(db, t, a.tx_ref, clock); // who paid before the provider had heard
}

awaitable<> look_after_attempt(db::session db, const till& t, std::string tx_ref, const clock& clock) {
  const auto a = co_await find_attempt(db, tx_ref);
  if (!a || is_settled(a->status))
    co_return;
  const time_point now = clock.now();
  if (!a->closed_at && now > a->expires_at + session_grace) {
    co_await end_session(db, t, *a, clock);
    co_return;
  }
  co_await check(db, t, tx_ref, clock);
  if (a->closed_at && now > a->expires_at + watched_after)
    co_await db.query(sql::put_off, a->id, std::optional<time_point>{});
}

awaitable<> look_at_reference(db::session db, const till& t, std::string tx_ref, time_point first_seen,
                              const clock& clock) {
  if (co_await find_attempt(db, tx_ref)) {
    co_await check(db, t, tx_ref, clock, asking::always);
    co_await db.query(sql::forget_reference, tx_ref);
  } else if (first_seen + references_are_kept < clock.now()) {
    log::warn("a reference that webhooks named stayed unknown", {{"tx_ref", tx_ref}});
    co_await db.query(sql::forget_reference, tx_ref);
  }
}

// Fewer than a batch were due where it answers false.
awaitable<bool> attempts_round(db::session db, const till& t, const clock& clock) {
  const db::rows due = co_await db.query(sql::claim_due_attempts, clock.now(), batch_size);
  std::deque<work> all;
  for (const db::row row : due)
    all.push_back([db, &t, &clock, tx_ref = row.get<std::string>(0)] {
      return look_after_attempt(db, t, tx_ref, clock);
    });
  co_await run_all(std::move(all));
  co_return due.size() == batch_size;
}

awaitable<bool> refunds_round(db::session db, const till& t, const clock& clock) {
  const db::rows due = co_await db.query(sql::claim_due_refunds, clock.now(), batch_size);
  std::deque<work> all;
  for (const db::row row : due)
    all.push_back([db, &t, &clock, id = row.get<uuid>(0)]() -> awaitable<> {
      co_await look_after_refund(db, t, id, clock);
    });
  co_await run_all(std::move(all));
  co_return due.size() == batch_size;
}

awaitable<bool> references_round(db::session db, const till& t, const clock& clock) {
  const db::rows due = co_await db.query(sql::claim_due_references, clock.now(), batch_size);
  std::deque<work> all;
  for (const db::row row : due)
    all.push_back([db, &t, &clock, tx_ref = row.get<std::string>(0), seen = row.get<time_point>(1)] {
      return look_at_reference(db, t, tx_ref, seen, clock);
    });
  co_await run_all(std::move(all));
  co_return due.size() == batch_size;
}

} // namespace

awaitable<> reconcile(db::session db, const till& t, const clock& clock) {
  const auto until = std::chrono::steady_clock::now() + round_takes_at_most;
  bool more = true;
  while (more && std::chrono::steady_clock::now() < until) {
    more = co_await attempts_round(db, t, clock);
    more = co_await refunds_round(db, t, clock) || more;
    more = co_await references_round(db, t, clock) || more;
  }
}

} // namespace nexus::payments
