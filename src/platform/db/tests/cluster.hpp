// One PostgreSQL for the tests of a program, started by the first that needs it, and what they all begin
// with.
#pragma once

#include "platform/async/one_shot.hpp"
#include "platform/async/run.hpp"
#include "platform/async/sleep.hpp"
#include "platform/db/database.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexus::db::testing {

// The connection string of the cluster's database; starts the cluster.
std::string cluster_dsn();

class database_test : public ::testing::Test {
protected:
  // body(database&) -> awaitable<>, on a connected database of its own. Not ASSERT in there: it would return.
  template <class Body>
  void with_database(Body body) {
    if (opts.dsn.empty())
      opts.dsn = cluster_dsn();
    run_to_end(loop, [&](executor on) -> awaitable<> {
      database db(on, opts);
      co_await db.connect();
      co_await body(db);
    });
  }

  boost::asio::io_context loop{1};
  options opts;
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
