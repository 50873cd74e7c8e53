// The end of a worker, and of its connections.
#include "task_database.hpp"

namespace nexus::tasks::testing {
namespace {

using std::chrono::milliseconds;

const db::statement end_connections{"test.end_connections",
                                    "WITH ended AS (SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                    "WHERE application_name = $1) SELECT count(*) FROM ended"};

class stop_test : public task_test {};

TEST_F(stop_test, stop_waits_for_what_runs) {
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

TEST_F(stop_test, stop_hands_back_what_is_not_done_at_its_deadline) {
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

TEST_F(stop_test, goes_on_after_its_connections_were_lost) {
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

} // namespace
} // namespace nexus::tasks::testing
