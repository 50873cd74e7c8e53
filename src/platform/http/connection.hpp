// One client's connection, as a coroutine on the listener's loop. Internal to this folder.
#pragma once

#include "platform/http/request_parser.hpp"
#include "platform/http/response_writer.hpp"
#include "platform/http/server.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>

namespace nexus::http {

using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;
using steady = std::chrono::steady_clock;
using steady_timer = boost::asio::basic_waitable_timer<steady, boost::asio::wait_traits<steady>, executor>;

class connection;
using connection_list =
    boost::intrusive::list<connection,
                           boost::intrusive::base_hook<boost::intrusive::list_base_hook<
                               boost::intrusive::link_mode<boost::intrusive::auto_unlink>>>,
                           boost::intrusive::constant_time_size<false>>;

// What a listener's connections share; it lives as long as the last of them.
struct connection_group {
  connection_group(executor on, listener::options o) : loop(on), options(std::move(o)) {}

  executor loop;
  listener::options options;
  connection_list connections;
  std::size_t served = 0;              // of these, those within the limit
  std::size_t refused = 0;             // and those that are told 503
  bool draining = false;               // no request after the one under way
  std::optional<steady_timer> emptied; // cancelled when the last connection has gone
  response_writer writer;
  std::string scratch; // where a response is put together; most leave it at once
};

class connection
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  enum class purpose { serve, refuse };

  // The socket is non-blocking.
  connection(std::shared_ptr<connection_group> group, tcp_socket socket, std::string peer, purpose why);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Until it has ended.
  static awaitable<> run(std::unique_ptr<connection> self);

  // When it has waited for its client too long; never while a handler runs, which has deadlines of its own.
  [[nodiscard]] steady::time_point deadline() const { return deadline_; }
  [[nodiscard]] bool is_idle() const { return idle_; }
  void wake();  // what it waits for has not come; it decides what that means
  void abort(); // closes with a reset, so that the kernel drops what was not read

private:
  enum class arrival { data, ended, overdue, gone };
  enum class sent { all, part, failed };

  awaitable<> serve();
  awaitable<bool> await_request(bool first);
  awaitable<const error_kind*> read_request(request_parser::progress so_far);
  awaitable<> refuse(const error_kind* kind);
  awaitable<> linger(std::chrono::milliseconds at_most);

  awaitable<arrival> read();
  arrival read_now();
  sent write(const response& r, response_writer::form f);
  sent write_now();
  awaitable<bool> write_rest();

  std::shared_ptr<connection_group> group_;
  tcp_socket socket_;
  request_parser parser_;
  const purpose purpose_;
  bool idle_ = false;
  steady::time_point deadline_ = steady::time_point::max();
  std::array<boost::asio::const_buffer, 2> rest_; // of a response: what has not been sent
  std::string held_;                              // what rest_ looks at where the client is slow
};

} // namespace nexus::http
