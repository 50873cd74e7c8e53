// A load on a running server, from a file of requests, and its figures as a line of JSON.
//
//   load 127.0.0.1:8000 requests.txt --connections 64 --seconds 5 [--once]
//
// A line of the file is a request: METHOD PATH [BODY]. Only 127.0.0.0/8: this is no tool against others.
#include "http_load.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>

namespace {

using namespace nexus::bench;

std::string request_of(const std::string& line, const std::string& host) {
  const auto path = line.find(' ') + 1;
  const auto body = std::min(line.find(' ', path), line.size());
  std::string out = fmt::format("{}{} HTTP/1.1\r\nHost: {}\r\n", line.substr(0, path),
                                line.substr(path, body - path), host);
  const std::string content = body < line.size() ? line.substr(body + 1) : std::string();
  if (!content.empty())
    out += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", content.size());
  else if (!line.starts_with("GET "))
    out += "Content-Length: 0\r\n";
  return out + "\r\n" + content;
}

std::string as_json(const load_result& r) {
  const double rate = r.seconds > 0 ? static_cast<double>(r.answered) / r.seconds : 0;
  const auto ms = [&](double share) { return static_cast<double>(r.latency.at(share)) / 1000; };
  return fmt::format(
      R"({{"per_second":{:.1f},"p50_ms":{:.3f},"p99_ms":{:.3f},"answered":{},"refused":{},"broken":{},"seconds":{:.3f}}})",
      rate, ms(0.5), ms(0.99), r.answered, r.refused, r.broken, r.seconds);
}

int run(load_options o, const std::string& where, const std::string& file) {
  const auto colon = where.rfind(':');
  o.address = where.substr(0, colon);
  o.port = static_cast<std::uint16_t>(std::stoul(where.substr(colon + 1)));
  if (!o.address.starts_with("127."))
    throw std::runtime_error(where + " is not of this machine");
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      o.requests.push_back(request_of(line, where));
  if (o.requests.empty())
    throw std::runtime_error(file + " has no requests");
  const load_result r = run_load(o);
  fmt::print("{}\n", as_json(r));
  if (r.refused > 0)
    fmt::print(stderr, "The first that was refused:\n{}\n", r.first_refusal);
  return r.refused + r.broken == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app("A closed-loop HTTP load on a server of this machine.", "load");
  load_options o;
  std::string where, file;
  double seconds = 5;
  app.add_option("ADDRESS", where, "127.0.0.1:port")->required();
  app.add_option("FILE", file, "The requests, a line each: METHOD PATH [BODY]")->required();
  app.add_option("--connections", o.connections, "At once (64)")->check(CLI::Range(1, 10'000));
  app.add_option("--seconds", seconds, "How long (5)")->check(CLI::Range(0.1, 600.0));
  app.add_flag("--once", o.once, "Each request once; ends early where none is left");
  CLI11_PARSE(app, argc, argv);
  o.duration = std::chrono::milliseconds(static_cast<long>(seconds * 1000));
  try {
    return run(o, where, file);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 2;
  }
}
