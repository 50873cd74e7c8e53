#include "platform/async/sleep.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace nexus {

awaitable<> sleep_for(std::chrono::milliseconds pause) {
  using steady = std::chrono::steady_clock;
  boost::asio::basic_waitable_timer<steady, boost::asio::wait_traits<steady>, executor> timer(
      co_await boost::asio::this_coro::executor, pause);
  co_await timer.async_wait(boost::asio::use_awaitable_t<executor>{});
}

} // namespace nexus
