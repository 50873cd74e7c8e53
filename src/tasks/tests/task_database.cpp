#include "task_database.hpp"

namespace nexus::tasks::testing {

namespace {

const db::statement select_tasks{"test.select_tasks",
                                 "SELECT state, attempt, max_attempts, run_at, coalesce(last_error, '') "
                                 "FROM task ORDER BY id"};

} // namespace

awaitable<std::vector<task_row>> read_tasks(db::database& db) {
  std::vector<task_row> out;
  const db::rows found = co_await db.use().query(select_tasks);
  for (const db::row& each : found) {
    auto [state, attempt, max_attempts, run_at, last_error] =
        each.as<std::string, int, int, time_point, std::string>();
    out.push_back({std::move(state), attempt, max_attempts, run_at, std::move(last_error)});
  }
  co_return out;
}

awaitable<> until_state(db::database& db, std::string state) {
  for (;;) {
    const auto all = co_await read_tasks(db);
    if (!all.empty() &&
        std::all_of(all.begin(), all.end(), [&](const task_row& t) { return t.state == state; }))
      co_return;
    co_await sleep_for(std::chrono::milliseconds(2));
  }
}

} // namespace nexus::tasks::testing
