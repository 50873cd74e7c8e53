// The outbox: work that must happen after a commit is a row written in the same transaction, done by a
// worker.
//
// At least once: a worker that dies has its lease run out and another takes the task. A handler therefore
// makes its effect recognisable (a Message-ID, a unique row).
#pragma once

#include "core/clock.hpp"
#include "platform/db/database.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::tasks {

struct new_task {
  std::string_view kind;                      // "order.completed"
  std::string payload;                        // JSON
  std::optional<std::string> unique_key = {}; // a second task of the same key is not enqueued, for ever
  std::optional<time_point> run_at = {};      // not before
};

// Tells the workers of this process that something was committed; thread-safe, cheap.
class bell {
public:
  void ring();
  // action runs on the ringing thread: it posts to its own loop. Returns a number for unsubscribe().
  int subscribe(std::function<void()> action);
  void unsubscribe(int number);
  bell();
  ~bell();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

class outbox {
public:
  explicit outbox(tasks::bell& b) : bell_(&b) {}
  // Queued with the transaction's other statements; the bell rings after its commit.
  void enqueue(db::transaction& tx, const new_task& task, time_point now) const;
  // The same for many, in one statement.
  void enqueue_all(db::transaction& tx, std::span<const new_task> tasks, time_point now) const;

private:
  tasks::bell* bell_;
};

struct task {
  std::int64_t id = 0;
  std::string kind;
  std::string payload;
  int attempt = 0; // from 1
};

struct outcome {
  enum class kind { done, retry, give_up };
  kind result = kind::done;
  std::string error = {}; // for staff; no secrets
  static outcome done() { return {}; }
  static outcome retry(std::string why) { return {kind::retry, std::move(why)}; }
  static outcome give_up(std::string why) { return {kind::give_up, std::move(why)}; }
};

// What a module does with a kind of task. May throw: that is a retry. Must end within the lease; no
// transaction is open around it.
struct handler {
  std::string_view kind;
  std::function<awaitable<outcome>(db::session, const task&)> handle;
};

// What runs again and again on one node at a time (an advisory lock sees to that). Must be idempotent. While
// it runs, one of the database's connections for transactions holds the lock.
struct periodic {
  std::string_view name;
  std::chrono::milliseconds every;
  std::function<awaitable<>(db::session)> run;
};

// Claims by FOR UPDATE SKIP LOCKED in batches, runs up to `concurrency` at once on its loop, retries with
// back-off (attempt⁴ seconds and jitter), gives up after max_attempts. Tasks of kinds without a handler are
// left alone.
class worker {
public:
  struct options {
    int concurrency = 16;
    std::chrono::milliseconds poll{1'000}; // where nobody rings
    std::chrono::seconds lease{300};
  };
  worker(executor on, db::database& db, const nexus::clock& clock, tasks::bell& bell,
         std::vector<handler> handlers, std::vector<periodic> schedule, options o);
  ~worker();

  void start();
  // On the loop: takes no more, waits for what runs; hands back what is left at the deadline.
  awaitable<> stop(std::chrono::milliseconds at_most);

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

// For the schedule: forgets tasks that were done before then. Those with a unique key stay, because the key
// holds for ever; so do dead ones, which are for people to look at.
awaitable<> delete_done(db::session s, time_point before);

} // namespace nexus::tasks
