#include "tasks/tasks.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace nexus::tasks {
namespace {

TEST(bell, reaches_all_who_subscribed) {
  bell b;
  int first = 0, second = 0;
  b.subscribe([&] { ++first; });
  const int number = b.subscribe([&] { ++second; });
  b.ring();
  b.unsubscribe(number);
  b.ring();
  EXPECT_EQ(first, 2);
  EXPECT_EQ(second, 1);
}

TEST(bell, no_action_runs_after_unsubscribe) {
  bell b;
  std::atomic<bool> ending{false};
  std::thread ringer([&] {
    while (!ending) {
      b.ring();
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 100; ++i) {
    auto alive = std::make_unique<std::atomic<int>>(0); // a late action would write to freed memory
    const int number = b.subscribe([counter = alive.get()] { ++*counter; });
    while (*alive == 0)
      std::this_thread::yield();
    b.unsubscribe(number);
  }
  ending = true;
  ringer.join();
}

} // namespace
} // namespace nexus::tasks
