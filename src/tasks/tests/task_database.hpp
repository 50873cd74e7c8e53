// A PostgreSQL with the real schema for the tests of a program, and what they all begin with.
#pragma once

#include "platform/async/one_shot.hpp"
#include "platform/async/run.hpp"
#include "platform/async/sleep.hpp"
#include "platform/db/database.hpp"
#include "tasks/tasks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexus::tasks::testing {

std::string cluster_dsn(); // starts the cluster and migrates it

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

class task_test : public ::testing::Test {
protected:
  // body(database&) -> awaitable<>, on a connected database and an empty table. Not ASSERT in there: it would
  // return.
  template <class Body>
  void with_database(Body body) {
    run_to_end(loop, [&](executor on) -> awaitable<> {
      db::database db(on, options_of("nexus"));
      co_await db.connect();
      co_await db.run_script("TRUNCATE task");
      co_await body(db);
    });
  }
  static db::options options_of(std::string application_name) {
    return {.dsn = cluster_dsn(), .application_name = std::move(application_name)};
  }

  awaitable<> enqueue(db::database& db, new_task t) {
    db::transaction tx = co_await db.use().begin();
    outbox(ringing).enqueue(tx, t, time.now());
    co_await tx.commit();
  }

  boost::asio::io_context loop{1};
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
