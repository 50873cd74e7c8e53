// Forward-only migrations, each in a transaction of its own, under an advisory lock, so that many nodes may
// start at once. What was applied stands in the table schema_migration (version, name, sha256, applied_at).
#pragma once

#include "platform/db/database.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::db {

struct migration {
  std::string_view name; // "0001_accounts.sql": the number is the version
  std::string_view sql;
};

struct migration_state {
  std::vector<std::string> pending; // names, in order
  int applied = 0;
};

awaitable<migration_state> check_migrations(database& db, std::span<const migration> known);

// Applies what is pending, telling each name; returns how many. Throws std::runtime_error where an applied
// migration has another text now, or the database knows a version that this program does not.
awaitable<int> migrate(database& db, std::span<const migration> known,
                       std::function<void(std::string_view)> tell);

} // namespace nexus::db
