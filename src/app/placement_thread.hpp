// The node's queue of orders to be placed, on a thread with a database of its own.
#pragma once

#include "app/services.hpp"
#include "platform/async/run.hpp"
#include "platform/db/database.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <memory>
#include <thread>

namespace nexus::app {

class placement_thread {
public:
  placement_thread(services& s, db::options database) : database_(context_.get_executor(), own(database)) {
    auto batches = s.metrics.make_histogram("nexus_placement_batch_orders",
                                            "Orders placed in one transaction", {}, {1, 2, 4, 8, 16, 32, 64});
    auto seconds = s.metrics.make_histogram("nexus_placement_seconds", "Time of a placement transaction");
    queue_ = orders::make_placement(context_.get_executor(), database_, s.clock, s.orders,
                                    [batches, seconds](std::size_t orders, double took) mutable {
                                      batches.observe(static_cast<double>(orders));
                                      seconds.observe(took);
                                    });
    s.metrics.watch("nexus_placement_waiting", "Orders waiting to be placed",
                    [queue = queue_] { return static_cast<double>(orders::waiting(*queue)); });
    run_to_end(context_, [this](executor) { return database_.connect(); });
    thread_ = std::thread([this] { context_.run(); });
  }
  ~placement_thread() {
    context_.stop();
    thread_.join();
  }
  placement_thread(const placement_thread&) = delete;
  placement_thread& operator=(const placement_thread&) = delete;

  [[nodiscard]] std::shared_ptr<orders::placement> queue() const { return queue_; }

private:
  // Every statement of a placement finds its rows by key, and it waits for nobody long: whoever holds a row
  // for seconds holds up all orders.
  static db::options own(db::options o) {
    o.application_name = "nexus placement";
    o.transactions = 1;
    o.by_index_only = true;
    o.lock_timeout = std::chrono::milliseconds{2'000};
    return o;
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<executor> keep_{context_.get_executor()};
  db::database database_;
  std::shared_ptr<orders::placement> queue_;
  std::thread thread_;
};

} // namespace nexus::app
