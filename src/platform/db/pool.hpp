// The connections for transactions: opened as they are needed, lent to one transaction at a time, in order of
// asking.
#pragma once

#include "platform/db/connection.hpp"

#include <deque>
#include <vector>

namespace nexus::db {

struct core;
using core_ptr = std::shared_ptr<core>;

// A connection lent. Its end gives the connection back if it is clean, and closes it otherwise.
class lease {
public:
  lease() = default;
  lease(core_ptr from, std::shared_ptr<connection> link) : from_(std::move(from)), link_(std::move(link)) {}
  lease(lease&& other) noexcept = default;
  lease& operator=(lease&& other) noexcept;
  ~lease() { end(); }

  void end();
  connection* operator->() const { return link_.get(); }
  explicit operator bool() const { return link_ != nullptr; }

private:
  core_ptr from_;
  std::shared_ptr<connection> link_;
};

class pool {
public:
  explicit pool(core& owner) : owner_(&owner) {}

  // Throws unavailable: nothing came free in time, too many are waiting, or the database is away.
  static awaitable<lease> acquire(core_ptr c);
  void give_back(std::shared_ptr<connection> link);
  void tick(steady::time_point now); // ends the waits that took too long
  void close();
  [[nodiscard]] database::gauges read_gauges() const;

private:
  struct grant {
    lease got;
    std::string reason; // where it is empty
  };
  struct waiter {
    one_shot<grant> granted;
    steady::time_point until;
  };

  static awaitable<> open_one(core_ptr c);
  void open_more();
  void opened(std::shared_ptr<connection> link);
  void failed_to_open(std::string reason);
  void lose(const connection* link);
  void hand_over(std::shared_ptr<connection> link);
  void refuse_all(const std::string& reason);

  core* owner_;
  std::vector<std::shared_ptr<connection>> idle_; // the last used first: the others may grow cold
  std::deque<waiter> waiting_;
  int open_ = 0; // idle and lent
  int opening_ = 0;
  int failures_ = 0;
  steady::time_point not_before_{}; // the next attempt to open one
  std::string reason_;
};

} // namespace nexus::db
