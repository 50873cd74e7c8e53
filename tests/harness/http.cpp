#include "http.hpp"

#include <arpa/inet.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nexus::blackbox {

namespace {

using steady = std::chrono::steady_clock;

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

json::value find(const json::value& in, std::string_view pointer) {
  boost::system::error_code wrong;
  const json::value* found = in.find_pointer({pointer.data(), pointer.size()}, wrong);
  if (found == nullptr)
    throw std::runtime_error("no " + std::string(pointer) + " in " + json::serialize(in));
  return *found;
}

std::string describe(const reply& r) { return std::to_string(r.status) + " " + r.body.substr(0, 2'000); }

} // namespace

std::optional<std::string> reply::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same(key, name))
      return value;
  return std::nullopt;
}

json::value reply::json() const {
  boost::system::error_code wrong;
  json::value parsed = json::parse(body, wrong);
  if (wrong)
    throw std::runtime_error("not JSON: " + describe(*this));
  return parsed;
}

std::string text_at(const json::value& v, std::string_view pointer) {
  const json::value found = find(v, pointer);
  if (!found.is_string())
    throw std::runtime_error(std::string(pointer) + " is no text in " + json::serialize(v));
  return {found.get_string().data(), found.get_string().size()};
}

std::int64_t number_at(const json::value& v, std::string_view pointer) {
  const json::value found = find(v, pointer);
  if (!found.is_int64())
    throw std::runtime_error(std::string(pointer) + " is no integer in " + json::serialize(v));
  return found.get_int64();
}

std::string text_at(const reply& r, std::string_view pointer) { return text_at(r.json(), pointer); }
std::int64_t number_at(const reply& r, std::string_view pointer) { return number_at(r.json(), pointer); }
json::value value_at(const reply& r, std::string_view pointer) { return find(r.json(), pointer); }

::testing::AssertionResult has_status(const reply& r, int status) {
  if (r.status == status)
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "expected " << status << ", got " << describe(r);
}

::testing::AssertionResult is_problem(const reply& r, int status, std::string_view code) {
  const auto bad = [&](std::string_view what) {
    return ::testing::AssertionFailure()
           << "expected " << status << " " << code << ", " << what << ": " << describe(r);
  };
  if (r.status != status)
    return bad("got another status");
  if (r.header("Content-Type").value_or("") != "application/problem+json")
    return bad("the media type is " + r.header("Content-Type").value_or("missing"));
  try {
    const json::value p = r.json();
    for (const char* name : {"/type", "/title", "/detail", "/instance"})
      if (text_at(p, name).empty())
        return bad(std::string("empty ") + name);
    if (number_at(p, "/status") != status)
      return bad("the body's status differs");
    if (text_at(p, "/code") != code)
      return bad("got another code");
  } catch (const std::runtime_error& e) {
    return bad(e.what());
  }
  for (const char* inside :
       {"SELECT ", "INSERT ", "UPDATE ", "violates", "constraint", "std::", "boost", "/src/", "exception"})
    if (r.body.find(inside) != std::string::npos)
      return bad(std::string("shows the inside, ") + inside);
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult has_fault(const reply& r, std::string_view pointer, std::string_view code) {
  const json::value body = r.json();
  const json::value* list = body.is_object() ? body.get_object().if_contains("errors") : nullptr;
  if (list != nullptr && list->is_array())
    for (const json::value& e : list->get_array())
      if (text_at(e, "/pointer") == pointer && text_at(e, "/code") == code)
        return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "expected " << code << " at " << pointer << ", got " << describe(r);
}

connection::connection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
    throw connection_lost("cannot connect to port " + std::to_string(port));
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

connection::~connection() {
  if (fd_ >= 0)
    ::close(fd_);
}

bool connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool connection::has_answer() const {
  pollfd wait{fd_, POLLIN, 0};
  return !buffer_.empty() || ::poll(&wait, 1, 0) > 0;
}

void connection::shut_down_sending() { ::shutdown(fd_, SHUT_WR); }

bool connection::read_some(steady::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now()).count();
    pollfd wait{fd_, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready <= 0)
      throw connection_lost("no answer in time");
    char piece[16'384];
    const ssize_t n = ::recv(fd_, piece, sizeof piece, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    buffer_.append(piece, static_cast<std::size_t>(n));
    return true;
  }
}

void connection::read_until(std::string_view mark, steady::time_point until) {
  while (buffer_.find(mark) == std::string::npos)
    if (!read_some(until))
      throw connection_lost("closed within a header: " + buffer_.substr(0, 200));
}

void connection::read_exactly(std::size_t size, steady::time_point until) {
  while (buffer_.size() < size)
    if (!read_some(until))
      throw connection_lost("closed within a body");
}

reply connection::read_reply(bool to_head, std::chrono::milliseconds at_most) {
  const auto until = steady::now() + at_most;
  reply out;
  read_until("\r\n\r\n", until);
  std::string_view head(buffer_.data(), buffer_.find("\r\n\r\n") + 2);
  const std::size_t head_size = head.size() + 2;
  if (!head.starts_with("HTTP/1.1 ") || head.size() < 14)
    throw connection_lost("not HTTP/1.1: " + buffer_.substr(0, 200));
  std::from_chars(head.data() + 9, head.data() + 12, out.status);
  for (head.remove_prefix(head.find("\r\n") + 2); !head.empty(); head.remove_prefix(head.find("\r\n") + 2)) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const auto colon = line.find(':');
    const auto value =
        colon == std::string_view::npos ? std::string_view::npos : line.find_first_not_of(' ', colon + 1);
    out.headers.emplace_back(line.substr(0, colon),
                             value == std::string_view::npos ? std::string_view{} : line.substr(value));
  }
  buffer_.erase(0, head_size);
  if (out.status == 100)
    return read_reply(to_head, at_most);
  std::size_t length = 0;
  if (const auto said = out.header("Content-Length"))
    std::from_chars(said->data(), said->data() + said->size(), length);
  if (!to_head && out.status != 304 && out.status != 204) {
    read_exactly(length, until);
    out.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
  }
  return out;
}

bool connection::is_closed_by_peer(std::chrono::milliseconds at_most) {
  try {
    return buffer_.empty() && !read_some(steady::now() + at_most);
  } catch (const connection_lost&) {
    return false;
  }
}

std::string request_text(std::string_view method, std::string_view target, const headers& with,
                         std::string_view body) {
  std::string out(method);
  out.append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  for (const auto& [name, value] : with)
    out.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty() || method == "POST" || method == "PATCH" || method == "PUT")
    out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  return out.append("\r\n").append(body);
}

reply client::call(std::string_view method, std::string_view target, const headers& with,
                   std::string_view body) {
  std::string full(target);
  if (full.starts_with("http://"))
    full = parse_local(full).target;
  else if (!full.starts_with('/'))
    full.insert(0, "/api/v1/");
  blackbox::headers all = with;
  if (!token_.empty())
    all.emplace_back("Authorization", "Bearer " + token_);
  if (connection_ && connection_->is_closed_by_peer(std::chrono::milliseconds{0}))
    connection_.reset();
  if (!connection_)
    connection_.emplace(port_);
  try {
    connection_->send(
        request_text(method, full, all, body)); // a refusal may come before the end: read in any case
    reply out = connection_->read_reply(method == "HEAD");
    if (same(out.header("Connection").value_or(""), "close"))
      connection_.reset();
    return out;
  } catch (const connection_lost&) {
    connection_.reset();
    throw;
  }
}

reply client::send_json(std::string_view method, std::string_view target, const json::value& body,
                        headers with) {
  with.emplace_back("Content-Type", "application/json");
  return call(method, target, with, json::serialize(body));
}

local_address parse_local(std::string_view url) {
  constexpr std::string_view start = "http://127.0.0.1:";
  local_address out;
  if (!url.starts_with(start))
    throw std::runtime_error("not an address of this machine: " + std::string(url));
  url.remove_prefix(start.size());
  const auto path = url.find('/');
  std::from_chars(url.data(), url.data() + std::min(path, url.size()), out.port);
  out.target = path == std::string_view::npos ? "/" : std::string(url.substr(path));
  return out;
}

} // namespace nexus::blackbox
