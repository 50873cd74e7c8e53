// Carts nobody came back for, and what is left of those that became orders.
#include "cart/cart.hpp"
#include "cart/cart.sql.hpp"
#include "platform/log/log.hpp"

namespace nexus::cart {

awaitable<> delete_abandoned(db::session db, time_point before) {
  constexpr int batch = 1'000; // so that no statement runs long; items go with their carts
  std::int64_t all = 0;
  for (;;) {
    const db::rows gone = co_await db.query(sql::delete_abandoned, before, batch);
    all += gone.affected();
    if (gone.affected() < batch)
      break;
  }
  if (all > 0)
    log::info("abandoned carts deleted", {{"count", all}});
}

} // namespace nexus::cart
