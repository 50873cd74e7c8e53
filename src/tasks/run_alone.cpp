#include "tasks/run_alone.hpp"

#include "platform/async/run.hpp"
#include "platform/log/log.hpp"
#include "tasks/alarm.hpp"
#include "tasks/error_text.hpp"
#include "tasks/tasks.sql.hpp"

namespace nexus::tasks {

namespace {

// Well within the 10 s after which the server ends a transaction that idles.
constexpr std::chrono::seconds lock_renewal{3};

// A job under way beside the transaction that holds its lock.
struct companion {
  explicit companion(executor on) : changed(on) {}
  alarm changed;
  bool ended = false;
  std::exception_ptr failure;
};

awaitable<> run_beside(std::shared_ptr<companion> side, const periodic* job, db::session s) {
  try {
    co_await job->run(s);
  } catch (...) {
    side->failure = std::current_exception();
  }
  side->ended = true;
  side->changed.ring();
}

// The lock is an open transaction, which the server would end were it left idle for long.
awaitable<> run_holding(executor on, db::database& db, db::transaction& lock, const periodic& job) {
  const auto side = std::make_shared<companion>(on);
  spawn(on, run_beside(side, &job, db.use()));
  bool held = true;
  while (!side->ended) {
    co_await side->changed.wait(lock_renewal);
    if (side->ended || !held)
      continue;
    std::exception_ptr failure;
    try {
      co_await lock.query(sql::renew_periodic_lock);
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) { // jobs are idempotent, so that two at once do no harm
      held = false;
      log::warn("a periodic job has lost its lock", {{"job", job.name}, {"error", text_of(failure)}});
    }
  }
  if (side->failure)
    std::rethrow_exception(side->failure);
}

} // namespace

awaitable<std::string> run_alone(executor on, db::database& db, const periodic& job) {
  std::exception_ptr failure;
  try {
    db::transaction lock = co_await db.use().begin();
    const db::rows got = co_await lock.query(sql::try_periodic_lock, job.name);
    if (got.front().get<bool>(0))
      co_await run_holding(on, db, lock, job);
    co_await lock.rollback();
  } catch (...) {
    failure = std::current_exception();
  }
  co_return failure ? text_of(failure) : std::string{};
}

} // namespace nexus::tasks
