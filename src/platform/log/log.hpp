// Log lines: JSON in production, for people otherwise. Secrets and bodies never go in here.
//
//   log::warn("mail refused", {{"task", id}, {"code", 550}});
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace nexus::log {

enum class level { debug, info, warn, error, off };

// To standard error. Call once, before threads start.
void initialize(level lowest, bool json_lines);

class field {
public:
  template <std::integral T>
  field(std::string_view n, T v) : name(n), value(static_cast<std::int64_t>(v)) {}
  field(std::string_view n, bool v) : name(n), value(v) {}
  field(std::string_view n, double v) : name(n), value(v) {}
  field(std::string_view n, std::string_view v) : name(n), value(v) {}
  field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}

  std::string_view name;
  std::variant<std::int64_t, bool, double, std::string_view> value;
};

bool enabled(level l);
// One line. In JSON whatever the text holds makes one well-formed object; for people values of text are
// quoted.
void write(level l, std::string_view message, std::initializer_list<field> fields);

inline void debug(std::string_view m, std::initializer_list<field> f = {}) { write(level::debug, m, f); }
inline void info(std::string_view m, std::initializer_list<field> f = {}) { write(level::info, m, f); }
inline void warn(std::string_view m, std::initializer_list<field> f = {}) { write(level::warn, m, f); }
inline void error(std::string_view m, std::initializer_list<field> f = {}) { write(level::error, m, f); }

} // namespace nexus::log
