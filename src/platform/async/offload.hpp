// A few threads for work that would hold up a loop (password hashing), behind a bounded queue.
#pragma once

#include "platform/async/awaitable.hpp"
#include "platform/async/one_shot.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <variant>

namespace nexus {

class offload {
public:
  struct options {
    int threads = 1;
    std::size_t queue_limit = 64;
    bool niced = false; // lowest priority, so that the loops go first
  };

  explicit offload(options o);
  ~offload(); // runs what has begun, drops what waits
  offload(const offload&) = delete;
  offload& operator=(const offload&) = delete;

  // The work's result, back on the awaiting loop; nullopt where the queue is full. What the work throws is
  // thrown here.
  template <class F, class T = std::invoke_result_t<F>>
  awaitable<std::optional<T>> run(F work) {
    using outcome = std::variant<T, std::exception_ptr>;
    const executor loop = co_await boost::asio::this_coro::executor;
    one_shot<outcome> done(loop);
    const bool taken = try_push([loop, done, work = std::move(work)]() mutable {
      std::optional<outcome> out;
      try {
        out.emplace(std::in_place_index<0>, work());
      } catch (...) {
        out.emplace(std::in_place_index<1>, std::current_exception());
      }
      boost::asio::post(loop, [done, out = std::move(*out)]() mutable { done.set(std::move(out)); });
    });
    if (!taken)
      co_return std::nullopt;
    outcome out = co_await done.wait();
    if (auto* failure = std::get_if<1>(&out))
      std::rethrow_exception(*failure);
    co_return std::move(std::get<0>(out));
  }

private:
  bool try_push(std::function<void()> job);
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace nexus
