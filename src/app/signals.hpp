// SIGTERM and SIGINT as something to wait for.
#pragma once

#include <chrono>
#include <csignal>
#include <pthread.h>

namespace nexus::app {

// Blocks them in this thread and in those it starts afterwards; call it before any.
class ending_signals {
public:
  ending_signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  void wait() const {
    int received = 0;
    sigwait(&set_, &received);
  }
  // False where none came in that time.
  [[nodiscard]] bool wait_for(std::chrono::seconds at_most) const {
    const timespec limit{at_most.count(), 0};
    return sigtimedwait(&set_, nullptr, &limit) > 0;
  }

private:
  sigset_t set_{};
};

} // namespace nexus::app
