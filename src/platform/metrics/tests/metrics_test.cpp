#include "platform/metrics/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <thread>

namespace nexus::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, CounterIsRenderedWithItsLabels) {
  registry all;
  counter placed = all.make_counter("orders_total", "Orders by outcome", {{"outcome", "placed"}});
  all.make_counter("orders_total", "Orders by outcome", {{"outcome", "short"}});
  placed.increment();
  placed.increment(2);
  const std::string text = all.render();
  EXPECT_THAT(text, HasSubstr("# HELP orders_total Orders by outcome\n# TYPE orders_total counter\n"));
  EXPECT_THAT(text, HasSubstr("orders_total{outcome=\"placed\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("orders_total{outcome=\"short\"} 0\n"));
}

TEST(Metrics, SameNameAndLabelsAreTheSameSeries) {
  registry all;
  all.make_counter("c", "", {{"a", "1"}}).increment();
  all.make_counter("c", "", {{"a", "1"}}).increment();
  EXPECT_THAT(all.render(), HasSubstr("c{a=\"1\"} 2\n"));
}

TEST(Metrics, GaugeGoesUpAndDown) {
  registry all;
  gauge open = all.make_gauge("connections", "Open connections");
  open.set(5);
  open.add(-2);
  EXPECT_THAT(all.render(), HasSubstr("connections 3\n"));
}

TEST(Metrics, HistogramCountsCumulatively) {
  registry all;
  histogram times = all.make_histogram("seconds", "Times", {}, {0.25, 0.5});
  for (const double value : {0.125, 0.375, 4.0})
    times.observe(value);
  const std::string text = all.render();
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"0.25\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"0.5\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("seconds_sum 4.5\n"));
  EXPECT_THAT(text, HasSubstr("seconds_count 3\n"));
}

TEST(Metrics, WatchedGaugeIsReadAtEachScrape) {
  registry all;
  double waiting = 1;
  all.watch("queue", "Waiting", {{"name", "mail"}}, [&] { return waiting; });
  all.watch("queue", "Waiting", {{"name", "web"}}, [] { return 7.0; });
  EXPECT_THAT(all.render(), HasSubstr("queue{name=\"mail\"} 1\n"));
  waiting = 2;
  const std::string text = all.render();
  EXPECT_THAT(text, HasSubstr("# TYPE queue gauge\n"));
  EXPECT_THAT(text, HasSubstr("queue{name=\"mail\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("queue{name=\"web\"} 7\n"));
}

TEST(Metrics, WatchedGaugeThatThrowsCostsOnlyItself) {
  registry all;
  all.watch("broken", "", []() -> double { throw std::runtime_error("away"); });
  all.watch("whole", "", [] { return 1.0; });
  const std::string text = all.render();
  EXPECT_THAT(text, Not(HasSubstr("\nbroken ")));
  EXPECT_THAT(text, HasSubstr("whole 1\n"));
}

TEST(Metrics, WatchedGaugeMayUseTheRegistry) {
  registry all;
  all.watch("outer", "", [&] {
    all.make_counter("inner", "").increment();
    return 1.0;
  });
  EXPECT_THAT(all.render(), HasSubstr("outer 1\n"));
  EXPECT_THAT(all.render(), HasSubstr("inner 1\n"));
}

TEST(Metrics, RefusesWhatPrometheusWouldNotTake) {
  registry all;
  EXPECT_THROW(all.make_counter("not a name", ""), std::invalid_argument);
  EXPECT_THROW(all.make_counter("c", "", {{"not-a-label", "x"}}), std::invalid_argument);
  EXPECT_THROW(all.make_histogram("h", "", {{"le", "x"}}), std::invalid_argument);
  EXPECT_THROW(all.make_histogram("h", "", {}, {1.0, 1.0}), std::invalid_argument);
  all.make_counter("taken", "");
  EXPECT_THROW(all.make_gauge("taken", ""), std::invalid_argument);
  EXPECT_THROW(all.watch("taken", "", [] { return 1.0; }), std::invalid_argument);
  all.watch("watched", "", [] { return 1.0; });
  EXPECT_THROW(all.watch("watched", "", [] { return 2.0; }), std::invalid_argument);
}

TEST(Metrics, HandleWithoutARegistryDoesNothing) {
  counter{}.increment();
  gauge{}.set(1);
  gauge{}.add(1);
  histogram{}.observe(1);
}

TEST(Metrics, CountsFromManyThreads) {
  registry all;
  counter hits = all.make_counter("hits", "");
  histogram times = all.make_histogram("times", "");
  {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([=]() mutable {
        for (int n = 0; n < 1000; ++n) {
          hits.increment();
          times.observe(0.001);
        }
      });
    for (auto& thread : threads)
      thread.join();
  }
  EXPECT_THAT(all.render(), HasSubstr("hits 4000\n"));
  EXPECT_THAT(all.render(), HasSubstr("times_count 4000\n"));
}

} // namespace
} // namespace nexus::metrics
