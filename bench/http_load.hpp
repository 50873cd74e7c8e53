// A closed-loop HTTP/1.1 load on one thread: each connection sends a request, reads the answer to its end,
// and sends the next. No pipelining; keep-alive. So the rate is what the server gives, not what we ask for.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace nexus::bench {

// Latencies in microseconds, in buckets that are exact to 1/64 of their value.
class histogram {
public:
  void add(std::uint64_t microseconds);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // The value that the share of all (0 to 1) does not exceed; 0 where there is none.
  [[nodiscard]] std::uint64_t at(double share) const;

private:
  static constexpr unsigned sub_bits = 6;
  std::array<std::uint64_t, 64U << sub_bits> buckets_{};
  std::uint64_t count_ = 0;
};

struct load_target {
  std::string address;
  std::uint16_t port = 0;
};

struct load_options {
  std::vector<load_target> targets; // one or more: the connections take turns
  int connections = 64;
  std::chrono::milliseconds duration{5'000};
  bool once = false;      // each request once, ending early where none is left; else round and round
  bool conflicts = false; // a 409 is an answer
  std::vector<std::string> requests; // as they go over the wire
};

struct load_result {
  std::uint64_t answered = 0;  // 2xx
  std::uint64_t conflicts = 0; // 409, where that is an answer
  std::uint64_t refused = 0;   // any other status
  std::uint64_t broken = 0;    // no answer: the connection ended, or it made no sense
  double seconds = 0;          // from the first request to the last answer
  std::string first_refusal;   // its first bytes
  histogram latency;           // of what was answered
};

// Throws std::system_error where it cannot connect.
load_result run_load(const load_options& o);

} // namespace nexus::bench
