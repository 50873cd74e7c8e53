// A client that sends exactly the bytes it is given, and a server on a free port with its loop in a thread.
#pragma once

#include "platform/async/one_shot.hpp"
#include "platform/async/run.hpp"
#include "platform/http/server.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <condition_variable>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace nexus::http {

using namespace std::chrono_literals;

struct answer {
  int status = 0;
  std::string head; // as it came, with its blank line
  std::string body;

  [[nodiscard]] std::string header(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos)
      return {};
    const auto begin = at + 2 + name.size() + 2;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class raw_client {
public:
  // Nothing here waits longer than this for the server.
  static constexpr int patience_ms = 20'000;

  explicit raw_client(std::uint16_t port, int receive_buffer = 0) {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0)
      ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~raw_client() { close(); }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  // False where the server has closed already.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  void close() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
    descriptor_ = -1;
  }
  void close_own_direction() { ::shutdown(descriptor_, SHUT_WR); }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  // The next response; nullopt where the connection ends before it is whole.
  std::optional<answer> receive(bool head_only = false) {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!fill())
        return std::nullopt;
    answer out;
    out.head = buffer_.substr(0, end + 4);
    out.status = std::stoi(out.head.substr(9, 3));
    buffer_.erase(0, end + 4);
    const std::string length = out.header("Content-Length");
    const std::size_t size = head_only || length.empty() ? 0 : std::stoul(length);
    while (buffer_.size() < size)
      if (!fill())
        return std::nullopt;
    out.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }

  // The server closes, in order (no reset), and says nothing more before.
  bool closed_cleanly() {
    while (fill())
      ;
    return ended_ && buffer_.empty();
  }
  // It closes, in whatever way.
  bool closed() {
    while (fill())
      ;
    return !timed_out_;
  }

  bool readable_within(std::chrono::milliseconds time) const {
    pollfd poll{.fd = descriptor_, .events = POLLIN, .revents = 0};
    return ::poll(&poll, 1, static_cast<int>(time.count())) > 0;
  }

private:
  bool fill() {
    if (!readable_within(std::chrono::milliseconds(patience_ms))) {
      timed_out_ = true;
      return false;
    }
    std::array<char, 16 * 1024> bytes;
    const auto n = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (n > 0)
      buffer_.append(bytes.data(), static_cast<std::size_t>(n));
    ended_ = n == 0;
    return n > 0;
  }

  int descriptor_ = -1;
  bool connected_ = false;
  bool ended_ = false;
  bool timed_out_ = false;
  std::string buffer_;
};

// "GET /a?b=c\nbody" back.
inline awaitable<response> echo(const request& r) {
  co_return response{.content_type = "text/plain",
                     .body = fmt::format("{} {}\n{}", r.method_name, r.target, r.body)};
}

class running_server {
public:
  explicit running_server(handler handle = echo, limits l = {}) {
    listener::options options{.limits = l, .handle = std::move(handle)};
    options.refuse = [](const error_kind& kind) {
      return response{.status = kind.status, .content_type = "text/plain", .body = std::string(kind.code)};
    };
    options.count_connections = [this](int delta) {
      const std::lock_guard lock(guard_);
      connections_ += delta;
      changed_.notify_all();
    };
    listener_.emplace(loop_.get_executor(), "127.0.0.1", 0, std::move(options));
    listener_->start();
    thread_ = std::thread([this] { loop_.run(); });
  }

  // Ends in the middle of whatever is under way, and finds nothing left on the loop: run() returns by itself.
  ~running_server() {
    destroy_listener();
    work_.reset();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
  executor on() { return loop_.get_executor(); }

  bool wait_for_connections(int count) {
    std::unique_lock lock(guard_);
    return changed_.wait_for(lock, std::chrono::milliseconds(raw_client::patience_ms),
                             [&] { return connections_ == count; });
  }

  // Set once drain() has returned.
  std::future<void> drain(std::chrono::milliseconds at_most) {
    auto done = std::make_shared<std::promise<void>>();
    spawn(loop_.get_executor(),
          [](listener* l, std::chrono::milliseconds time,
             std::shared_ptr<std::promise<void>> told) -> awaitable<> {
            co_await l->drain(time);
            told->set_value();
          }(&*listener_, at_most, done));
    return done->get_future();
  }

  // On the loop, waited for.
  void on_loop(std::function<void()> work) {
    std::packaged_task<void()> task(std::move(work));
    auto done = task.get_future();
    boost::asio::post(loop_, std::move(task));
    done.wait();
  }
  void destroy_listener() {
    on_loop([this] { listener_.reset(); });
  }

private:
  std::mutex guard_;
  std::condition_variable changed_;
  int connections_ = 0;
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<executor> work_{loop_.get_executor()};
  std::optional<listener> listener_;
  std::thread thread_;
};

// A handler that waits until the test lets it go on; the test can wait until it has been called.
class gate {
public:
  handler handle() {
    return [this](const request& r) -> awaitable<response> { return wait(r); };
  }
  void wait_until_entered(int times = 1) {
    for (int seen = entered_.load(); seen < times; seen = entered_.load())
      entered_.wait(seen);
  }
  void open() {
    const std::lock_guard lock(guard_);
    for (auto& each : waiting_)
      boost::asio::post(each.first, [event = each.second] { event.set(0); });
    waiting_.clear();
  }

private:
  awaitable<response> wait(const request& r) {
    const executor loop = co_await boost::asio::this_coro::executor;
    one_shot<int> event(loop);
    {
      const std::lock_guard lock(guard_);
      waiting_.emplace_back(loop, event);
    }
    ++entered_;
    entered_.notify_all();
    co_await event.wait();
    co_return co_await echo(r);
  }

  std::mutex guard_;
  std::vector<std::pair<executor, one_shot<int>>> waiting_;
  std::atomic<int> entered_ = 0;
};

} // namespace nexus::http
