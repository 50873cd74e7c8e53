// A fuse before a provider that is down: after some failures in a row nobody waits for it any more.
//
//   closed  → open after `failures` in a row
//   open    → all are refused at once, for `open_for`
//   probing → one call is let through; if it works: closed, else open again
#pragma once

#include <chrono>
#include <mutex>

namespace nexus::payments {

// Thread-safe.
class circuit {
public:
  using time = std::chrono::steady_clock::time_point;
  struct rules {
    int failures = 5;
    std::chrono::milliseconds open_for{5'000};
  };

  explicit circuit(rules r) : rules_(r) {}
  circuit() : circuit(rules{}) {}

  // Whether a call may be made now. Who is let through says note() afterwards; a probe that never does is
  // given up after open_for.
  bool admit(time now);
  void note(bool worked, time now);
  [[nodiscard]] bool is_open() const;

private:
  const rules rules_;
  mutable std::mutex mutex_;
  int failures_ = 0;
  bool open_ = false;
  time next_probe_{};
};

} // namespace nexus::payments
