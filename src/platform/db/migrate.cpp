#include "platform/db/migrate.hpp"

#include "platform/crypto/crypto.hpp"
#include "platform/db/migrate.sql.hpp"
#include "platform/db/script.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <stdexcept>

namespace nexus::db {

namespace {

struct known_migration {
  migration text;
  std::string sha256;
};
using by_version = std::map<int, known_migration>;

int version_of(std::string_view name) {
  int version = 0;
  const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), version);
  if (wrong != std::errc() || version <= 0 || end == name.data() + name.size() || *end != '_')
    throw std::runtime_error(fmt::format("migration {} is not named like 0001_accounts.sql", name));
  return version;
}

by_version index(std::span<const migration> known) {
  by_version out;
  for (const auto& m : known)
    if (!out.emplace(version_of(m.name), known_migration{m, crypto::sha256_hex(m.sql)}).second)
      throw std::runtime_error(fmt::format("migration {} has a version that another has", m.name));
  return out;
}

// Takes what the database has out of what is known; the rest is pending.
int take_applied(by_version& known, const rows& applied) {
  for (const auto& r : applied) {
    const auto [version, name, sha256] = r.as<int, std::string, std::string>();
    const auto same = known.find(version);
    if (same == known.end())
      throw std::runtime_error(
          fmt::format("the database has migration {}, which this program does not know: it is older", name));
    if (same->second.sha256 != sha256)
      throw std::runtime_error(
          fmt::format("migration {} was applied with another text than it has now", name));
    known.erase(same);
  }
  return applied.size();
}

awaitable<> apply(script_connection& on, int version, const known_migration& m) {
  co_await on.run("BEGIN");
  co_await on.run(std::string(m.text.sql), std::string(m.text.name));
  co_await on.query(sql::insert_applied, params::of(version, m.text.name, m.sha256));
  co_await on.run("COMMIT");
}

} // namespace

awaitable<migration_state> check_migrations(database& db, std::span<const migration> known) {
  auto pending = index(known);
  migration_state out;
  const rows has = co_await db.use().query(sql::has_schema_migration);
  if (has.front().get<bool>(0))
    out.applied = take_applied(pending, co_await db.use().query(sql::find_applied));
  for (const auto& [version, m] : pending)
    out.pending.emplace_back(m.text.name);
  co_return out;
}

awaitable<int> migrate(database& db, std::span<const migration> known,
                       std::function<void(std::string_view)> tell) {
  auto pending = index(known);
  const auto on = co_await script_connection::open(db);
  // Another may be at it for long. The lock ends with the connection, also when this program dies.
  co_await on->run("SET lock_timeout = 0");
  co_await on->query(sql::lock_migrations, {});
  co_await on->run("RESET lock_timeout");
  co_await on->query(sql::create_schema_migration, {});
  take_applied(pending, co_await on->query(sql::find_applied, {}));
  for (const auto& [version, m] : pending) {
    if (tell)
      tell(m.text.name);
    co_await apply(*on, version, m);
  }
  on->close("the migrations are done");
  co_return static_cast<int>(pending.size());
}

} // namespace nexus::db
