// Calls to other services: libcurl's multi interface on a thread of its own, many calls at once, off the
// loops.
#pragma once

#include "platform/async/awaitable.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nexus::net {

struct http_request {
  std::string method = "GET";
  std::string url; // http or https; certificates are verified, redirects are not followed
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{15'000}; // of the whole
  std::size_t max_answer_bytes = 1024 * 1024;
};

// What came of it. A timeout after the request went out leaves its outcome unknown to us.
struct http_answer {
  enum class outcome {
    answered, // status and body are the server's
    not_sent, // no connection was made: nothing can have happened there
    unknown,  // the request may have arrived: timeout, connection lost, answer too large or broken
  };
  outcome result = outcome::not_sent;
  int status = 0;
  std::string body = {};
  std::string failure = {}; // for the log: never holds a header
};

struct mail_envelope {
  std::string from; // bare addresses
  std::string to;
  std::string message; // RFC 5322, CRLF
};

struct mail_answer {
  enum class outcome {
    accepted,
    refused,  // 5xx: for good
    deferred, // 4xx, or no connection
    unknown,  // lost after DATA: it may have been accepted
  };
  outcome result = outcome::deferred;
  std::string reply = {}; // the server's last line, or why not
};

// Thread-safe. One object for the program. The loops that wait for its answers outlive it.
class client {
public:
  client();
  ~client(); // ends what is under way
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  // Resume on the awaiting loop.
  awaitable<http_answer> call(http_request request);
  // smtp_url: smtp://[user:password@]host:port or smtps://…; STARTTLS is used where offered.
  awaitable<mail_answer> send_mail(std::string smtp_url, mail_envelope mail,
                                   std::chrono::milliseconds timeout);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace nexus::net
