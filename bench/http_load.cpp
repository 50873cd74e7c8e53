#include "http_load.hpp"

#include <arpa/inet.h>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/tcp.h>
#include <string_view>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace nexus::bench {

namespace {

using steady = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

// An answer as far as it has come; whole where length is known and is there.
struct answer_head {
  bool is_complete = false, is_broken = false, closes = false;
  int status = 0;
  std::size_t length = 0; // head and body
};

bool starts_with_name(std::string_view line, std::string_view name) {
  return line.size() > name.size() && ::strncasecmp(line.data(), name.data(), name.size()) == 0;
}

answer_head read_head(std::string_view text) {
  answer_head out;
  const auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return out;
  std::string_view head = text.substr(0, end + 2);
  if (head.size() < 12 || !head.starts_with("HTTP/1.1 "))
    return {.is_broken = true};
  std::from_chars(head.data() + 9, head.data() + 12, out.status);
  std::size_t body = 0;
  bool has_length = out.status == 204 || out.status == 304;
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    if (starts_with_name(line, "content-length: ")) {
      std::from_chars(line.data() + 16, line.data() + line.size(), body);
      has_length = true;
    } else if (starts_with_name(line, "connection: close")) {
      out.closes = true;
    }
  }
  out.is_broken = !has_length; // this server always says it
  out.length = end + 4 + body;
  out.is_complete = text.size() >= out.length;
  return out;
}

class load {
public:
  explicit load(const load_options& o) : options_(o), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (poll_ < 0)
      fail("epoll");
    connections_.resize(static_cast<std::size_t>(o.connections));
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].to = &o.targets[i % o.targets.size()];
      open(connections_[i]);
    }
  }
  ~load() {
    for (const connection& c : connections_)
      if (c.fd >= 0)
        ::close(c.fd);
    ::close(poll_);
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  load_result run() {
    begun_ = last_answer_ = steady::now();
    until_ = begun_ + options_.duration;
    for (connection& c : connections_)
      send_next(c);
    // What is under way at the end is waited for, a while.
    while (under_way_ > 0 && steady::now() < until_ + std::chrono::seconds(10))
      wait();
    result_.broken += under_way_;
    result_.seconds = std::chrono::duration<double>(last_answer_ - begun_).count();
    return std::move(result_);
  }

private:
  struct connection {
    const load_target* to = nullptr;
    int fd = -1;
    bool is_busy = false;
    std::string_view unsent;
    std::string received;
    steady::time_point sent_at;
  };

  void open(connection& c) {
    c.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(c.to->port);
    if (c.fd < 0 || ::inet_pton(AF_INET, c.to->address.c_str(), &to.sin_addr) != 1 ||
        ::connect(c.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      fail("connect");
    const int on = 1;
    ::setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event e{.events = EPOLLIN, .data = {.ptr = &c}};
    if (::epoll_ctl(poll_, EPOLL_CTL_ADD, c.fd, &e) != 0)
      fail("epoll_ctl");
    c.received.clear();
  }

  void send_next(connection& c) {
    if (steady::now() >= until_ || (options_.once && next_ == options_.requests.size()))
      return;
    c.unsent = options_.requests[next_++ % options_.requests.size()];
    c.is_busy = true;
    ++under_way_;
    c.sent_at = steady::now();
    while (!c.unsent.empty()) { // a request is far smaller than the socket's buffer
      const auto sent = ::send(c.fd, c.unsent.data(), c.unsent.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR)
        continue;
      if (sent < 0)
        return end_broken(c);
      c.unsent.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void end_broken(connection& c) {
    if (c.is_busy) {
      ++result_.broken;
      --under_way_;
    }
    reopen(c);
    send_next(c);
  }

  void reopen(connection& c) {
    ::close(c.fd);
    c.is_busy = false;
    open(c);
  }

  void wait() {
    epoll_event events[64];
    const int ready = ::epoll_wait(poll_, events, std::size(events), 100);
    for (int i = 0; i < ready; ++i)
      receive(*static_cast<connection*>(events[i].data.ptr));
  }

  void receive(connection& c) {
    char block[64 * 1024];
    const auto got = ::recv(c.fd, block, sizeof block, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (got <= 0)
      return end_broken(c);
    c.received.append(block, static_cast<std::size_t>(got));
    const answer_head head = read_head(c.received);
    if (head.is_broken || !c.is_busy)
      return end_broken(c);
    if (head.is_complete)
      finish(c, head);
  }

  void finish(connection& c, const answer_head& head) {
    last_answer_ = steady::now();
    const bool is_conflict = options_.conflicts && head.status == 409;
    if (is_conflict || (head.status >= 200 && head.status < 300)) {
      ++(is_conflict ? result_.conflicts : result_.answered);
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(last_answer_ - c.sent_at);
      result_.latency.add(static_cast<std::uint64_t>(took.count()));
    } else if (++result_.refused == 1) {
      result_.first_refusal = c.received.substr(0, 600);
    }
    c.is_busy = false;
    --under_way_;
    c.received.clear();
    if (head.closes)
      reopen(c);
    send_next(c);
  }

  const load_options& options_;
  int poll_;
  std::vector<connection> connections_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  steady::time_point begun_, until_, last_answer_;
  load_result result_;
};

} // namespace

void histogram::add(std::uint64_t microseconds) {
  // Values below 2^sub_bits have a bucket each; above, each power of two has 2^sub_bits.
  const unsigned width = static_cast<unsigned>(std::bit_width(microseconds | 1));
  const unsigned shift = width > sub_bits ? width - sub_bits - 1 : 0;
  ++buckets_[(static_cast<std::size_t>(shift) << sub_bits) + (microseconds >> shift)];
  ++count_;
}

std::uint64_t histogram::at(double share) const {
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen > wanted || (seen == count_ && seen > 0)) {
      const std::size_t shift = i < (2U << sub_bits) ? 0 : (i >> sub_bits) - 1;
      return (i - (shift << sub_bits)) << shift;
    }
  }
  return 0;
}

load_result run_load(const load_options& o) { return load(o).run(); }

} // namespace nexus::bench
