// What a database is made of. Leases and coroutines under way share it, so that it outlives the database for
// them.
#pragma once

#include "platform/db/pool.hpp"
#include "platform/db/readers.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <vector>

namespace nexus::db {

struct core : std::enable_shared_from_this<core> {
  core(executor e, options o);

  void start(); // the one timer for all deadlines
  void close();
  // Its deadlines are enforced, and it is closed with the database.
  void watch(const std::shared_ptr<channel>& c) { channels_.push_back(c); }
  // A statement's time in the server, and a second for the way.
  [[nodiscard]] std::chrono::milliseconds patience() const {
    return opts.statement_timeout + std::chrono::seconds(1);
  }

  executor on;
  options opts;
  bool closed = false;
  readers shared;
  pool transactions;

private:
  void tick();
  boost::asio::basic_waitable_timer<steady, boost::asio::wait_traits<steady>, executor> timer_;
  std::vector<std::weak_ptr<channel>> channels_;
};

// The protocol counts parameters in 16 bits. Throws std::invalid_argument.
void check_size(const params& p);

// Adds the time of its life to what a request has waited.
class stopwatch {
public:
  explicit stopwatch(usage* count) : count_(count), begun_(count ? steady::now() : steady::time_point{}) {}
  ~stopwatch() {
    if (count_)
      count_->waited += steady::now() - begun_;
  }
  stopwatch(const stopwatch&) = delete;
  stopwatch& operator=(const stopwatch&) = delete;

private:
  usage* count_;
  steady::time_point begun_;
};

} // namespace nexus::db
