// A shop that Chapa tells: keeps callbacks and webhooks until a test asks for them.
#pragma once

#include "platform/net/tests/raw_server.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>

namespace nexus::chapa::testing {

// What the shop was told, in the order in which it came.
class shop {
public:
  struct told {
    std::string head, body;
    [[nodiscard]] std::string header(const std::string& name) const {
      const auto at = head.find("\r\n" + name + ": ");
      if (at == std::string::npos)
        return "";
      const auto from = at + name.size() + 4;
      return head.substr(from, head.find("\r\n", from) - from);
    }
  };

  // status: of the answer to the webhooks, by their number
  explicit shop(std::function<int(int)> status = [](int) { return 200; })
      : status_(std::move(status)), server_([this](net::testing::connection& c) { serve(c); }) {}

  [[nodiscard]] std::string url(std::string_view path) const { return server_.url(path); }

  // The next one that begins with that (method and path), at most 20 s from now.
  told wait_for(std::string_view begin) {
    std::unique_lock lock(mutex_);
    std::optional<told> found;
    const bool came = arrived_.wait_for(lock, std::chrono::seconds(20), [&] {
      const auto at = std::ranges::find_if(all_, [&](const told& t) { return t.head.starts_with(begin); });
      if (at == all_.end())
        return false;
      found = std::move(*at);
      all_.erase(at);
      return true;
    });
    if (!came)
      throw std::runtime_error("the shop was not told: " + std::string(begin));
    return *found;
  }

private:
  void serve(net::testing::connection& c) {
    while (auto head = c.read_to("\r\n\r\n")) {
      told t{.head = *head, .body = ""};
      if (const auto size = t.header("Content-Length"); !size.empty())
        t.body = c.read_exactly(std::stoul(size)).value_or("");
      const std::lock_guard lock(mutex_);
      const int status = head->starts_with("POST") ? status_(++webhooks_) : 200;
      all_.push_back(std::move(t));
      arrived_.notify_all();
      c.write("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n");
    }
  }

  std::function<int(int)> status_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<told> all_;
  int webhooks_ = 0;
  net::testing::raw_server server_; // last: its threads use the others
};

} // namespace nexus::chapa::testing
