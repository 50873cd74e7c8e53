// What runs again and again.
#include "task_database.hpp"

namespace nexus::tasks::testing {
namespace {

using std::chrono::milliseconds;

class periodic_test : public task_test {};

TEST_F(periodic_test, a_periodic_job_runs_on_one_node_at_a_time) {
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

TEST_F(periodic_test, a_periodic_job_that_throws_runs_again) {
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

} // namespace
} // namespace nexus::tasks::testing
