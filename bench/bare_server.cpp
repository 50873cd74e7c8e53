// The HTTP server alone: one fixed answer, to see what the wire can carry before any shop. It is 4 KiB of
// JSON, or what FILE holds. Port 0 takes a free one.
//
//   bare_server [PORT] [LOOPS] [FILE]      then:  wrk -t2 -c64 http://127.0.0.1:8089/
#include "platform/http/server.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
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

std::string content_of(const char* file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", file);
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

struct loop {
  boost::asio::io_context context{1};
  http::listener listener;

  loop(std::uint16_t port, const std::string& body)
      : listener(context.get_executor(), "127.0.0.1", port,
                 {.handle = [&body](const http::request&) -> awaitable<http::response> {
                    co_return http::response{.content_type = "application/json", .body = body};
                  },
                  .refuse = [](const error_kind& kind) { return http::response{.status = kind.status}; }}) {}

  void run() {
    listener.start();
    context.run();
  }
};

} // namespace

int main(int argc, char** argv) {
  const auto port = static_cast<std::uint16_t>(number(argc > 1 ? argv[1] : nullptr, 8089));
  const unsigned loops = number(argc > 2 ? argv[2] : nullptr, 2);
  const std::string body = argc > 3 ? content_of(argv[3]) : four_kib_of_json();
  if (port != 0)
    http::check_free("127.0.0.1", port);
  std::vector<std::unique_ptr<loop>> all;
  for (unsigned i = 0; i < loops; ++i)
    all.push_back(std::make_unique<loop>(i == 0 ? port : all.front()->listener.port(), body));
  std::printf("http://127.0.0.1:%u on %u loops\n", all.front()->listener.port(), loops);
  std::fflush(stdout);
  std::vector<std::jthread> threads;
  for (auto& each : all)
    threads.emplace_back([&each = *each] { each.run(); });
}
