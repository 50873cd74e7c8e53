// What tests of workers on a real PostgreSQL begin with.
#pragma once

#include "platform/async/one_shot.hpp"
#include "platform/async/sleep.hpp"
#include "platform/db/database.hpp"
#include "scratch_database/scratch_database.hpp"
#include "tasks/tasks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexus::tasks::testing {

class manual_clock final : public nexus::clock {
public:
  [[nodiscard]] time_point now() const override { return at; }
  time_point at = *parse_rfc3339("2026-01-02T03:04:05Z");
};

struct task_row {
  std::string state;
  int attempt = 0;
  int max_attempts = 0;
  time_point run_at;
  std::string last_error;
};

// A task that a worker has taken: attempt, max_attempts, when, leased_until.
inline const db::statement insert_running{
    "test.insert_running",
    "INSERT INTO task (kind, state, attempt, max_attempts, run_at, leased_until, created_at) "
    "VALUES ('mail', 'running', $1, $2, $3, $4, $3)"};

inline constexpr std::chrono::milliseconds patience{10'000};
// The bell alone wakes it, so that a test which relies on the bell cannot pass by polling.
inline constexpr worker::options by_bell{.poll = std::chrono::hours(1)};
inline constexpr worker::options polling{.poll = std::chrono::milliseconds(5)};

class task_test : public scratch_database {
protected:
  // The same database, seen by another node.
  db::options options_of(std::string application_name) {
    return {.dsn = dsn(), .application_name = std::move(application_name)};
  }

  std::unique_ptr<worker> start(db::database& db, std::vector<handler> handlers, worker::options o,
                                std::vector<periodic> schedule = {}) {
    auto made = std::make_unique<worker>(loop.get_executor(), db, time, ringing, std::move(handlers),
                                         std::move(schedule), o);
    made->start();
    return made;
  }

  awaitable<> enqueue(db::database& db, new_task t) {
    db::transaction tx = co_await db.use().begin();
    outbox(ringing).enqueue(tx, t, time.now());
    co_await tx.commit();
  }

  manual_clock time;
  bell ringing;
};

awaitable<std::vector<task_row>> read_tasks(db::database& db); // by id
awaitable<> until_state(db::database& db, std::string state);  // until all tasks are in it

// Until asked() -> bool says yes; the test's time limit is the bound.
template <class Ask>
awaitable<> until(Ask asked) {
  while (!asked())
    co_await sleep_for(std::chrono::milliseconds(2));
}

} // namespace nexus::tasks::testing
