// Several workers on one database, and workers that are gone.
#include "task_database.hpp"

namespace nexus::tasks::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class nodes_test : public task_test {};

TEST_F(nodes_test, rescues_the_tasks_of_a_dead_worker) {
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

TEST_F(nodes_test, the_late_word_of_a_worker_whose_lease_ran_out_is_ignored) {
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

TEST_F(nodes_test, two_workers_share_the_tasks_and_do_each_once) {
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

} // namespace
} // namespace nexus::tasks::testing
