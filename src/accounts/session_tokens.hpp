// The pair a session lives on: an access token that speaks for itself, and a refresh token that is known here
// by its hash alone.
#pragma once

#include "accounts/accounts.hpp"
#include "core/ids.hpp"

#include <string>
#include <string_view>

namespace nexus::accounts {

struct token_pair {
  std::string access, refresh;

  static constexpr std::string_view schema_name = "TokenPair";
  template <class V>
  static constexpr void fields(V&& field) {
    field("access", &token_pair::access, {.doc = "For the Authorization header, as a bearer token"});
    field("refresh", &token_pair::refresh, {.doc = "For a new pair, once"});
  }
};

// A refresh token as a client shows it.
struct refresh_body {
  std::string refresh;

  static constexpr std::string_view schema_name = "RefreshToken";
  template <class V>
  static constexpr void fields(V&& field) {
    field("refresh", &refresh_body::refresh, {.min_length = 1, .max_length = 4'096});
  }
};

// How it is stored: 256 random bits need no salt.
std::string stored_form(std::string_view refresh_token);

// Queues the new refresh token of the family.
token_pair issue_pair(const token_service& tokens, db::transaction& tx, const api::principal& who,
                      const uuid& family, time_point now);

// Answers that carry tokens are nobody's to keep (RFC 6749 §5.1).
void forbid_caching(api::context& c);

} // namespace nexus::accounts
