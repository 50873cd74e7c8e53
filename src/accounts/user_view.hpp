// An account as its owner sees it.
#pragma once

#include "platform/db/value.hpp"
#include "platform/json/fields.hpp"

#include <string>

namespace nexus::accounts {

inline constexpr json::rule name_rule{.max_length = 150, .optional = true};
inline constexpr json::rule phone_number_rule{.max_length = 32, .optional = true, .example = "+251900123456"};

struct user_view {
  std::int64_t id = 0;
  std::string email, first_name, last_name, phone_number;

  static constexpr std::string_view schema_name = "User";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &user_view::id);
    field("email", &user_view::email);
    field("first_name", &user_view::first_name);
    field("last_name", &user_view::last_name);
    field("phone_number", &user_view::phone_number);
  }

  // Of find_user and update_user.
  static user_view of(const db::row& r) {
    auto [id, email, first_name, last_name, phone_number] =
        r.as<std::int64_t, std::string, std::string, std::string, std::string>();
    return {id, std::move(email), std::move(first_name), std::move(last_name), std::move(phone_number)};
  }
};

} // namespace nexus::accounts
