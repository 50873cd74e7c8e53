#include "app/database_source.hpp"

#include "embedded/migrations.hpp"

#include <cstdio>

namespace nexus::app {

database_source::database_source(const config& c) {
  if (c.database_url) {
    dsn_ = *c.database_url;
    return;
  }
  std::error_code failure;
  std::filesystem::create_directories(c.home, failure);
  if (failure)
    throw std::runtime_error("NEXUS_HOME is " + c.home.string() + ", which cannot be made (" +
                             failure.message() + "): set another.");
  start_embedded(std::filesystem::absolute(c.home));
}

void database_source::start_embedded(const std::filesystem::path& home) {
  home_ = home;
  embedded_ =
      embedded_postgres::start({home, {}, [](std::string_view what) { fmt::print(stderr, "{}\n", what); }});
  dsn_ = embedded_->dsn();
}

bool database_source::revive() {
  if (!embedded_ || !embedded_->has_ended())
    return false;
  start_embedded(home_);
  return true;
}

db::options database_source::options(std::string application_name) const {
  db::options o;
  o.dsn = dsn_;
  o.application_name = std::move(application_name);
  return o;
}

std::vector<db::migration> known_migrations() {
  std::vector<db::migration> all;
  for (const embedded::file& file : embedded::migrations())
    all.push_back({file.name, file.bytes});
  return all;
}

awaitable<int> migrate_schema(db::database& db) {
  const auto known = known_migrations();
  co_return co_await db::migrate(db, known,
                                 [](std::string_view name) { fmt::print(stderr, "Applying {}\n", name); });
}

} // namespace nexus::app
