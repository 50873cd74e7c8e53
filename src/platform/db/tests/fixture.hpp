// What the tests of this folder begin with.
#pragma once

#include "platform/async/one_shot.hpp"
#include "platform/async/sleep.hpp"
#include "platform/db/database.hpp"
#include "scratch_database/scratch_database.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexus::db::testing {

class database_test : public scratch_database {
protected:
  database_test() : scratch_database(contents::nothing) {}
};

// Runs them side by side; ends when all have, and throws the first failure.
inline awaitable<> together(std::vector<awaitable<>> all) {
  const executor on = co_await boost::asio::this_coro::executor;
  const one_shot<bool> finished(on);
  auto left = std::make_shared<std::size_t>(all.size());
  auto first = std::make_shared<std::exception_ptr>();
  for (auto& one : all)
    boost::asio::co_spawn(on, std::move(one), [left, first, finished](std::exception_ptr failure) {
      if (failure && !*first)
        *first = failure;
      if (--*left == 0)
        finished.set(true);
    });
  co_await finished.wait();
  if (*first)
    std::rethrow_exception(*first);
}

// What the work threw, if it was an E.
template <class E, class T>
awaitable<std::optional<E>> thrown(awaitable<T> work) {
  try {
    co_await std::move(work);
  } catch (const E& e) {
    co_return e;
  }
  co_return std::nullopt;
}

inline bool has(const std::exception& e, std::string_view words) {
  return std::string_view(e.what()).find(words) != std::string_view::npos;
}

// Until asked() -> awaitable<bool> says yes; the test's time limit is the bound.
template <class Ask>
awaitable<> eventually(Ask asked) {
  while (!co_await asked())
    co_await sleep_for(std::chrono::milliseconds(5));
}

} // namespace nexus::db::testing
