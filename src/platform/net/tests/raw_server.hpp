// A server on 127.0.0.1 that says exactly what a test has it say: a thread a connection, blocking sockets.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace nexus::net::testing {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A listening socket on a free port.
inline std::pair<int, std::uint16_t> listen_on_free_port(int backlog) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, backlog) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("cannot listen");
  return {fd, ntohs(address.sin_port)};
}

class connection {
public:
  explicit connection(int fd) : fd_(fd) {}

  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  // Up to and with the mark; nullopt where the client closed before.
  std::optional<std::string> read_to(std::string_view mark) {
    for (;;) {
      if (const auto at = buffer_.find(mark); at != std::string::npos) {
        std::string out = buffer_.substr(0, at + mark.size());
        buffer_.erase(0, out.size());
        return out;
      }
      if (!read_some())
        return std::nullopt;
    }
  }

  std::optional<std::string> read_exactly(std::size_t size) {
    while (buffer_.size() < size)
      if (!read_some())
        return std::nullopt;
    std::string out = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }

  void wait_for_close() {
    while (read_some()) {
    }
  }

private:
  bool read_some() {
    char chunk[16 * 1024];
    const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
    if (n <= 0)
      return false;
    buffer_.append(chunk, static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  std::string buffer_;
};

class raw_server {
public:
  // Runs once for each connection, which is closed when it returns.
  explicit raw_server(std::function<void(connection&)> serve) : serve_(std::move(serve)) {
    std::tie(listening_, port_) = listen_on_free_port(512);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~raw_server() {
    ::shutdown(listening_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_)
        ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& t : threads_)
      t.join();
    ::close(listening_);
  }

  raw_server(const raw_server&) = delete;
  raw_server& operator=(const raw_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  [[nodiscard]] int connections() const { return connections_; }

private:
  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0)
        return;
      ++connections_;
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] {
        connection c(fd);
        serve_(c);
        const std::lock_guard again(mutex_);
        open_.remove(fd);
        ::close(fd);
      });
    }
  }

  std::function<void(connection&)> serve_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::list<int> open_;
  std::vector<std::thread> threads_; // the acceptor's
  std::thread acceptor_;
};

} // namespace nexus::net::testing
