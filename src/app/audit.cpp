// nexus audit: prints whether every piece of stock and every birr is accounted for.
#include "app/auditor.hpp"
#include "app/commands.hpp"
#include "app/with_database.hpp"

#include <cstdio>

namespace nexus::app {

namespace {

awaitable<int> run_checks(db::database& database) {
  const auto found = co_await check_books(database, system_clock{}, company::any);
  for (const invariant_result& i : found->invariants) {
    fmt::print("{}  {}\n", i.violations == 0 ? "ok    " : "BROKEN", i.invariant);
    for (const std::string& example : i.examples)
      fmt::print("        {}\n", example);
    if (const auto more = i.violations - std::ssize(i.examples); more > 0)
      fmt::print("        … and {} more\n", more);
  }
  fmt::print("\n{} invariants in {}.{:03} s.\n", found->invariants.size(), found->took_ms / 1000,
             found->took_ms % 1000);
  co_return found->broken();
}

} // namespace

int audit(const config& c) {
  if (!c.database_url && !std::filesystem::exists(c.home / "postgres")) { // to make one would prove nothing
    fmt::print(stderr,
               "There is no shop's database in {}: run this where nexus serve runs, or set NEXUS_HOME or "
               "DATABASE_URL.\n",
               std::filesystem::absolute(c.home).lexically_normal().string());
    return 2;
  }
  const int broken = with_database(c, run_checks);
  fmt::print("{}\n", broken == 0 ? "Every piece of stock and every birr is accounted for."
                                 : fmt::format("{} invariants are broken.", broken));
  return broken == 0 ? 0 : 1;
}

} // namespace nexus::app
