#include "tasks/backoff.hpp"

#include <algorithm>
#include <cstdint>

namespace nexus::tasks {

std::chrono::milliseconds backoff(int attempt, double jitter) {
  const std::int64_t n = std::clamp(attempt, 1, 100);
  const std::int64_t base_ms = n * n * n * n * 1'000;
  const double extra_ms = static_cast<double>(base_ms) * 0.1 * std::clamp(jitter, 0.0, 1.0);
  return std::chrono::milliseconds(base_ms + static_cast<std::int64_t>(extra_ms));
}

std::chrono::milliseconds outage_pause(int failures) {
  const int doublings = std::clamp(failures - 1, 0, 10);
  return std::min(std::chrono::milliseconds(500) * (1 << doublings), std::chrono::milliseconds(30'000));
}

} // namespace nexus::tasks
