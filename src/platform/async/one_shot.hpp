// A single-use event on one loop: one coroutine awaits it, one caller sets it, in either order.
#pragma once

#include "platform/async/awaitable.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace nexus {

// Copies share the event. set() never runs the waiter inside itself: the waiter is posted to the loop. Both
// ends belong to the loop; another thread posts a call of set() to the executor instead.
template <class T>
class one_shot {
public:
  explicit one_shot(executor on) : state_(std::make_shared<state>(on)) {}

  void set(T value) const {
    if (state_->value)
      return; // the first word counts
    state_->value.emplace(std::move(value));
    if (state_->resume)
      boost::asio::post(state_->on, [resume = std::move(state_->resume)]() mutable { resume->run(); });
  }

  [[nodiscard]] bool is_set() const { return state_->value.has_value(); }

  awaitable<T> wait() const {
    auto keep = state_;
    if (!keep->value)
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<executor>, void()>(
          [keep](auto handler) {
            keep->resume = std::make_unique<resumption_of<decltype(handler)>>(std::move(handler));
          },
          boost::asio::use_awaitable_t<executor>{});
    co_return std::move(*keep->value);
  }

private:
  struct resumption {
    virtual ~resumption() = default;
    virtual void run() = 0;
  };
  template <class Handler>
  struct resumption_of final : resumption {
    explicit resumption_of(Handler h) : handler(std::move(h)) {}
    void run() override { std::move(handler)(); }
    Handler handler;
  };
  struct state {
    explicit state(executor e) : on(e) {}
    executor on;
    std::optional<T> value;
    std::unique_ptr<resumption> resume;
  };
  std::shared_ptr<state> state_;
};

} // namespace nexus
