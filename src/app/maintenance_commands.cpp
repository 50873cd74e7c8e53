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
  const std::string url = c.public_url.value_or("http://127.0.0.1:8000");
  services s(c, {url, "http://127.0.0.1/v1"});
  fmt::print("{}\n", openapi_json(shop_routes(s), url));
  return 0;
}

} // namespace nexus::app
