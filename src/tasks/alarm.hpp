// A pause that can be cut short. On one loop; one coroutine waits, anybody on the loop rings.
#pragma once

#include "platform/async/awaitable.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace nexus::tasks {

class alarm {
public:
  explicit alarm(executor on) : timer_(on) {}

  // Until it rings, or the time is over. A ring that nobody waited for ends the next wait at once.
  awaitable<> wait(std::chrono::milliseconds at_most) {
    if (!rung_) {
      boost::system::error_code cut_short;
      timer_.expires_after(at_most);
      co_await timer_.async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable_t<executor>{}, cut_short));
    }
    rung_ = false;
  }

  void ring() {
    rung_ = true;
    timer_.cancel();
  }

private:
  using steady = std::chrono::steady_clock;
  boost::asio::basic_waitable_timer<steady, boost::asio::wait_traits<steady>, executor> timer_;
  bool rung_ = false;
};

} // namespace nexus::tasks
