// The worker on a thread of its own: in `nexus serve` beside the loops, or alone in `nexus worker`.
#pragma once

#include "app/services.hpp"
#include "platform/async/run.hpp"
#include "platform/db/database.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <future>
#include <memory>
#include <thread>

namespace nexus::app {

class worker_thread {
public:
  worker_thread(services& s, const db::options& database)
      : database_(context_.get_executor(), database),
        worker_(context_.get_executor(), database_, s.clock, s.bell, task_handlers(s), schedule(s), {}) {
    run_to_end(context_, [this](executor) { return database_.connect(); });
    thread_ = std::thread([this] {
      worker_.start();
      context_.run();
    });
  }
  ~worker_thread() {
    stop(std::chrono::milliseconds{0});
    context_.stop();
    thread_.join();
  }
  worker_thread(const worker_thread&) = delete;
  worker_thread& operator=(const worker_thread&) = delete;

  // Finishes what runs, hands back what is left at the deadline.
  void stop(std::chrono::milliseconds at_most) {
    if (std::exchange(stopped_, true))
      return;
    std::promise<void> done;
    boost::asio::co_spawn(context_.get_executor(), worker_.stop(at_most),
                          [&](std::exception_ptr) { done.set_value(); });
    done.get_future().wait();
  }

private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<executor> keep_{context_.get_executor()};
  db::database database_;
  tasks::worker worker_;
  std::thread thread_;
  bool stopped_ = false;
};

} // namespace nexus::app
