#include "platform/http/connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace nexus::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using progress = request_parser::progress;

constexpr asio::use_awaitable_t<executor> awaited{};

// A body up to this size is copied behind its head and goes in one piece; a larger one goes from where it is.
constexpr std::size_t copied_body = 16 * 1024;

// After the last response the client is listened to a little longer: closing while it still sends would reset
// the connection, and the reset may reach it before the response does (RFC 9112, 9.6).
constexpr std::chrono::milliseconds linger_after_response{2'000};
constexpr std::chrono::milliseconds linger_after_refusal{10'000};
constexpr std::chrono::milliseconds linger_silence{2'000};
constexpr std::size_t linger_bytes = 16 * 1024 * 1024;

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

awaitable<> connection::run(std::unique_ptr<connection> self) {
  try {
    if (self->purpose_ == purpose::serve)
      co_await self->serve();
    else
      co_await self->refuse(&errors::service_unavailable);
  } catch (const std::exception&) {
    // Out of memory, or a refusal that cannot be built: this connection ends, the others go on.
  }
}

connection::connection(std::shared_ptr<connection_group> group, tcp_socket socket, std::string peer,
                       purpose why)
    : group_(std::move(group)), socket_(std::move(socket)),
      parser_(group_->options.limits.header_bytes, group_->options.limits.body_bytes, std::move(peer)),
      purpose_(why) {
  group_->connections.push_back(*this);
  ++(why == purpose::serve ? group_->served : group_->refused);
  if (group_->options.count_connections)
    group_->options.count_connections(1);
}

connection::~connection() {
  unlink();
  --(purpose_ == purpose::serve ? group_->served : group_->refused);
  if (group_->options.count_connections)
    group_->options.count_connections(-1);
  if (group_->emptied && group_->connections.empty())
    group_->emptied->cancel();
}

void connection::wake() {
  error_code ignored;
  socket_.cancel(ignored);
}

void connection::abort() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

awaitable<> connection::serve() {
  for (bool first = true; socket_.is_open(); first = false) {
    if (!parser_.has_input() && !co_await await_request(first))
      co_return;
    deadline_ = steady::now() + group_->options.limits.header_timeout;
    if (const auto so_far = parser_.parse(); so_far != progress::complete) {
      const error_kind* fault = co_await read_request(so_far);
      if (!socket_.is_open())
        co_return;
      if (fault) {
        co_await refuse(fault);
        co_return;
      }
    }
    deadline_ = steady::time_point::max();
    std::optional<response> out;
    try {
      out.emplace(co_await group_->options.handle(parser_.message()));
    } catch (const std::exception&) {
      // Handlers have a catch-all of their own; this is for the failure of that.
    }
    if (!out)
      out.emplace(group_->options.refuse(errors::internal_error));
    if (out->status == 0) {
      abort();
      co_return;
    }
    const response_writer::form form{.keep_alive = parser_.keep_alive() && !group_->draining,
                                     .head = parser_.message().method == method::head};
    const sent result = write(*out, form);
    if (result == sent::failed || (result == sent::part && !co_await write_rest())) {
      abort();
      co_return;
    }
    if (!form.keep_alive) {
      co_await linger(linger_after_response);
      co_return;
    }
    parser_.next();
  }
}

// For the first byte of a request. A connection that has never said anything is given no longer than a
// header.
awaitable<bool> connection::await_request(bool first) {
  const auto& limits = group_->options.limits;
  deadline_ =
      steady::now() + (first ? std::min(limits.header_timeout, limits.idle_timeout) : limits.idle_timeout);
  idle_ = true;
  arrival what = group_->draining ? arrival::overdue : co_await read();
  if (what == arrival::overdue) // the last look: a request that has just come must not be lost
    what = read_now();
  idle_ = false;
  co_return what == arrival::data;
}

// The rest of a request: nullptr where it is complete or (the socket is closed then) nobody is left to be
// told.
awaitable<const error_kind*> connection::read_request(progress so_far) {
  for (bool in_header = true; so_far != progress::complete;) {
    if (so_far == progress::refused)
      co_return &parser_.refusal();
    if (in_header && so_far == progress::body_incomplete) {
      in_header = false;
      if (parser_.awaits_continue()) {
        rest_ = {asio::buffer(go_on), {}};
        const sent result = write_now();
        if (result == sent::failed || (result == sent::part && !co_await write_rest())) {
          abort();
          co_return nullptr;
        }
      }
      deadline_ = steady::now() + group_->options.limits.body_timeout;
    }
    switch (co_await read()) {
    case arrival::data:
      so_far = parser_.parse();
      break;
    case arrival::overdue:
      co_return &errors::request_timeout;
    case arrival::ended: // it may have closed only its own direction
      co_return &errors::malformed_request;
    case arrival::gone:
      abort();
      co_return nullptr;
    }
  }
  co_return nullptr;
}

awaitable<> connection::refuse(const error_kind* kind) {
  const response out = group_->options.refuse(*kind);
  const sent result = write(out, {.keep_alive = false, .head = parser_.message().method == method::head});
  if (result == sent::failed || (result == sent::part && !co_await write_rest()))
    abort();
  else
    co_await linger(linger_after_refusal);
}

// Nothing more comes from us; what comes from the client is thrown away until it closes too, in bounds.
awaitable<> connection::linger(std::chrono::milliseconds at_most) {
  error_code ec;
  socket_.shutdown(asio::socket_base::shutdown_send, ec);
  const auto last = steady::now() + at_most;
  std::size_t taken = 0;
  while (!ec && taken < linger_bytes) {
    parser_.discard();
    deadline_ = std::min(last, steady::now() + linger_silence);
    taken += co_await socket_.async_read_some(asio::buffer(parser_.room().data(), parser_.room().size()),
                                              asio::redirect_error(awaited, ec));
  }
}

awaitable<connection::arrival> connection::read() {
  error_code ec;
  const auto room = parser_.room();
  const std::size_t n = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                                         asio::redirect_error(awaited, ec));
  parser_.commit(n);
  if (!ec)
    co_return arrival::data;
  if (ec == asio::error::eof)
    co_return arrival::ended;
  const bool woken = ec == asio::error::operation_aborted && socket_.is_open();
  co_return woken ? arrival::overdue : arrival::gone;
}

connection::arrival connection::read_now() {
  error_code ec;
  const auto room = parser_.room();
  parser_.commit(socket_.read_some(asio::buffer(room.data(), room.size()), ec));
  return ec ? arrival::gone : arrival::data;
}

connection::sent connection::write(const response& r, response_writer::form f) {
  std::string& scratch = group_->scratch;
  scratch.clear();
  group_->writer.append_head(scratch, r, f);
  std::string_view body = response_writer::body_of(r, f);
  if (body.size() <= copied_body) {
    scratch += body;
    body = {};
  }
  rest_ = {asio::buffer(scratch), asio::buffer(body)};
  const sent result = write_now();
  if (result == sent::part) { // the next response needs the scratch
    const std::size_t gone = scratch.size() - rest_[0].size();
    held_ = std::exchange(scratch, {});
    rest_[0] = asio::buffer(held_) + gone;
  }
  return result;
}

connection::sent connection::write_now() {
  for (;;) {
    error_code ec;
    std::size_t n = rest_[1].size() == 0 ? socket_.write_some(rest_[0], ec) : socket_.write_some(rest_, ec);
    if (ec == asio::error::would_block)
      return sent::part;
    if (ec)
      return sent::failed;
    for (auto& piece : rest_) {
      const std::size_t taken = std::min(n, piece.size());
      piece += taken;
      n -= taken;
    }
    if (rest_[0].size() + rest_[1].size() == 0)
      return sent::all;
  }
}

// The limit is on standing still: a slow client may take as long as it keeps reading.
awaitable<bool> connection::write_rest() {
  sent result = sent::part;
  while (result == sent::part) {
    error_code ec;
    deadline_ = steady::now() + group_->options.limits.write_timeout;
    co_await socket_.async_wait(asio::socket_base::wait_write, asio::redirect_error(awaited, ec));
    result = ec ? sent::failed : write_now();
  }
  held_ = {};
  co_return result == sent::all;
}

} // namespace nexus::http
