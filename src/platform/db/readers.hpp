// The connections that the single statements of all coroutines share. One that is lost is opened again, with
// growing pauses; meanwhile, and where none is left, statements fail at once.
#pragma once

#include "platform/db/connection.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <functional>
#include <vector>

namespace nexus::db {

struct core;
using core_ptr = std::shared_ptr<core>;

// Doubles from 100 ms to 3 s; somewhere in its upper half, so that many nodes do not come back in step.
std::chrono::milliseconds backoff(int failures);

class readers {
public:
  readers(core& owner, int count);

  // Opens those that are not. Throws unavailable.
  static awaitable<> open_all(core_ptr c);
  // The one with the least to do. Throws unavailable where there is none.
  std::shared_ptr<connection> pick();
  void close();

private:
  using timer = boost::asio::basic_waitable_timer<steady, boost::asio::wait_traits<steady>, executor>;
  struct slot {
    explicit slot(executor on) : pause(on) {}
    std::shared_ptr<connection> link;
    timer pause;
  };

  static awaitable<> open(core_ptr c, std::size_t number);
  static awaitable<> reopen(core_ptr c, std::size_t number);
  void lose(std::size_t number);

  core* owner_;
  std::vector<slot> slots_;
  std::string reason_ = "the database is not connected";
};

} // namespace nexus::db
