// A load on a running server, from a file of requests, and its figures as a line of JSON.
//
//   load 127.0.0.1:8000[,127.0.0.1:8001] requests.txt --connections 64 --seconds 5 [--once] [--conflicts]
//
// A line of the file is a request: METHOD PATH [NAME:VALUE]... [BODY], single spaces between them; the
// headers' values have none, the body begins with a brace. Only 127.0.0.0/8: this is no tool against others.
#include "http_load.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <sys/resource.h>

namespace {

using namespace nexus::bench;

// The word at the start, which is dropped with the space behind it.
std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(word.size() + 1, line.size()));
  return word;
}

std::string request_of(std::string_view line, std::string_view host) {
  const std::string_view method = take_word(line), path = take_word(line);
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, path, host);
  while (!line.empty() && line.front() != '{') {
    const std::string_view header = take_word(line);
    const auto colon = header.find(':');
    if (colon == std::string_view::npos)
      throw std::runtime_error("'" + std::string(header) + "' is neither a header nor a body");
    out += fmt::format("{}: {}\r\n", header.substr(0, colon), header.substr(colon + 1));
  }
  if (!line.empty())
    out += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", line.size());
  else if (method != "GET")
    out += "Content-Length: 0\r\n";
  return out.append("\r\n").append(line);
}

// What this process has used of the cores, in microseconds.
double cpu_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

std::string as_json(const load_result& r, double used_us) {
  const double rate = r.seconds > 0 ? static_cast<double>(r.answered) / r.seconds : 0;
  const auto ms = [&](double share) { return static_cast<double>(r.latency.at(share)) / 1000; };
  const auto all = std::max<std::uint64_t>(1, r.answered + r.conflicts + r.refused + r.broken);
  return fmt::format(
      R"({{"per_second":{:.1f},"p50_ms":{:.3f},"p99_ms":{:.3f},"answered":{},"conflicts":{},"refused":{},"broken":{},)"
      R"("seconds":{:.3f},"cpu_us_each":{:.2f}}})",
      rate, ms(0.5), ms(0.99), r.answered, r.conflicts, r.refused, r.broken, r.seconds,
      used_us / static_cast<double>(all));
}

load_target target_of(const std::string& where) {
  const auto colon = where.rfind(':');
  if (!where.starts_with("127.") || colon == std::string::npos)
    throw std::runtime_error(where + " is no address:port of this machine");
  return {where.substr(0, colon), static_cast<std::uint16_t>(std::stoul(where.substr(colon + 1)))};
}

int run(load_options o, const std::string& where, const std::string& file) {
  std::istringstream all(where);
  for (std::string one; std::getline(all, one, ',');)
    o.targets.push_back(target_of(one));
  if (o.targets.empty())
    throw std::runtime_error("no address");
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      o.requests.push_back(request_of(line, o.targets.front().address));
  if (o.requests.empty())
    throw std::runtime_error(file + " has no requests");
  const double before = cpu_us();
  const load_result r = run_load(o);
  fmt::print("{}\n", as_json(r, cpu_us() - before));
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
  app.add_option("ADDRESS", where, "127.0.0.1:port; of several, by commas, the connections take turns")
      ->required();
  app.add_option("FILE", file, "The requests, a line each: METHOD PATH [NAME:VALUE]... [BODY]")->required();
  app.add_option("--connections", o.connections, "At once (64)")->check(CLI::Range(1, 10'000));
  app.add_option("--seconds", seconds, "How long (5)")->check(CLI::Range(0.1, 600.0));
  app.add_flag("--once", o.once, "Each request once; ends early where none is left");
  app.add_flag("--conflicts", o.conflicts, "A 409 is an answer, counted apart; else it is a refusal");
  CLI11_PARSE(app, argc, argv);
  o.duration = std::chrono::milliseconds(static_cast<long>(seconds * 1000));
  try {
    return run(o, where, file);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 2;
  }
}
