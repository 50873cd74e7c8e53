#include "platform/async/combiner.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace nexus {
namespace {

using numbers = std::vector<int>;

// Doubles; keeps the batches it was given, and holds the first up until it is let go.
struct doubler {
  explicit doubler(executor on) : gate(on) {}
  one_shot<bool> gate;
  bool is_gated = true;
  std::vector<numbers> batches;

  awaitable<numbers> run(numbers batch) {
    batches.push_back(batch);
    if (std::exchange(is_gated, false))
      co_await gate.wait();
    for (int& n : batch)
      n *= 2;
    co_return batch;
  }
};

struct Combiner : testing::Test {
  boost::asio::io_context loop{1};
  doubler work{loop.get_executor()};
  std::vector<std::optional<int>> answers;

  combiner<int, int> make(combiner_options o) {
    return {loop.get_executor(), o, [this](numbers batch) { return work.run(std::move(batch)); }};
  }
  void submit(combiner<int, int>& to, int number) {
    answers.resize(std::max(answers.size(), static_cast<std::size_t>(number) + 1));
    boost::asio::co_spawn(loop.get_executor(), to.submit(number),
                          [this, number](std::exception_ptr, std::optional<int> got) {
                            answers[static_cast<std::size_t>(number)] = got;
                          });
  }
};

TEST_F(Combiner, GathersWhatComesWhileABatchIsUnderWay) {
  auto c = make({.batch_limit = 3});
  for (int i = 0; i < 1; ++i)
    submit(c, i);
  loop.poll();
  for (int i = 1; i < 6; ++i)
    submit(c, i);
  loop.poll();
  EXPECT_EQ(c.waiting(), 5U);
  work.gate.set(true);
  loop.run();
  EXPECT_EQ(work.batches, (std::vector<numbers>{{0}, {1, 2, 3}, {4, 5}})) << "in order of arrival";
  EXPECT_EQ(answers, (std::vector<std::optional<int>>{0, 2, 4, 6, 8, 10}));
}

TEST_F(Combiner, RefusesWhatTheQueueHasNoRoomFor) {
  auto c = make({.queue_limit = 2});
  submit(c, 0);
  loop.poll(); // under way: the queue is empty
  for (int i = 1; i < 4; ++i)
    submit(c, i);
  work.gate.set(true);
  loop.run();
  EXPECT_EQ(answers, (std::vector<std::optional<int>>{0, 2, 4, std::nullopt}));
}

TEST_F(Combiner, NeverBeginsWhatHasWaitedTooLong) {
  auto c = make({.patience = std::chrono::milliseconds{0}});
  submit(c, 0);
  loop.run();
  EXPECT_TRUE(work.batches.empty());
  EXPECT_EQ(answers, (std::vector<std::optional<int>>{std::nullopt}));
}

TEST(CombinerOfManyLoops, AnswersEachOnItsOwn) {
  boost::asio::io_context home{1};
  auto keep = boost::asio::make_work_guard(home);
  std::atomic<int> under_way = 0;
  combiner<int, int> c(home.get_executor(), {.batch_limit = 16}, [&](numbers batch) -> awaitable<numbers> {
    EXPECT_EQ(++under_way, 1) << "one batch at a time";
    co_await boost::asio::post(home.get_executor(), boost::asio::use_awaitable_t<executor>{});
    --under_way;
    for (int& n : batch)
      n += 1;
    co_return batch;
  });
  std::thread center([&] { home.run(); });
  std::atomic<int> right = 0;
  std::vector<std::thread> loops;
  for (int t = 0; t < 3; ++t)
    loops.emplace_back([&, t] {
      boost::asio::io_context loop{1};
      for (int client = 0; client < 20; ++client)
        spawn(loop.get_executor(),
              [](combiner<int, int>& to, int first, std::atomic<int>& count) -> awaitable<> {
                for (int i = first; i < first + 50; ++i)
                  count += (co_await to.submit(i)) == i + 1 ? 1 : 0;
              }(c, (t * 20 + client) * 100, right));
      loop.run();
    });
  for (auto& l : loops)
    l.join();
  home.stop();
  center.join();
  EXPECT_EQ(right, 3 * 20 * 50);
}

} // namespace
} // namespace nexus
