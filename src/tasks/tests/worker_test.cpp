#include "task_database.hpp"
#include "tasks/backoff.hpp"

namespace nexus::tasks::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const db::statement insert_running{
    "test.insert_running",
    "INSERT INTO task (kind, state, attempt, max_attempts, run_at, leased_until, created_at) "
    "VALUES ('mail', 'running', $1, $2, $3, $4, $3)"};
const db::statement end_connections{"test.end_connections",
                                    "WITH ended AS (SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                    "WHERE application_name = $1) SELECT count(*) FROM ended"};

constexpr milliseconds patience{10'000};
// The bell alone wakes it, so that a test which relies on the bell cannot pass by polling.
constexpr worker::options by_bell{.poll = hours(1)};
constexpr worker::options polling{.poll = milliseconds(5)};

class worker_test : public task_test {
protected:
  std::unique_ptr<worker> start(db::database& db, std::vector<handler> handlers, worker::options o,
                                std::vector<periodic> schedule = {}) {
    auto made = std::make_unique<worker>(loop.get_executor(), db, time, ringing, std::move(handlers),
                                         std::move(schedule), o);
    made->start();
    return made;
  }
};

TEST_F(worker_test, does_a_task_when_the_bell_rings) {
  with_database([&](db::database& db) -> awaitable<> {
    std::vector<task> seen;
    const auto w = start(db,
                         {{"mail",
                           [&](db::session, const task& t) -> awaitable<outcome> {
                             seen.push_back(t);
                             co_return outcome::done();
                           }}},
                         by_bell);
    co_await enqueue(db, {.kind = "mail", .payload = R"({"to":"a@example.com"})"});
    co_await until_state(db, "done");
    co_await w->stop(patience);
    EXPECT_EQ(seen.size(), 1);
    EXPECT_EQ(seen.at(0).kind, "mail");
    EXPECT_EQ(seen.at(0).payload, R"({"to":"a@example.com"})");
    EXPECT_EQ(seen.at(0).attempt, 1);
  });
}

TEST_F(worker_test, what_is_rolled_back_is_neither_stored_nor_rung) {
  with_database([&](db::database& db) -> awaitable<> {
    int rings = 0;
    ringing.subscribe([&] { ++rings; });
    db::transaction tx = co_await db.use().begin();
    outbox(ringing).enqueue(tx, {.kind = "mail", .payload = "{}"}, time.now());
    co_await tx.rollback();
    EXPECT_EQ(rings, 0);
    const auto tasks = co_await read_tasks(db);
    EXPECT_TRUE(tasks.empty());
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    EXPECT_EQ(rings, 1);
    co_await enqueue(db, {.kind = "mail", .payload = "{}", .run_at = time.now() + seconds(1)});
    EXPECT_EQ(rings, 1);
  });
}

TEST_F(worker_test, a_unique_key_holds_for_ever) {
  with_database([&](db::database& db) -> awaitable<> {
    int runs = 0;
    const auto w = start(db,
                         {{"mail",
                           [&](db::session, const task&) -> awaitable<outcome> {
                             ++runs;
                             co_return outcome::done();
                           }}},
                         by_bell);
    co_await enqueue(db, {.kind = "mail", .payload = "{}", .unique_key = "receipt 1"});
    co_await until_state(db, "done");
    time.at += hours(24 * 365);
    co_await delete_done(db.use(), time.now());
    co_await enqueue(db, {.kind = "mail", .payload = "{}", .unique_key = "receipt 1"});
    co_await enqueue(db, {.kind = "mail", .payload = "{}", .unique_key = "receipt 2"});
    co_await until_state(db, "done");
    co_await w->stop(patience);
    EXPECT_EQ(runs, 2);
  });
}

TEST_F(worker_test, a_failure_is_tried_again_after_its_pause) {
  with_database([&](db::database& db) -> awaitable<> {
    std::vector<int> attempts;
    const auto w = start(db,
                         {{"mail",
                           [&](db::session, const task& t) -> awaitable<outcome> {
                             attempts.push_back(t.attempt);
                             if (t.attempt == 1)
                               co_return outcome::retry("greylisted");
                             if (t.attempt == 2)
                               throw std::runtime_error("no \xff route");
                             co_return outcome::done();
                           }}},
                         polling);
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    co_await until([&] { return attempts.size() == 1; });
    co_await until_state(db, "available");
    auto row = (co_await read_tasks(db)).at(0);
    EXPECT_GE(row.run_at, time.now() + backoff(1, 0.0));
    EXPECT_LE(row.run_at, time.now() + backoff(1, 1.0));
    EXPECT_EQ(row.last_error, "greylisted");
    time.at = row.run_at;
    co_await until([&] { return attempts.size() == 2; });
    co_await until_state(db, "available");
    row = (co_await read_tasks(db)).at(0);
    EXPECT_GE(row.run_at, time.now() + backoff(2, 0.0));
    EXPECT_EQ(row.last_error, "an error whose text is not UTF-8");
    time.at = row.run_at;
    co_await until_state(db, "done");
    co_await w->stop(patience);
    EXPECT_EQ(attempts, (std::vector{1, 2, 3}));
  });
}

TEST_F(worker_test, gives_up_when_told_and_after_the_last_attempt) {
  with_database([&](db::database& db) -> awaitable<> {
    co_await db.use().query(insert_running, 19, 20, time.now(), time.now());
    const auto w = start(
        db,
        {{"hopeless",
          [](db::session, const task&) -> awaitable<outcome> {
            co_return outcome::give_up("no such address");
          }},
         {"mail", [](db::session, const task&) -> awaitable<outcome> { co_return outcome::retry("busy"); }}},
        polling);
    co_await enqueue(db, {.kind = "hopeless", .payload = "{}"});
    co_await until_state(db, "dead");
    co_await w->stop(patience);
    const auto rows = co_await read_tasks(db);
    EXPECT_EQ(rows.at(0).attempt, 20);
    EXPECT_EQ(rows.at(0).last_error, "busy");
    EXPECT_EQ(rows.at(1).attempt, 1);
    EXPECT_EQ(rows.at(1).last_error, "no such address");
    co_await delete_done(db.use(), time.now() + hours(1));
    EXPECT_EQ((co_await read_tasks(db)).size(), 2); // for people to look at
  });
}

TEST_F(worker_test, leaves_alone_what_it_does_not_know_and_what_is_not_yet_due) {
  with_database([&](db::database& db) -> awaitable<> {
    co_await enqueue(db, {.kind = "unknown", .payload = "{}"});
    co_await enqueue(db, {.kind = "mail", .payload = "{}", .run_at = time.now() + hours(1)});
    int runs = 0;
    const auto w = start(db,
                         {{"mail",
                           [&](db::session, const task&) -> awaitable<outcome> {
                             ++runs;
                             co_return outcome::done();
                           }}},
                         polling);
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    co_await until([&] { return runs == 1; }); // a claim has seen all three
    const auto before = co_await read_tasks(db);
    EXPECT_EQ(before.at(0).state, "available");
    EXPECT_EQ(before.at(1).state, "available");
    time.at += hours(1);
    co_await until([&] { return runs == 2; });
    co_await w->stop(patience);
    EXPECT_EQ((co_await read_tasks(db)).at(0).state, "available");
    EXPECT_EQ((co_await read_tasks(db)).at(0).attempt, 0);
  });
}

TEST_F(worker_test, rescues_the_tasks_of_a_dead_worker) {
  with_database([&](db::database& db) -> awaitable<> {
    co_await db.use().query(insert_running, 1, 20, time.now() - hours(1), time.now() - seconds(1)); // expired
    co_await db.use().query(insert_running, 20, 20, time.now() - hours(1), time.now()); // at its last
    co_await db.use().query(insert_running, 1, 20, time.now() - hours(1), time.now() + hours(1)); // alive
    int attempt = 0;
    const auto w = start(db,
                         {{"mail",
                           [&](db::session, const task& t) -> awaitable<outcome> {
                             attempt = t.attempt;
                             co_return outcome::done();
                           }}},
                         polling);
    co_await until([&] { return attempt != 0; });
    co_await w->stop(patience);
    const auto rows = co_await read_tasks(db);
    EXPECT_EQ(attempt, 2);
    EXPECT_EQ(rows.at(0).state, "done");
    EXPECT_EQ(rows.at(1).state, "dead");
    EXPECT_EQ(rows.at(1).last_error, "its lease ran out");
    EXPECT_EQ(rows.at(2).state, "running");
  });
}

TEST_F(worker_test, the_late_word_of_a_worker_whose_lease_ran_out_is_ignored) {
  with_database([&](db::database& db) -> awaitable<> {
    db::database other(loop.get_executor(), options_of("other"));
    co_await other.connect();
    const one_shot<bool> release(loop.get_executor()), release_second(loop.get_executor());
    bool slow_began = false, slow_ended = false;
    int second_attempt = 0;
    const auto slow = start(db,
                            {{"mail",
                              [&](db::session, const task&) -> awaitable<outcome> {
                                slow_began = true;
                                co_await release.wait();
                                slow_ended = true;
                                co_return outcome::give_up("too late");
                              }}},
                            {.concurrency = 1, .poll = milliseconds(5)});
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    co_await until([&] { return slow_began; });
    time.at += hours(1);
    const auto quick = start(other,
                             {{"mail",
                               [&](db::session, const task& t) -> awaitable<outcome> {
                                 second_attempt = t.attempt;
                                 co_await release_second.wait();
                                 co_return outcome::done();
                               }}},
                             polling);
    co_await until([&] { return second_attempt != 0; });
    release.set(true);
    co_await slow->stop(patience);
    EXPECT_TRUE(slow_ended);
    EXPECT_EQ(second_attempt, 2);
    EXPECT_EQ((co_await read_tasks(db)).at(0).state, "running"); // of the second, whatever the first says
    release_second.set(true);
    co_await until_state(db, "done");
    co_await quick->stop(patience);
    const auto row = (co_await read_tasks(db)).at(0);
    EXPECT_EQ(row.state, "done");
    EXPECT_EQ(row.last_error, "");
  });
}

TEST_F(worker_test, two_workers_share_the_tasks_and_do_each_once) {
  with_database([&](db::database& db) -> awaitable<> {
    db::database other(loop.get_executor(), options_of("other"));
    co_await other.connect();
    std::map<std::int64_t, int> runs;
    int now = 0, most = 0;
    const handler count{"mail", [&](db::session s, const task& t) -> awaitable<outcome> {
                          most = std::max(most, ++now);
                          ++runs[t.id];
                          co_await sleep_for(milliseconds(1));
                          --now;
                          (void)s;
                          co_return outcome::done();
                        }};
    const worker::options three{.concurrency = 3, .poll = hours(1)};
    {
      db::transaction tx = co_await db.use().begin();
      for (int i = 0; i < 100; ++i)
        outbox(ringing).enqueue(tx, {.kind = "mail", .payload = "{}"}, time.now());
      co_await tx.commit();
    }
    const auto first = start(db, {count}, three), second = start(other, {count}, three);
    co_await until_state(db, "done");
    co_await first->stop(patience);
    co_await second->stop(patience);
    EXPECT_EQ(runs.size(), 100);
    for (const auto& [id, n] : runs)
      EXPECT_EQ(n, 1) << id;
    EXPECT_LE(most, 6);
    EXPECT_GE(most, 3);
  });
}

TEST_F(worker_test, no_transaction_is_open_around_a_handler) {
  with_database([&](db::database& db) -> awaitable<> {
    int busy = -1;
    const auto w = start(db,
                         {{"mail",
                           [&](db::session, const task&) -> awaitable<outcome> {
                             busy = db.read_gauges().busy;
                             co_return outcome::done();
                           }}},
                         by_bell);
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    co_await until_state(db, "done");
    co_await w->stop(patience);
    EXPECT_EQ(busy, 0);
  });
}

TEST_F(worker_test, stop_waits_for_what_runs) {
  with_database([&](db::database& db) -> awaitable<> {
    bool began = false;
    const auto w = start(db,
                         {{"mail",
                           [&](db::session, const task&) -> awaitable<outcome> {
                             began = true;
                             co_await sleep_for(milliseconds(20));
                             co_return outcome::done();
                           }}},
                         by_bell);
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    co_await until([&] { return began; });
    co_await w->stop(patience);
    EXPECT_EQ((co_await read_tasks(db)).at(0).state, "done");
  });
}

TEST_F(worker_test, stop_hands_back_what_is_not_done_at_its_deadline) {
  with_database([&](db::database& db) -> awaitable<> {
    const one_shot<bool> release(loop.get_executor());
    bool began = false, ended = false;
    const auto w = start(db,
                         {{"mail",
                           [&](db::session, const task&) -> awaitable<outcome> {
                             began = true;
                             co_await release.wait();
                             ended = true;
                             co_return outcome::done();
                           }}},
                         by_bell);
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    co_await until([&] { return began; });
    co_await w->stop(milliseconds(1));
    auto row = (co_await read_tasks(db)).at(0);
    EXPECT_EQ(row.state, "available");
    EXPECT_EQ(row.attempt, 1);
    EXPECT_EQ(row.max_attempts, 21);
    release.set(true);
    co_await until([&] { return ended; });
    co_await w->stop(patience); // its late word has been said by then
    row = (co_await read_tasks(db)).at(0);
    EXPECT_EQ(row.state, "available");
  });
}

TEST_F(worker_test, goes_on_after_its_connections_were_lost) {
  with_database([&](db::database& db) -> awaitable<> {
    db::database fragile(loop.get_executor(), options_of("fragile"));
    co_await fragile.connect();
    int runs = 0;
    const auto w = start(fragile,
                         {{"mail",
                           [&](db::session, const task&) -> awaitable<outcome> {
                             if (++runs == 1)
                               co_await db.use().query(end_connections, "fragile");
                             co_return outcome::done();
                           }}},
                         polling);
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    co_await until_state(db, "done"); // the first outcome was written once the database was back
    EXPECT_EQ(runs, 1);
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    co_await until([&] { return runs == 2; });
    co_await w->stop(patience);
  });
}

TEST_F(worker_test, a_periodic_job_runs_on_one_node_at_a_time) {
  with_database([&](db::database& db) -> awaitable<> {
    db::database other(loop.get_executor(), options_of("other"));
    co_await other.connect();
    const one_shot<bool> release(loop.get_executor());
    int first_runs = 0, second_runs = 0, probes = 0;
    const auto first =
        start(db, {}, polling, {{"expire orders", milliseconds(1), [&](db::session) -> awaitable<> {
                                   if (++first_runs == 1)
                                     co_await release.wait();
                                 }}});
    co_await until([&] { return first_runs == 1; });
    const auto second = start(other, {}, polling,
                              {{"expire orders", milliseconds(1),
                                [&](db::session) -> awaitable<> {
                                  ++second_runs;
                                  co_return;
                                }},
                               {"another", milliseconds(1), [&](db::session) -> awaitable<> {
                                  ++probes;
                                  co_return;
                                }}});
    co_await until([&] { return probes >= 10; }); // the other job has been tried as often, or nearly
    EXPECT_EQ(second_runs, 0);
    release.set(true);
    co_await until([&] { return second_runs > 0; });
    co_await first->stop(patience);
    co_await second->stop(patience);
  });
}

TEST_F(worker_test, a_periodic_job_that_throws_runs_again) {
  with_database([&](db::database& db) -> awaitable<> {
    int runs = 0;
    const auto w = start(db, {}, polling, {{"clean", milliseconds(1), [&](db::session) -> awaitable<> {
                                              if (++runs == 1)
                                                throw std::runtime_error("not yet");
                                              co_return;
                                            }}});
    co_await until([&] { return runs >= 3; });
    co_await w->stop(patience);
    EXPECT_EQ(db.read_gauges().busy, 0);
  });
}

TEST_F(worker_test, done_tasks_are_forgotten_after_their_time) {
  with_database([&](db::database& db) -> awaitable<> {
    const auto w = start(
        db, {{"mail", [](db::session, const task&) -> awaitable<outcome> { co_return outcome::done(); }}},
        by_bell);
    co_await enqueue(db, {.kind = "mail", .payload = "{}"});
    co_await until_state(db, "done");
    co_await delete_done(db.use(), time.now());
    EXPECT_EQ((co_await read_tasks(db)).size(), 1);
    co_await delete_done(db.use(), time.now() + seconds(1));
    EXPECT_EQ((co_await read_tasks(db)).size(), 0);
    co_await w->stop(patience);
  });
}

} // namespace
} // namespace nexus::tasks::testing
