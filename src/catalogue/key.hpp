// What a path or a filter names: an id, or a slug. A slug never is a number. Internal to this folder.
#pragma once

#include "core/result.hpp"
#include "platform/json/fields.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus::catalogue {

struct key {
  std::optional<std::int64_t> id;
  std::optional<std::string> slug;
};

bool is_number(std::string_view text); // digits alone, at least one
// A number that cannot be an id is neither: nothing is found.
key key_of(std::string_view text);

struct key_path {
  std::string id;

  static constexpr std::string_view schema_name = "KeyPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &key_path::id, {.min_length = 1, .max_length = 200, .doc = "The id or the slug"});
  }
};

} // namespace nexus::catalogue
