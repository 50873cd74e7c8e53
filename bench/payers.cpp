// Payers at a steady rate, each through the whole of it: the payment is started, paid on Chapa's page, and
// Chapa's webhook comes, after which the order must be completed. Figures as a line of JSON; nothing is
// retried.
//
//   payers 127.0.0.1:8000 orders.txt --secret HOOK --rate 500 --connections 64
//
// orders.txt: an order's id a line, each unpaid; as many as it has are paid. The simulator must not send
// webhooks itself (--fault webhook:drop): the webhook is sent, and timed, from here. Callbacks come as the
// simulator sends them.
#include "http_load.hpp"

#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <atomic>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <mutex>
#include <netinet/tcp.h>
#include <optional>
#include <sodium.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace nexus::bench;
using steady = std::chrono::steady_clock;

struct answer {
  int status = 0;
  std::string body;
};

// One connection to 127.0.0.1, one request at a time, blocking.
class line {
public:
  explicit line(std::uint16_t port) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0)
      throw std::runtime_error("cannot connect");
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  ~line() { ::close(fd_); }
  line(const line&) = delete;
  line& operator=(const line&) = delete;

  answer ask(std::string_view method, std::string_view path, std::string_view headers,
             std::string_view body) {
    const std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}Content-Length: {}\r\n\r\n{}",
                                        method, path, headers, body.size(), body);
    if (::send(fd_, out.data(), out.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(out.size()))
      throw std::runtime_error("the connection ended");
    while (buffer_.find("\r\n\r\n") == std::string::npos)
      read_more();
    const auto head = buffer_.find("\r\n\r\n") + 4;
    const auto at = buffer_.find("Content-Length: ");
    const std::size_t length = at < head ? std::stoul(buffer_.substr(at + 16, 12)) : 0;
    while (buffer_.size() < head + length)
      read_more();
    answer in{std::stoi(buffer_.substr(9, 3)), buffer_.substr(head, length)};
    buffer_.erase(0, head + length);
    return in;
  }

private:
  void read_more() {
    char some[16 * 1024];
    const ssize_t got = ::recv(fd_, some, sizeof(some), 0);
    if (got <= 0)
      throw std::runtime_error("the connection ended");
    buffer_.append(some, static_cast<std::size_t>(got));
  }

  int fd_ = -1;
  std::string buffer_;
};

std::string field(const answer& a, std::string_view name) {
  const std::string before = fmt::format("\"{}\":\"", name);
  const auto at = a.body.find(before);
  if (at == std::string::npos)
    throw std::runtime_error(fmt::format("no {} in {} {}", name, a.status, a.body));
  return a.body.substr(at + before.size(), a.body.find('"', at + before.size()) - at - before.size());
}

std::string sign(const std::string& secret, const std::string& body) {
  unsigned char mac[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(body.data()), body.size());
  crypto_auth_hmacsha256_final(&state, mac);
  std::string hex(2 * sizeof(mac) + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), mac, sizeof(mac));
  hex.pop_back();
  return hex;
}

struct figures {
  std::mutex mutex;
  histogram initiate, webhook, whole;
  std::uint64_t completed = 0, failed = 0;
  std::string first_failure;
};

struct plan {
  std::uint16_t shop = 0;
  std::string secret;
  std::vector<std::string> orders;
  double rate = 500;
  steady::time_point begin;
};

std::uint64_t since(steady::time_point then) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(steady::now() - then).count());
}

// due: when the payer pressed the button. What waits for a free connection counts.
void pay(const plan& p, const std::string& order, steady::time_point due, line& shop,
         std::optional<line>& chapa, figures& all) {
  const std::string prefix = "/api/v1/payment/";
  const answer started = shop.ask("POST", prefix + "initiate/" + order + "/", "", "");
  const auto initiate_us = since(due);
  const std::string tx_ref = field(started, "tx_ref"), url = field(started, "payment_url"),
                    amount = field(started, "amount");
  const auto colon = url.rfind(':');
  const auto slash = url.find('/', colon);
  if (!chapa)
    chapa.emplace(static_cast<std::uint16_t>(std::stoul(url.substr(colon + 1, slash - colon - 1))));
  const answer paid =
      chapa->ask("POST", url.substr(slash), "Content-Type: application/x-www-form-urlencoded\r\n",
                 "mobile=0900123456&action=pay");
  if (paid.status != 303)
    throw std::runtime_error(fmt::format("the page answered {}", paid.status));
  const std::string webhook = fmt::format(
      R"({{"event":"charge.success","status":"success","amount":"{}","currency":"ETB","mode":"test",)"
      R"("reference":"R","tx_ref":"{}","type":"API"}})",
      amount, tx_ref);
  const auto sent = steady::now();
  const answer told = shop.ask(
      "POST", prefix + "webhook/chapa/",
      fmt::format("Content-Type: application/json\r\nx-chapa-signature: {}\r\n", sign(p.secret, webhook)),
      webhook);
  const auto webhook_us = since(sent), whole_us = since(due);
  if (told.status != 200)
    throw std::runtime_error(fmt::format("the webhook was answered {} {}", told.status, told.body));
  const std::lock_guard held(all.mutex);
  all.initiate.add(initiate_us);
  all.webhook.add(webhook_us);
  all.whole.add(whole_us);
  ++all.completed;
}

void pay_on_and_on(const plan& p, std::atomic<std::size_t>& next, figures& all) {
  std::optional<line> shop, chapa;
  for (std::size_t i = next++; i < p.orders.size(); i = next++) {
    const auto due =
        p.begin + std::chrono::microseconds(static_cast<std::int64_t>(static_cast<double>(i) * 1e6 / p.rate));
    std::this_thread::sleep_until(due);
    try {
      if (!shop)
        shop.emplace(p.shop);
      pay(p, p.orders[i], due, *shop, chapa, all);
    } catch (const std::exception& failure) {
      shop.reset();
      chapa.reset();
      const std::lock_guard held(all.mutex);
      if (++all.failed == 1)
        all.first_failure = failure.what();
    }
  }
}

std::string as_json(const histogram& h) {
  const auto ms = [&](double share) { return static_cast<double>(h.at(share)) / 1000; };
  return fmt::format(R"({{"p50_ms":{:.2f},"p99_ms":{:.2f},"max_ms":{:.2f}}})", ms(0.5), ms(0.99), ms(1));
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app("Payers at a steady rate, from the start of a payment to its webhook.", "payers");
  std::string where, file;
  plan p;
  int connections = 64;
  app.add_option("ADDRESS", where, "The shop's 127.0.0.1:port")->required();
  app.add_option("FILE", file, "The ids of unpaid orders, a line each")->required();
  app.add_option("--secret", p.secret, "Of the webhooks")->required();
  app.add_option("--rate", p.rate, "Payers a second (500)")->check(CLI::Range(0.1, 100'000.0));
  app.add_option("--connections", connections, "Payers at once at most (64)")->check(CLI::Range(1, 2'000));
  CLI11_PARSE(app, argc, argv);
  p.shop = static_cast<std::uint16_t>(std::stoul(where.substr(where.rfind(':') + 1)));
  std::ifstream in(file);
  for (std::string id; std::getline(in, id);)
    if (!id.empty())
      p.orders.push_back(id);
  figures all;
  std::atomic<std::size_t> next = 0;
  p.begin = steady::now() + std::chrono::milliseconds(100);
  {
    std::vector<std::jthread> payers;
    for (int i = 0; i < connections; ++i)
      payers.emplace_back([&] { pay_on_and_on(p, next, all); });
  }
  const double seconds = static_cast<double>(since(p.begin)) / 1e6;
  fmt::print(
      R"({{"completed":{},"failed":{},"seconds":{:.2f},"per_second":{:.1f},"initiate":{},"webhook":{},"whole":{}}})"
      "\n",
      all.completed, all.failed, seconds, static_cast<double>(all.completed) / seconds, as_json(all.initiate),
      as_json(all.webhook), as_json(all.whole));
  if (all.failed > 0)
    fmt::print(stderr, "The first failure: {}\n", all.first_failure);
  return all.failed == 0 ? 0 : 1;
}
