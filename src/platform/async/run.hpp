// For programs without a loop of their own (nexus migrate, import, audit): runs a coroutine to its end.
#pragma once

#include "platform/async/awaitable.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>

namespace nexus {

// Starts a coroutine nobody waits for. What it throws is a mistake of ours and ends the program.
template <class T>
void spawn(executor on, awaitable<T> work) {
  boost::asio::co_spawn(on, std::move(work), [](std::exception_ptr failure, auto&&...) {
    if (failure)
      std::rethrow_exception(failure);
  });
}

// make(executor) -> awaitable<T>; runs the io_context until that has ended, and gives its value or throws
// what it threw. What it left behind on the loop is dropped.
template <class Make>
auto run_to_end(boost::asio::io_context& loop, Make make) {
  using T = typename decltype(make(loop.get_executor()))::value_type;
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    boost::asio::co_spawn(loop.get_executor(), make(loop.get_executor()), [&](std::exception_ptr e) {
      failure = e;
      loop.stop();
    });
    loop.run();
    loop.restart();
    if (failure)
      std::rethrow_exception(failure);
  } else {
    std::optional<T> value;
    boost::asio::co_spawn(loop.get_executor(), make(loop.get_executor()), [&](std::exception_ptr e, T out) {
      failure = e;
      if (!e)
        value.emplace(std::move(out));
      loop.stop();
    });
    loop.run();
    loop.restart();
    if (failure)
      std::rethrow_exception(failure);
    return std::move(*value);
  }
}

} // namespace nexus
