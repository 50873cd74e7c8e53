#include "platform/async/run.hpp"
#include "platform/async/sleep.hpp"
#include "platform/log/log.hpp"
#include "tasks/alarm.hpp"
#include "tasks/backoff.hpp"
#include "tasks/error_text.hpp"
#include "tasks/run_alone.hpp"
#include "tasks/tasks.hpp"
#include "tasks/tasks.sql.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <map>
#include <random>
#include <set>

namespace nexus::tasks {

namespace {

using steady = std::chrono::steady_clock;

struct claimed_task {
  task what;
  int max_attempts = 0;
  time_point leased_until;
};

awaitable<outcome> run_handler(const handler* h, db::session s, const task& t) {
  std::exception_ptr failure;
  try {
    co_return co_await h->handle(s, t);
  } catch (...) {
    failure = std::current_exception();
  }
  co_return outcome::retry(text_of(std::move(failure)));
}

} // namespace

// Kept alive by its coroutines; used on the loop alone.
struct worker::impl : std::enable_shared_from_this<impl> {
  struct repeated {
    periodic job;
    alarm pause;
  };

  impl(executor e, db::database& d, const nexus::clock& c, tasks::bell& b, std::vector<handler> h,
       std::vector<periodic> schedule, options o);

  void start();
  void begin_stop();
  awaitable<> wait_for_end(std::chrono::milliseconds at_most);
  awaitable<> hand_back_running();

private:
  static awaitable<> claim_all(std::shared_ptr<impl> self);
  static awaitable<> run_one(std::shared_ptr<impl> self, const handler* h, claimed_task t);
  static awaitable<> repeat(std::shared_ptr<impl> self, repeated* r);

  awaitable<> rescue_when_due();
  awaitable<bool> claim_once();
  awaitable<std::vector<claimed_task>> claim(std::size_t at_most);
  awaitable<> hand_back(std::vector<std::int64_t> ids, std::vector<int> attempts);
  void launch(claimed_task t);
  awaitable<> settle(const claimed_task& t, const outcome& o);
  awaitable<bool> write(const claimed_task& t, const outcome& o);
  void end_of_coroutine();

  executor on_;
  db::database& db_;
  const nexus::clock& clock_;
  tasks::bell& bell_;
  std::map<std::string, handler, std::less<>> handlers_;
  std::vector<std::string> kinds_;
  std::vector<std::unique_ptr<repeated>> schedule_;
  options options_;

  alarm wake_;                                     // there may be something to claim
  alarm ended_;                                    // a coroutine has ended
  std::set<std::pair<std::int64_t, int>> running_; // id, attempt
  int coroutines_ = 0;
  int subscription_ = 0;
  bool started_ = false;
  bool stopping_ = false;
  bool saturated_ = false; // every slot is taken
  time_point next_rescue_{};
  std::minstd_rand random_{std::random_device{}()}; // for the jitter alone
};

worker::impl::impl(executor e, db::database& d, const nexus::clock& c, tasks::bell& b, std::vector<handler> h,
                   std::vector<periodic> schedule, options o)
    : on_(e), db_(d), clock_(c), bell_(b), options_(o), wake_(e), ended_(e) {
  for (handler& each : h) {
    kinds_.emplace_back(each.kind);
    handlers_.emplace(each.kind, std::move(each));
  }
  for (periodic& each : schedule)
    schedule_.push_back(std::make_unique<repeated>(repeated{std::move(each), alarm(e)}));
}

void worker::impl::start() {
  started_ = true;
  // Rings of other threads become one post to the loop, until that has run.
  struct coalesced {
    std::atomic<bool> posted{false};
  };
  subscription_ = bell_.subscribe([on = on_, weak = weak_from_this(), state = std::make_shared<coalesced>()] {
    if (state->posted.exchange(true))
      return;
    boost::asio::post(on, [weak, state] {
      state->posted = false;
      if (const auto self = weak.lock())
        self->wake_.ring();
    });
  });
  ++coroutines_;
  spawn(on_, claim_all(shared_from_this()));
  for (const auto& each : schedule_) {
    ++coroutines_;
    spawn(on_, repeat(shared_from_this(), each.get()));
  }
}

void worker::impl::begin_stop() {
  if (!started_ || stopping_)
    return;
  stopping_ = true;
  bell_.unsubscribe(subscription_);
  wake_.ring();
  for (const auto& each : schedule_)
    each->pause.ring();
}

awaitable<> worker::impl::wait_for_end(std::chrono::milliseconds at_most) {
  const auto deadline = steady::now() + at_most;
  while (coroutines_ > 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady::now());
    if (left.count() <= 0)
      co_return;
    co_await ended_.wait(left);
  }
}

awaitable<> worker::impl::hand_back_running() {
  std::vector<std::int64_t> ids;
  std::vector<int> attempts;
  for (const auto& [id, attempt] : running_) {
    ids.push_back(id);
    attempts.push_back(attempt);
  }
  co_await hand_back(std::move(ids), std::move(attempts));
}

awaitable<> worker::impl::hand_back(std::vector<std::int64_t> ids, std::vector<int> attempts) {
  if (ids.empty())
    co_return;
  log::warn("tasks are handed back before their end", {{"tasks", ids.size()}});
  std::exception_ptr failure;
  try {
    co_await db_.use().query(sql::hand_back, ids, attempts, clock_.now());
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) // their leases run out
    log::warn("tasks could not be handed back", {{"error", text_of(failure)}});
}

void worker::impl::end_of_coroutine() {
  --coroutines_;
  ended_.ring();
}

awaitable<> worker::impl::claim_all(std::shared_ptr<impl> self) {
  int failures = 0;
  while (!self->stopping_) {
    std::exception_ptr failure;
    bool more = false;
    try {
      co_await self->rescue_when_due();
      more = co_await self->claim_once();
      failures = 0;
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) {
      log::warn("tasks cannot be claimed", {{"error", text_of(failure)}});
      if (!self->stopping_)
        co_await self->wake_.wait(outage_pause(++failures));
    } else if (!more && !self->stopping_) {
      co_await self->wake_.wait(self->options_.poll);
    }
  }
  self->end_of_coroutine();
}

awaitable<> worker::impl::rescue_when_due() {
  const time_point now = clock_.now();
  if (now < next_rescue_)
    co_return;
  const db::rows rescued = co_await db_.use().query(sql::rescue, now);
  for (const db::row& each : rescued) {
    const auto [id, kind, attempt, state] = each.as<std::int64_t, std::string, int, std::string>();
    log::warn("a task's lease ran out",
              {{"task", id}, {"kind", kind}, {"attempt", attempt}, {"state", state}});
  }
  next_rescue_ = now + options_.lease / 10;
}

// True where there may be more and a slot for it.
awaitable<bool> worker::impl::claim_once() {
  const auto slots = static_cast<std::size_t>(options_.concurrency);
  saturated_ = running_.size() >= slots;
  if (saturated_ || kinds_.empty())
    co_return false;
  const std::size_t free = slots - running_.size();
  std::vector<claimed_task> batch = co_await claim(free);
  const bool full = batch.size() == free;
  std::vector<std::int64_t> ids; // claimed while the stop came
  std::vector<int> attempts;
  for (claimed_task& each : batch) {
    if (stopping_) {
      ids.push_back(each.what.id);
      attempts.push_back(each.what.attempt);
    } else {
      launch(std::move(each));
    }
  }
  co_await hand_back(std::move(ids), std::move(attempts));
  co_return full;
}

awaitable<std::vector<claimed_task>> worker::impl::claim(std::size_t at_most) {
  const time_point now = clock_.now();
  const time_point until = now + options_.lease;
  const db::rows taken = co_await db_.use().query(sql::claim, now, until, kinds_, at_most);
  std::vector<claimed_task> batch;
  for (const db::row& each : taken) {
    auto [id, kind, payload, attempt, max_attempts] =
        each.as<std::int64_t, std::string, std::string, int, int>();
    batch.push_back({{id, std::move(kind), std::move(payload), attempt}, max_attempts, until});
  }
  co_return batch;
}

void worker::impl::launch(claimed_task t) {
  running_.emplace(t.what.id, t.what.attempt); // one whose lease ran out may be here twice
  ++coroutines_;
  const handler* h = &handlers_.find(t.what.kind)->second; // claimed by kinds_
  spawn(on_, run_one(shared_from_this(), h, std::move(t)));
}

awaitable<> worker::impl::run_one(std::shared_ptr<impl> self, const handler* h, claimed_task t) {
  const outcome o = co_await run_handler(h, self->db_.use(), t.what);
  co_await self->settle(t, o);
  self->running_.erase({t.what.id, t.what.attempt});
  if (self->saturated_)
    self->wake_.ring();
  self->end_of_coroutine();
}

// Until it is written, or the lease is over: what was done should not be done twice because the database was
// away.
awaitable<> worker::impl::settle(const claimed_task& t, const outcome& o) {
  for (int failures = 1;; ++failures) {
    std::exception_ptr failure;
    bool ours = false;
    try {
      ours = co_await write(t, o);
    } catch (...) {
      failure = std::current_exception();
    }
    if (!failure) {
      if (!ours)
        log::warn("a task ended after its lease", {{"task", t.what.id}, {"attempt", t.what.attempt}});
      co_return;
    }
    log::warn("a task's end cannot be written", {{"task", t.what.id}, {"error", text_of(failure)}});
    if (clock_.now() >= t.leased_until)
      co_return;
    co_await sleep_for(outage_pause(failures));
  }
}

// False where the task is not ours any more.
awaitable<bool> worker::impl::write(const claimed_task& t, const outcome& o) {
  const auto& [id, kind, payload, attempt] = t.what;
  const time_point now = clock_.now();
  db::session s = db_.use();
  if (o.result == outcome::kind::done)
    co_return (co_await s.query(sql::finish, id, attempt, now)).affected() == 1;
  const std::string error = storable(o.error);
  if (o.result == outcome::kind::give_up || attempt >= t.max_attempts) {
    const bool ours = (co_await s.query(sql::bury, id, attempt, now, error)).affected() == 1;
    if (ours)
      log::error("a task is given up",
                 {{"task", id}, {"kind", kind}, {"attempt", attempt}, {"error", error}});
    co_return ours;
  }
  const auto pause = backoff(attempt, std::uniform_real_distribution<double>(0.0, 1.0)(random_));
  const bool ours = (co_await s.query(sql::retry_later, id, attempt, now + pause, error)).affected() == 1;
  if (ours)
    log::warn(
        "a task failed, and will be tried again",
        {{"task", id}, {"kind", kind}, {"attempt", attempt}, {"error", error}, {"in_ms", pause.count()}});
  co_return ours;
}

awaitable<> worker::impl::repeat(std::shared_ptr<impl> self, repeated* r) {
  int failures = 0;
  while (!self->stopping_) {
    const std::string failure = co_await run_alone(self->on_, self->db_, r->job);
    auto pause = r->job.every;
    if (failure.empty()) {
      failures = 0;
    } else {
      log::warn("a periodic job failed", {{"job", r->job.name}, {"error", failure}});
      pause = std::max(pause, outage_pause(++failures));
    }
    if (!self->stopping_)
      co_await r->pause.wait(pause);
  }
  self->end_of_coroutine();
}

worker::worker(executor on, db::database& db, const nexus::clock& clock, tasks::bell& bell,
               std::vector<handler> handlers, std::vector<periodic> schedule, options o)
    : impl_(std::make_shared<impl>(on, db, clock, bell, std::move(handlers), std::move(schedule), o)) {}

worker::~worker() { impl_->begin_stop(); }

void worker::start() { impl_->start(); }

awaitable<> worker::stop(std::chrono::milliseconds at_most) {
  const auto self = impl_;
  self->begin_stop();
  co_await self->wait_for_end(at_most);
  co_await self->hand_back_running();
}

} // namespace nexus::tasks
