#include "platform/http/server.hpp"

#include "platform/async/run.hpp"
#include "platform/http/connection.hpp"

#include <arpa/inet.h>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace nexus::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using acceptor = asio::basic_socket_acceptor<tcp, executor>;
using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr asio::use_awaitable_t<executor> awaited{};
constexpr int accepted_at_once = 64;                     // then the connections have their turn
constexpr std::chrono::milliseconds accept_pause{100};   // where there is no descriptor left, or no memory
constexpr std::chrono::milliseconds longest_period{250}; // between two looks at the deadlines
constexpr std::size_t refused_at_once = 128;             // beyond, a client over the limit gets no answer

tcp::endpoint endpoint_of(const std::string& address, std::uint16_t port) {
  error_code ec;
  const auto ip = asio::ip::make_address(address, ec);
  if (ec)
    throw std::system_error(ec, "not an IP address: " + address);
  return {ip, port};
}

void throw_if(const error_code& ec, const tcp::endpoint& where) {
  if (ec)
    throw std::system_error(ec, "cannot listen on " + where.address().to_string() + " port " +
                                    std::to_string(where.port()));
}

// A program started by this one must not inherit the port: it would hold it after our end.
void close_on_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

// Without the port; an IPv4 client of an IPv6 socket is written as what it is.
std::string to_text(const sockaddr_storage& from) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
      ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
    else
      ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  return text.data();
}

// A fault of the one connection, already gone (accept(2) hands on its network errors): the next may be well.
bool concerns_one_client(int error) {
  switch (error) {
  case EINTR:
  case ECONNABORTED:
  case EPROTO:
  case EPERM:
  case ENETDOWN:
  case ENOPROTOOPT:
  case EHOSTDOWN:
  case ENONET:
  case EHOSTUNREACH:
  case EOPNOTSUPP:
  case ENETUNREACH:
    return true;
  default:
    return false;
  }
}

} // namespace

struct listener::impl {
  impl(executor on, const std::string& address, std::uint16_t wanted, options o)
      : group(std::make_shared<connection_group>(on, std::move(o))), door(on), accept_retry(on),
        watch_timer(on) {
    const auto where = endpoint_of(address, wanted);
    error_code ec;
    door.open(where.protocol(), ec);
    throw_if(ec, where);
    close_on_exec(door.native_handle());
    door.set_option(tcp::acceptor::reuse_address(true));
    door.set_option(reuse_port(true));
    door.non_blocking(true);
    door.bind(where, ec);
    throw_if(ec, where);
    door.listen(asio::socket_base::max_listen_connections, ec);
    throw_if(ec, where);
    port = door.local_endpoint().port();
  }

  // Fine enough for the shortest limit.
  std::chrono::milliseconds period() const {
    const auto& l = group->options.limits;
    const auto shortest = std::min({l.header_timeout, l.body_timeout, l.idle_timeout, l.write_timeout});
    return std::clamp(shortest / 4, std::chrono::milliseconds(5), longest_period);
  }

  static awaitable<> accept(std::shared_ptr<impl> self);
  static awaitable<> watch(std::shared_ptr<impl> self);
  static awaitable<> drain(std::shared_ptr<impl> self, std::chrono::milliseconds at_most);

  enum class accepted {
    all,
    some,
    none
  }; // of the clients that waited; none: the process is at fault, not they
  accepted accept_waiting();
  void adopt(int descriptor, const sockaddr_storage& from);
  void stop();

  std::shared_ptr<connection_group> group;
  acceptor door;
  steady_timer accept_retry;
  steady_timer watch_timer;
  std::uint16_t port = 0;
  bool stopped = false;
};

// accept4 by hand: no descriptor without close-on-exec for a moment, and the client's address with it.
listener::impl::accepted listener::impl::accept_waiting() try {
  for (int i = 0; i < accepted_at_once; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int descriptor = ::accept4(door.native_handle(), reinterpret_cast<sockaddr*>(&from), &size,
                                     SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= 0)
      adopt(descriptor, from);
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      return accepted::all;
    else if (!concerns_one_client(errno))
      return accepted::none;
  }
  return accepted::some;
} catch (const std::bad_alloc&) {
  return accepted::none;
}

void listener::impl::adopt(int descriptor, const sockaddr_storage& from) {
  tcp_socket socket(group->loop);
  error_code ec;
  socket.assign(from.ss_family == AF_INET ? tcp::v4() : tcp::v6(), descriptor, ec);
  if (ec) {
    ::close(descriptor);
    return;
  }
  socket.non_blocking(true, ec);
  socket.set_option(tcp::no_delay(true), ec);
  auto purpose = connection::purpose::serve;
  if (group->served >= group->options.limits.connections) {
    if (group->refused >= refused_at_once)
      return;
    purpose = connection::purpose::refuse;
  }
  spawn(group->loop,
        connection::run(std::make_unique<connection>(group, std::move(socket), to_text(from), purpose)));
}

awaitable<> listener::impl::accept(std::shared_ptr<impl> self) {
  while (self->door.is_open()) {
    error_code ec;
    co_await self->door.async_wait(asio::socket_base::wait_read, asio::redirect_error(awaited, ec));
    if (!self->door.is_open())
      co_return;
    if (!ec && self->accept_waiting() != accepted::none)
      continue;
    self->accept_retry.expires_after(accept_pause);
    co_await self->accept_retry.async_wait(asio::redirect_error(awaited, ec));
  }
}

awaitable<> listener::impl::watch(std::shared_ptr<impl> self) {
  const auto period = self->period();
  while (!self->stopped && !(self->group->draining && self->group->connections.empty())) {
    error_code ec;
    self->watch_timer.expires_after(period);
    co_await self->watch_timer.async_wait(asio::redirect_error(awaited, ec));
    const auto now = steady::now();
    for (auto& each : self->group->connections)
      if (each.deadline() <= now)
        each.wake();
  }
}

awaitable<> listener::impl::drain(std::shared_ptr<impl> self, std::chrono::milliseconds at_most) {
  auto& group = *self->group;
  group.draining = true;
  if (self->door.is_open()) {
    while (self->accept_waiting() == accepted::some) // closing the door resets those that stand before it
      ;
    error_code ignored;
    self->door.close(ignored);
    self->accept_retry.cancel();
  }
  for (auto& each : group.connections)
    if (each.is_idle())
      each.wake();
  if (!group.connections.empty()) { // the last to go cuts the wait short
    error_code ignored;
    group.emptied.emplace(group.loop, at_most);
    co_await group.emptied->async_wait(asio::redirect_error(awaited, ignored));
  }
  for (auto& each : group.connections)
    each.abort();
}

// What its connections do from here on no longer concerns the owner: their handlers may end, their answers
// are lost.
void listener::impl::stop() {
  stopped = true;
  error_code ignored;
  door.close(ignored);
  accept_retry.cancel();
  watch_timer.cancel();
  if (group->emptied)
    group->emptied->cancel();
  auto& counted = group->options.count_connections;
  for (auto& each : group->connections) {
    each.abort();
    if (counted)
      counted(-1);
  }
  counted = nullptr;
}

listener::listener(executor on, const std::string& address, std::uint16_t port, options o)
    : impl_(std::make_shared<impl>(on, address, port, std::move(o))) {}

listener::~listener() { impl_->stop(); }

std::uint16_t listener::port() const { return impl_->port; }

void listener::start() {
  spawn(impl_->group->loop, impl::accept(impl_));
  spawn(impl_->group->loop, impl::watch(impl_));
}

awaitable<> listener::drain(std::chrono::milliseconds at_most) { return impl::drain(impl_, at_most); }

void check_free(const std::string& address, std::uint16_t port) {
  if (port == 0)
    return;
  const auto where = endpoint_of(address, port);
  asio::io_context unused;
  acceptor probe(unused.get_executor());
  error_code ec;
  probe.open(where.protocol(), ec);
  throw_if(ec, where);
  close_on_exec(probe.native_handle());
  // Passes over what is left of closed connections (TIME_WAIT), but not over a socket that listens.
  probe.set_option(tcp::acceptor::reuse_address(true));
  probe.bind(where, ec);
  throw_if(ec, where);
}

} // namespace nexus::http
