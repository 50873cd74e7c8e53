#include "platform/log/log.hpp"

#include "core/clock.hpp"
#include "platform/json/encode.hpp"

#include <atomic>
#include <cmath>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace nexus::log {

namespace {

std::atomic<level> lowest_level{level::info};
std::atomic<bool> as_json{false};

constexpr std::string_view names[] = {"debug", "info", "warn", "error", "off"};

spdlog::logger& sink() {
  // Never destroyed, so that threads ending late can still write.
  static auto* logger = [] {
    auto* made = new spdlog::logger("nexus", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

void append_value(std::string& out, const field& f, bool quoted) {
  if (const auto* text = std::get_if<std::string_view>(&f.value)) {
    if (quoted)
      json::append_string(out, *text);
    else
      out += *text;
  } else if (const auto* whole = std::get_if<std::int64_t>(&f.value)) {
    json::append_int(out, *whole);
  } else if (const auto* yes = std::get_if<bool>(&f.value)) {
    out += *yes ? "true" : "false";
  } else if (const double real = std::get<double>(f.value); std::isfinite(real)) {
    fmt::format_to(std::back_inserter(out), "{:.3f}", real);
  } else {
    out += "null"; // JSON has no infinity
  }
}

} // namespace

void initialize(level lowest, bool json_lines) {
  lowest_level = lowest;
  as_json = json_lines;
  sink();
}

bool enabled(level l) { return l >= lowest_level.load(std::memory_order_relaxed); }

void write(level l, std::string_view message, std::initializer_list<field> fields) {
  if (!enabled(l))
    return;
  std::string line;
  line.reserve(160);
  const bool json_line = as_json.load(std::memory_order_relaxed);
  const auto now = system_clock{}.now();
  if (json_line) {
    line += R"({"time":")";
    append_rfc3339(line, now);
    line += R"(","level":")";
    line += names[static_cast<int>(l)];
    line += R"(","message":)";
    json::append_string(line, message);
    for (const field& f : fields) {
      line += ',';
      json::append_string(line, f.name);
      line += ':';
      append_value(line, f, true);
    }
    line += '}';
  } else {
    append_rfc3339(line, now);
    line += ' ';
    line += names[static_cast<int>(l)];
    line += ' ';
    line += message;
    for (const field& f : fields) {
      line += ' ';
      line += f.name;
      line += '=';
      append_value(line, f, std::holds_alternative<std::string_view>(f.value));
    }
  }
  sink().log(spdlog::level::info, line);
}

} // namespace nexus::log
