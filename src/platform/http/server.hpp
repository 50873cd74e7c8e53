// HTTP/1.1 on one loop: Beast parses, the answer is written by hand into one buffer.
//
// One listener a loop, with SO_REUSEPORT, so that the kernel spreads the connections. Keep-alive and
// pipelining; Expect: 100-continue; chunked bodies. What it refuses by itself, before any handler, it answers
// through options::refuse (400, 408, 413, 431, 503) and closes.
#pragma once

#include "core/problem.hpp"
#include "platform/async/awaitable.hpp"
#include "platform/http/message.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace nexus::http {

struct limits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  std::size_t connections = 8'000; // a listener; the next one is answered 503 and closed
  std::chrono::milliseconds header_timeout{
      10'000};                                    // from the first byte of a request to the end of its header
  std::chrono::milliseconds body_timeout{30'000}; // from then to the end of the body
  std::chrono::milliseconds idle_timeout{75'000}; // between requests
  std::chrono::milliseconds write_timeout{30'000}; // for a client that does not read
};

using handler = std::function<awaitable<response>(const request&)>;

class listener {
public:
  struct options {
    http::limits limits;
    // Must not throw. A status of 0 is no answer: the connection is torn down, as a broken network does.
    http::handler handle;
    std::function<response(const error_kind&)> refuse; // the answer to what never became a request
    std::function<void(int delta)> count_connections;  // may be empty; for a gauge
  };

  // Binds and listens; throws std::system_error (address in use, …). Port 0 takes a free one.
  // reuse_port = false makes sure that nobody else listens there: the first of a node's listeners does that
  // by check_free() below.
  listener(executor on, const std::string& address, std::uint16_t port, options o);
  ~listener();

  [[nodiscard]] std::uint16_t port() const;
  void start();

  // On the loop: takes no more connections, closes idle ones, lets requests under way end with "Connection:
  // close", and returns when none is left or the time is up (then closes them).
  awaitable<> drain(std::chrono::milliseconds at_most);

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

// Throws std::system_error(EADDRINUSE) where something listens there already: SO_REUSEPORT alone would share
// the port with a forgotten old server in silence.
void check_free(const std::string& address, std::uint16_t port);

} // namespace nexus::http
