#include "tasks/tasks.hpp"

#include "tasks/tasks.sql.hpp"

namespace nexus::tasks {

void outbox::enqueue(db::transaction& tx, const new_task& task, time_point now) const {
  const time_point run_at = task.run_at.value_or(now);
  tx.send(sql::enqueue, task.kind, task.payload, task.unique_key, run_at, now);
  if (run_at <= now) // the workers' own polling finds the later ones
    tx.after_commit([bell = bell_] { bell->ring(); });
}

void outbox::enqueue_all(db::transaction& tx, std::span<const new_task> all, time_point now) const {
  if (all.empty())
    return;
  std::vector<std::string_view> kinds, payloads;
  std::vector<std::optional<std::string_view>> unique_keys;
  std::vector<time_point> run_at;
  bool any_is_due = false;
  for (const new_task& each : all) {
    kinds.push_back(each.kind);
    payloads.push_back(each.payload);
    unique_keys.emplace_back(each.unique_key);
    run_at.push_back(each.run_at.value_or(now));
    any_is_due |= run_at.back() <= now;
  }
  tx.send(sql::enqueue_all, kinds, payloads, unique_keys, run_at, now);
  if (any_is_due)
    tx.after_commit([bell = bell_] { bell->ring(); });
}

awaitable<> delete_done(db::session s, time_point before) {
  constexpr int batch = 5'000; // so that no statement runs long
  for (;;) {
    const db::rows gone = co_await s.query(sql::delete_done, before, batch);
    if (gone.affected() < batch)
      co_return;
  }
}

} // namespace nexus::tasks
