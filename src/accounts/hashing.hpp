// Argon2id takes 22 ms of a processor: off the loop, and never inside a transaction.
#pragma once

#include "accounts/accounts.hpp"

#include <optional>
#include <string>

namespace nexus::accounts {

// The encoded hash, or service_unavailable with Retry-After where too many wait.
awaitable<result<std::string>> hash_password(services s, std::string password);

struct verdict {
  bool matches = false;
  std::optional<std::string> rehashed; // where the stored one has older parameters
};

// encoded is nullopt where there is no such account: as long is spent on a hash that nothing matches, so that
// the time does not tell.
awaitable<result<verdict>> verify_password(services s, std::optional<std::string> encoded,
                                           std::string password);

// What verify_password compares with where there is no account; its parameters are those of crypto.
extern const std::string_view nobodys_hash;

} // namespace nexus::accounts
