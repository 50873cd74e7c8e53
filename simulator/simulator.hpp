// A Chapa v1 to develop and test against: its API under /v1, its hosted payment page, its callback and
// webhooks. It goes wrong in every way in which Chapa may where it is told to: by options::faults, by
// its control API under /_control, or by a request's X-Chapa-Simulate header.
//
// What it answers follows Chapa's documentation and what was seen on Chapa's wire in test mode
// (docs/chapa.md). Where the two disagree it does as was seen, or as documented where options say so. Nothing
// is ever paid: mode is "test".
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace nexus::chapa {

class simulator {
public:
  struct options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;       // 0: a free one
    std::string secret_key;       // "CHASECK_TEST-…": what callers must present as their bearer token
    std::string webhook_secret;   // signs the webhooks
    std::string webhook_url = {}; // where they are posted; empty: nowhere
    std::string public_url = {};  // what checkout_url begins with; empty: http://<address>:<port>

    // One JSON object a line for each change, appended; read again at the start. Empty: in memory alone.
    std::filesystem::path journal = {};

    // The answers of Chapa's documentation where those seen differ: 404 for what is unpaid or unknown at
    // verify, the larger limit of an amount, "failed/cancelled" for both.
    bool simulate_documented_errors = false;

    std::chrono::milliseconds session_length{std::chrono::minutes(60)};
    std::chrono::milliseconds refund_step{2'000}; // from initiated to processing, and from there to refunded
    std::chrono::milliseconds webhook_retry_delay{10'000}; // Chapa's own is 10 minutes
    int webhook_retries = 10;

    std::vector<std::string> faults = {}; // from the start: "webhook:drop" (simulator/faults.hpp)
    std::uint64_t seed = 0;               // of chance

    const nexus::clock* clock = nullptr; // null: the system's. Retries and refund steps wait on the real one
  };

  // Listens and serves on a thread of its own. Throws std::system_error where the address is taken and
  // std::runtime_error where the journal cannot be read or written, and where a fault is none.
  explicit simulator(options o);
  // Ends deliveries under way; what was not yet delivered is not kept.
  ~simulator();
  simulator(const simulator&) = delete;
  simulator& operator=(const simulator&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // "http://127.0.0.1:4000/v1": a client's base URL
  [[nodiscard]] std::string base_url() const;

  // Where its transactions are shown: "http://127.0.0.1:4000"
  [[nodiscard]] std::string url() const;

  // Thread-safe. For who knows its own address only later.
  void set_webhook_url(std::string url);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace nexus::chapa
