// nexus audit: proves that every piece of stock and every birr is accounted for, from one snapshot of the
// database.
#include "app/commands.hpp"
#include "app/with_database.hpp"
#include "inventory/inventory.hpp"
#include "orders/orders.hpp"
#include "payments/payments.hpp"
#include "pricing/pricing.hpp"

#include <cstdio>

namespace nexus::app {

namespace {

constexpr int rows_shown = 20;

std::vector<db::consistency_check> all_checks() {
  auto all = inventory::consistency_checks();
  for (auto more :
       {orders::consistency_checks(), payments::consistency_checks(), pricing::consistency_checks()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

awaitable<int> run_checks(db::database& database) {
  int broken = 0;
  db::transaction tx = co_await database.use().begin_snapshot();
  for (const db::consistency_check& check : all_checks()) {
    const db::rows found = co_await tx.query(*check.violations);
    fmt::print("{}  {}\n", found.empty() ? "ok    " : "BROKEN", check.invariant);
    for (int i = 0; i < std::min(found.size(), rows_shown); ++i)
      fmt::print("        {}\n", found[i].get<std::string>(0));
    if (found.size() > rows_shown)
      fmt::print("        … and {} more\n", found.size() - rows_shown);
    broken += found.empty() ? 0 : 1;
  }
  co_await tx.rollback();
  co_return broken;
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
  fmt::print("\n{}\n", broken == 0 ? "Every piece of stock and every birr is accounted for."
                                   : fmt::format("{} invariants are broken.", broken));
  return broken == 0 ? 0 : 1;
}

} // namespace nexus::app
