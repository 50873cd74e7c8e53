// Time comes from outside, so that a test can turn it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace nexus {

// UTC, in microseconds, as PostgreSQL's timestamptz.
using time_point = std::chrono::sys_time<std::chrono::microseconds>;

// Thread-safe.
class clock {
public:
  virtual ~clock() = default;
  [[nodiscard]] virtual time_point now() const = 0;
};

class system_clock final : public clock {
public:
  [[nodiscard]] time_point now() const override;
};

// RFC 3339 in UTC: "2026-11-22T15:57:00.123456Z", the fraction left out where it is zero.
std::string to_rfc3339(time_point at);
void append_rfc3339(std::string& out, time_point at);

// Any RFC 3339 offset; nullopt for anything else, for leap seconds (PostgreSQL has none), and where the time
// in UTC is outside the years 0001 to 9999. Digits beyond microseconds are cut off.
std::optional<time_point> parse_rfc3339(std::string_view text);

} // namespace nexus
