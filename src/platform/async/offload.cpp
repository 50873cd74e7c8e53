#include "platform/async/offload.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace nexus {

struct offload::impl {
  options limits;
  std::mutex guard;
  std::condition_variable wake;
  std::deque<std::function<void()>> jobs;
  bool ending = false;
  std::vector<std::thread> threads;

  void work() {
    if (limits.niced) // on Linux a thread has a priority of its own
      ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
    for (std::unique_lock lock(guard);;) {
      wake.wait(lock, [this] { return ending || !jobs.empty(); });
      if (ending)
        return;
      auto job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
  }
};

offload::offload(options o) : impl_(std::make_unique<impl>()) {
  impl_->limits = o;
  for (int i = 0; i < o.threads; ++i)
    impl_->threads.emplace_back([this] { impl_->work(); });
}

offload::~offload() {
  {
    const std::lock_guard lock(impl_->guard);
    impl_->ending = true;
  }
  impl_->wake.notify_all();
  for (auto& thread : impl_->threads)
    thread.join();
}

bool offload::try_push(std::function<void()> job) {
  {
    const std::lock_guard lock(impl_->guard);
    if (impl_->ending || impl_->jobs.size() >= impl_->limits.queue_limit)
      return false;
    impl_->jobs.push_back(std::move(job));
  }
  impl_->wake.notify_one();
  return true;
}

} // namespace nexus
