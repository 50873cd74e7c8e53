// One worker and its tasks.
#include "task_database.hpp"
#include "tasks/backoff.hpp"

namespace nexus::tasks::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class worker_test : public task_test {};

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

TEST_F(worker_test, many_are_enqueued_as_one) {
  with_database([&](db::database& db) -> awaitable<> {
    int rings = 0;
    ringing.subscribe([&] { ++rings; });
    co_await enqueue(db, {.kind = "mail", .payload = "{}", .unique_key = "b"});
    db::usage count;
    db::transaction tx = co_await db.use(&count).begin();
    const std::vector<new_task> all{{.kind = "mail", .payload = R"({"a":"\\ \" ,{}"})"},
                                    {.kind = "mail", .payload = "{}", .unique_key = "b"},
                                    {.kind = "mail", .payload = "{}", .unique_key = "a"},
                                    {.kind = "mail", .payload = "{}", .run_at = time.now() + hours(1)}};
    outbox(ringing).enqueue_all(tx, all, time.now());
    outbox(ringing).enqueue_all(tx, {}, time.now());
    EXPECT_EQ(rings, 1) << "not before the commit";
    co_await tx.commit();
    EXPECT_EQ(rings, 2);
    EXPECT_EQ(count.statements, 1);
    std::vector<std::string> seen;
    const auto w = start(db,
                         {{"mail",
                           [&](db::session, const task& t) -> awaitable<outcome> {
                             seen.push_back(t.payload);
                             co_return outcome::done();
                           }}},
                         by_bell);
    ringing.ring();
    co_await until([&] { return seen.size() == 3; });
    co_await w->stop(patience);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), all[0].payload), 1);
    const auto tasks = co_await read_tasks(db);
    EXPECT_EQ(tasks.size(), 4u) << "one of b's two";
    EXPECT_EQ(
        std::count_if(tasks.begin(), tasks.end(), [&](const task_row& r) { return r.run_at > time.now(); }),
        1);
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
