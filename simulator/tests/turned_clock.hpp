// A clock that a test turns.
#pragma once

#include "core/clock.hpp"

#include <atomic>

namespace nexus::chapa::testing {

class turned_clock final : public clock {
public:
  [[nodiscard]] time_point now() const override {
    return *parse_rfc3339("2026-02-02T07:05:23.5Z") + std::chrono::microseconds(since_.load());
  }
  void turn(std::chrono::microseconds by) { since_ += by.count(); }

private:
  std::atomic<std::int64_t> since_ = 0;
};

} // namespace nexus::chapa::testing
