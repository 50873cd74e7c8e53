// nexus migrate, nexus openapi.
#include "app/commands.hpp"
#include "app/services.hpp"
#include "app/with_database.hpp"

#include <cstdio>

namespace nexus::app {

int migrate(const config& c) {
  const int applied = with_database(c, [](db::database& database) { return migrate_schema(database); });
  fmt::print("{}\n",
             applied == 0 ? "The schema is up to date." : fmt::format("{} migrations applied.", applied));
  return 0;
}

int print_openapi(const config& c) {
  services s(c, {c.public_url.value_or(""), c.chapa_base_url.value_or("")});
  fmt::print("{}\n", openapi_json(shop_routes(s)));
  return 0;
}

} // namespace nexus::app
