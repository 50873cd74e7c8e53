// A blocking HTTP/1.1 client that can also misbehave: raw bytes, half requests, silence.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexus::blackbox {

namespace json = boost::json;

using headers = std::vector<std::pair<std::string, std::string>>;

// The connection ended, or nothing came in time, before a whole answer was there.
struct connection_lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct reply {
  int status = 0;
  blackbox::headers headers;
  std::string body;

  [[nodiscard]] std::optional<std::string>
  header(std::string_view name) const;    // the first, by name in any case
  [[nodiscard]] json::value json() const; // throws, with the body, where it is none
};

// "/errors/0/code" of an answer; throws std::runtime_error that shows the body where it is not there.
std::string text_at(const reply& r, std::string_view pointer);
std::int64_t number_at(const reply& r, std::string_view pointer);
json::value value_at(const reply& r, std::string_view pointer);
std::string text_at(const json::value& v, std::string_view pointer);
std::int64_t number_at(const json::value& v, std::string_view pointer);

// An RFC 9457 problem, whole: media type, type, title, status, detail, instance, code; nothing of the inside
// shows.
::testing::AssertionResult is_problem(const reply& r, int status, std::string_view code);
::testing::AssertionResult has_status(const reply& r, int status);
// The problem's errors have one at this pointer with this code.
::testing::AssertionResult has_fault(const reply& r, std::string_view pointer, std::string_view code);

// One TCP connection to 127.0.0.1.
class connection {
public:
  explicit connection(std::uint16_t port); // throws connection_lost where nobody listens
  ~connection();
  connection(connection&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  connection& operator=(connection&&) = delete;

  bool send(std::string_view bytes); // false where the other end took no more
  void shut_down_sending();
  // The next answer on the connection.
  reply read_reply(bool to_head = false, std::chrono::milliseconds at_most = std::chrono::seconds{60});
  // Some of an answer is there, or the other end has closed; without waiting.
  [[nodiscard]] bool has_answer() const;
  // True where the other end closes without a further byte.
  bool is_closed_by_peer(std::chrono::milliseconds at_most);

private:
  bool read_some(std::chrono::steady_clock::time_point until);
  void read_until(std::string_view mark, std::chrono::steady_clock::time_point until);
  void read_exactly(std::size_t size, std::chrono::steady_clock::time_point until);

  int fd_ = -1;
  std::string buffer_;
};

// "POST /x/ HTTP/1.1 …" with Host and, where there is a body, Content-Length.
std::string request_text(std::string_view method, std::string_view target, const headers& with,
                         std::string_view body);

// Keep-alive, one request at a time; connects anew where the server has closed in between.
class client {
public:
  explicit client(std::uint16_t port, std::string token = {}) : port_(port), token_(std::move(token)) {}

  // target: "cart/" is below /api/v1/, "/healthz" is itself, "http://…" must be this server's.
  reply call(std::string_view method, std::string_view target, const headers& with = {},
             std::string_view body = {});
  reply get(std::string_view target, const headers& with = {}) { return call("GET", target, with); }
  reply del(std::string_view target, const headers& with = {}) { return call("DELETE", target, with); }
  reply post(std::string_view target, const json::value& body, const headers& with = {}) {
    return send_json("POST", target, body, with);
  }
  reply patch(std::string_view target, const json::value& body, const headers& with = {}) {
    return send_json("PATCH", target, body, with);
  }
  reply post(std::string_view target) { return call("POST", target); }

  [[nodiscard]] const std::string& token() const { return token_; }

private:
  reply send_json(std::string_view method, std::string_view target, const json::value& body, headers with);

  std::uint16_t port_;
  std::string token_;
  std::optional<connection> connection_;
};

// Of "http://127.0.0.1:8001/checkout/…"; throws where it is not on this machine.
struct local_address {
  std::uint16_t port = 0;
  std::string target;
};
local_address parse_local(std::string_view url);

} // namespace nexus::blackbox
