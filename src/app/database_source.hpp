// Where the database is: DATABASE_URL, or the embedded cluster under NEXUS_HOME.
#pragma once

#include "platform/config/config.hpp"
#include "platform/db/migrate.hpp"
#include "platform/embedded_postgres/embedded_postgres.hpp"

#include <memory>
#include <string>
#include <vector>

namespace nexus::app {

class database_source {
public:
  // Starts or joins the embedded cluster where none is configured, telling progress on standard error. Throws
  // std::runtime_error with the remedy.
  explicit database_source(const config& c);

  // Starts the embedded cluster again where it was killed; the same DSN leads to it. True where that was so.
  bool revive();

  [[nodiscard]] const std::string& dsn() const { return dsn_; }
  [[nodiscard]] bool is_embedded() const { return embedded_ != nullptr; }
  [[nodiscard]] db::options options(std::string application_name) const;

private:
  void start_embedded(const std::filesystem::path& home);
  std::filesystem::path home_;
  std::unique_ptr<embedded_postgres> embedded_;
  std::string dsn_;
};

// The migrations of this program, in order.
std::vector<db::migration> known_migrations();

// Brings the schema up to date, telling each migration's name on standard error.
awaitable<int> migrate_schema(db::database& db);

} // namespace nexus::app
