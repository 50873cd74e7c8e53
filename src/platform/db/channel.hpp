// A PGconn and its socket on a loop: how it is opened, waited on and closed. What is said over it is for
// those that derive from it: connection (pipeline) and script_connection (simple protocol).
#pragma once

#include "platform/async/awaitable.hpp"
#include "platform/db/database.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

struct pg_conn;

namespace nexus::db {

using steady = std::chrono::steady_clock;

struct close_result {
  void operator()(pg_result* r) const;
};
using result_ptr = std::unique_ptr<pg_result, close_result>;

// How a connection is opened.
struct dial {
  std::string dsn;
  std::string application_name;
  std::string server_options; // "-c name=value …", as libpq's "options"
  std::chrono::milliseconds connect_timeout{};
};

dial dial_of(const options& o); // for statements
// For migrations: no statement_timeout, because a large table may need long.
dial dial_for_scripts(const options& o);

// The error of a failed result.
error error_of(const pg_result* failed, std::string_view statement);
// The server has ended the connection with this (FATAL, PANIC), or libpq made it up because the connection is
// gone.
bool ends_connection(const pg_result* failed);
std::string message_of(const pg_result* failed); // in one line

class channel : public std::enable_shared_from_this<channel> {
public:
  explicit channel(executor on) : on_(on), socket_(on) {}
  virtual ~channel();
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  [[nodiscard]] bool is_open() const { return established_ && pg_; }
  [[nodiscard]] const std::string& reason() const { return reason_; } // why it was closed

  // At once and for good; the first reason counts. Safe to call twice.
  void close(std::string reason);
  // Called every now and then: closes what has waited too long.
  void enforce_deadline(steady::time_point now);

protected:
  // Throws unavailable with libpq's reason. The connection is non-blocking then. Only the look-up of a host's
  // name holds the loop: libpq knows no other way.
  awaitable<> establish(dial how);
  awaitable<> wait_readable();
  awaitable<> wait_writable();

  [[nodiscard]] virtual std::optional<steady::time_point> deadline() const = 0;
  virtual void on_close() {}
  [[nodiscard]] std::string last_message() const; // libpq's, in one line

  executor on_;
  // A duplicate, so that libpq may close its own without Asio's knowledge.
  boost::asio::posix::basic_stream_descriptor<executor> socket_;
  pg_conn* pg_ = nullptr;

private:
  awaitable<> wait_as_libpq_says();
  void watch_socket();

  bool closed_ = false;
  bool established_ = false;
  std::optional<steady::time_point> connect_deadline_;
  std::string reason_;
};

} // namespace nexus::db
