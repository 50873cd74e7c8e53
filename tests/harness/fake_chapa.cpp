#include "fake_chapa.hpp"

#include <arpa/inet.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nexus::blackbox {

namespace {

// Numbers in plain digits, as Chapa writes them: 99.99, not 9.999E1.
std::string written(const json::object& data) {
  std::string out;
  for (const auto& [name, value] : data)
    out += (out.empty() ? "" : ",") + json::serialize(json::string(name)) + ":" +
           (value.is_double() ? fmt::format("{}", value.get_double()) : json::serialize(value));
  return "{" + out + "}";
}

std::string content_of(const json::object& data, const std::string& message) {
  return R"({"message":")" + message + R"(","status":"success","data":)" + written(data) + "}";
}

// The text up to the mark, which is dropped; nullopt where the other end closed.
std::optional<std::string> take(int fd, std::string& buffer, std::size_t wanted, std::string_view mark) {
  for (;;) {
    if (!mark.empty()) {
      if (const auto at = buffer.find(mark); at != std::string::npos)
        wanted = at + mark.size();
    }
    if (wanted > 0 || mark.empty())
      if (buffer.size() >= wanted) {
        std::string out = buffer.substr(0, wanted);
        buffer.erase(0, wanted);
        return out;
      }
    char piece[4'096];
    const ssize_t n = ::recv(fd, piece, sizeof piece, 0);
    if (n <= 0)
      return std::nullopt;
    buffer.append(piece, static_cast<std::size_t>(n));
  }
}

std::size_t length_in(const std::string& head) {
  std::size_t out = 0;
  for (const char* name : {"Content-Length: ", "content-length: "})
    if (const auto at = head.find(name); at != std::string::npos)
      std::from_chars(head.data() + at + 16, head.data() + head.size(), out);
  return out;
}

} // namespace

fake_chapa::fake_chapa() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (listening_ < 0 || ::bind(listening_, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      ::listen(listening_, 128) != 0 ||
      ::getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error("cannot listen");
  port_ = ntohs(at.sin_port);
  acceptor_ = std::thread([this] {
    for (;;) {
      const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0)
        return;
      const std::lock_guard held(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  });
}

fake_chapa::~fake_chapa() {
  ::shutdown(listening_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard held(mutex_);
    ended_ = true;
    for (const int fd : open_)
      ::shutdown(fd, SHUT_RDWR);
  }
  changed_.notify_all();
  for (auto& t : threads_)
    t.join();
  for (const int fd : open_)
    ::close(fd);
  ::close(listening_);
}

void fake_chapa::say(const std::string& tx_ref, json::object data) {
  const std::lock_guard held(mutex_);
  said_[tx_ref] = std::move(data);
}

void fake_chapa::refuse_initialize(int status, std::string body) {
  const std::lock_guard held(mutex_);
  refusal_ = status;
  refusal_body_ = std::move(body);
}

void fake_chapa::hang(std::string call) {
  const std::lock_guard held(mutex_);
  hanging_ = std::move(call);
}

void fake_chapa::release() {
  const std::lock_guard held(mutex_);
  hanging_.clear();
  changed_.notify_all();
}

int fake_chapa::calls(const std::string& call) const {
  const std::lock_guard held(mutex_);
  const auto at = calls_.find(call);
  return at == calls_.end() ? 0 : at->second;
}

json::object fake_chapa::last_initialize() const {
  const std::lock_guard held(mutex_);
  return last_;
}

void fake_chapa::serve(int fd) {
  std::string buffer;
  while (const auto head = take(fd, buffer, 0, "\r\n\r\n")) {
    const auto body = take(fd, buffer, length_in(*head), {});
    if (!body)
      return;
    const std::string method = head->substr(0, head->find(' '));
    const auto from = head->find(' ') + 1;
    const std::string target = head->substr(from, head->find(' ', from) - from);
    const auto [status, content] = answer(method, target, *body);
    const std::string out =
        "HTTP/1.1 " + std::to_string(status) +
        " It is\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(content.size()) +
        "\r\n\r\n" + content;
    if (::send(fd, out.data(), out.size(), MSG_NOSIGNAL) < 0)
      return;
  }
}

std::pair<int, std::string> fake_chapa::answer(const std::string& method, const std::string& target,
                                               const std::string& body) {
  constexpr std::string_view start = "/v1/transaction/";
  const std::string rest = target.starts_with(start) ? target.substr(start.size()) : "";
  const std::string call = rest.substr(0, rest.find('/'));
  const std::string tx_ref = rest.size() > call.size() ? rest.substr(call.size() + 1) : "";
  std::unique_lock held(mutex_);
  ++calls_[call];
  changed_.wait(held, [&] { return hanging_ != call || ended_; });
  if (call == "initialize" && method == "POST") {
    const json::object asked = json::parse(body).as_object();
    last_ = asked;
    if (refusal_ != 0)
      return {refusal_, refusal_body_};
    const std::string ref(asked.at("tx_ref").as_string().c_str());
    initialized_[ref] = asked;
    return {200, content_of({{"checkout_url",
                              "http://127.0.0.1:" + std::to_string(port_) + "/checkout/payment/" + ref}},
                            "Hosted Link")};
  }
  const auto known = initialized_.find(tx_ref);
  if (known == initialized_.end())
    return {400, R"({"message":"Invalid transaction reference","status":"failed","data":null})"};
  if (call == "cancel")
    return {200, content_of({}, "Checkout link expired successfully")};
  json::object data{{"status", "pending"},
                    {"tx_ref", tx_ref},
                    {"amount", known->second.at("amount")},
                    {"currency", known->second.at("currency")},
                    {"mode", "test"},
                    {"method", nullptr},
                    {"charge", nullptr}};
  for (const auto& [name, value] : said_[tx_ref])
    data[name] = value;
  return {200, content_of(data, "Payment details fetched successfully")};
}

} // namespace nexus::blackbox
