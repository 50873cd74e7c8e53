// One field list per type, from which decoding, validation, encoding and the schema follow.
//
//   struct add_item {
//     std::int64_t variant_id = 0;
//     int quantity = 0;
//
//     static constexpr std::string_view schema_name = "AddItem";
//     template <class V>
//     static constexpr void fields(V&& field) {
//       field("variant_id", &add_item::variant_id, {.minimum = 1, .doc = "What to add"});
//       field("quantity", &add_item::quantity, {.minimum = 1, .maximum = 10'000});
//     }
//   };
//
// What a member's type means on the wire:
//   bool, int, std::int64_t          JSON boolean, integer (a fraction or a value out of range is an error)
//   std::string                      string: well-formed UTF-8, no NUL
//   decimal                          decimal string (requests); money: the same, with its currency's digits
//   (answers) currency                         "ETB" uuid, time_point                 canonical text, RFC
//   3339 enumeration E                    one of enum_names(E{}) (found by ADL: std::array<std::string_view,
//   N> by value) std::optional<T>                 may be left out or null; written as null unless omit_null
//   std::optional<std::optional<T>>  (PATCH) left out: nullopt; null: engaged and empty; else the value
//   std::vector<T>                   array;  in a query: "a,b" or repeated
//   std::map<std::string, T>         object; in a query "name[key]=…"
//   a type with fields()             object; unknown members are errors
//   json::raw                        text that is JSON already (answers)
//   a type with json_schema()        what its own decode_value(value, at, rule, out, faults), found by ADL,
//   takes
//                                    (requests: for what may come in more than one form)
// Everything that is not optional, and has no .optional = true, is required.
#pragma once

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace nexus::json {

// Named forms of text, checked on the way in and named in the schema.
enum class format {
  any,
  email,    // what we can send mail to: local@domain, ≤ 254 bytes
  url,      // http or https, absolute
  country,  // ISO 3166-1 alpha-2, upper case
  slug,     // as core's slugify makes them
  sku,      // printable, no blanks at the ends
  password, // not trimmed, shown as a password field
};

// What a value must be; all of it lands in the schema. Lengths are in characters, for arrays in items.
struct rule {
  int min_length = 0;
  int max_length = 10'000;
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  format form = format::any;
  bool optional = false;  // may be left out; the member keeps its default
  bool omit_null = false; // an empty optional is left out of the answer instead of null
  bool trim = true;       // blanks at both ends of text are dropped before the checks
  std::string_view doc = {};
  std::string_view example = {};
};

// JSON already.
struct raw {
  std::string text;
};

namespace detail {
struct probe {
  template <class... A>
  constexpr void operator()(A&&...) const {}
};
} // namespace detail

template <class T>
concept described = requires(detail::probe p) {
  T::fields(p);
  { T::schema_name } -> std::convertible_to<std::string_view>;
};

template <class E>
concept named_enum = std::is_enum_v<E> && requires { enum_names(E{}); };

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;

template <named_enum E>
constexpr std::string_view name_of(E value) {
  return enum_names(E{})[static_cast<std::size_t>(value)];
}

template <named_enum E>
constexpr std::optional<E> parse_enum(std::string_view text) {
  const auto names = enum_names(E{});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text)
      return static_cast<E>(i);
  return std::nullopt;
}

} // namespace nexus::json
