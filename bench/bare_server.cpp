// The HTTP server alone: one fixed answer of 4 KiB of JSON, to see what the wire can carry before any shop.
//
//   bare_server [PORT] [LOOPS]      then:  wrk -t2 -c64 http://127.0.0.1:8089/
#include "platform/http/server.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

using namespace nexus;

std::string four_kib_of_json() {
  std::string out = R"({"results":[)";
  for (int i = 0; out.size() < 4096 - 64; ++i)
    out += fmt::format(R"({}{{"id":{},"name":"A product","price":"149.90"}})", i ? "," : "", 100'000 + i);
  out += R"(],"padding":")";
  out.append(4096 - 2 - out.size(), '.');
  return out + "\"}";
}

unsigned number(const char* text, unsigned otherwise) {
  unsigned out = otherwise;
  if (text)
    std::from_chars(text, text + std::strlen(text), out);
  return out;
}

void serve(std::uint16_t port) {
  boost::asio::io_context loop(1);
  const std::string body = four_kib_of_json();
  http::listener::options options{
      .handle = [&body](const http::request&) -> awaitable<http::response> {
        co_return http::response{.content_type = "application/json", .body = body};
      },
      .refuse = [](const error_kind& kind) { return http::response{.status = kind.status}; }};
  http::listener listener(loop.get_executor(), "127.0.0.1", port, std::move(options));
  listener.start();
  loop.run();
}

} // namespace

int main(int argc, char** argv) {
  const auto port = static_cast<std::uint16_t>(number(argc > 1 ? argv[1] : nullptr, 8089));
  const unsigned loops = number(argc > 2 ? argv[2] : nullptr, 2);
  http::check_free("127.0.0.1", port);
  std::printf("http://127.0.0.1:%u on %u loops\n", port, loops);
  std::fflush(stdout);
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < loops; ++i)
    threads.emplace_back(serve, port);
}
