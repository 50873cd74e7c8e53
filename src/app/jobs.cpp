// What the worker does: the modules' handlers, and what runs again and again.
#include "app/services.hpp"
#include "cart/cart.hpp"
#include "platform/api/idempotency.hpp"

namespace nexus::app {

using namespace std::chrono_literals;

std::vector<tasks::handler> task_handlers(services& s) {
  auto all = notifications::handlers(s.notifications);
  for (tasks::handler& each : payments::handlers(s.payments))
    all.push_back(std::move(each));
  return all;
}

std::vector<tasks::periodic> schedule(services& s) {
  const clock& clock = s.clock;
  std::vector<tasks::periodic> all{
      {"expire_orders", 1s, [&s](db::session db) { return orders::expire_due(db, s.orders, s.clock.now()); }},
      {"audit", 15min, [&s](db::session) -> awaitable<> { co_await s.books->run(); }},
      {"delete_abandoned_carts", 1h,
       [&s](db::session db) {
         return cart::delete_abandoned(db, s.clock.now() - s.configured.cart_expires_after);
       }},
      {"delete_done_tasks", 10min,
       [&clock](db::session db) { return tasks::delete_done(db, clock.now() - 7 * 24h); }},
      {"delete_expired_tokens", 1h,
       [&clock](db::session db) { return accounts::delete_expired_tokens(db, clock.now()); }},
      {"delete_old_idempotency_keys", 10min,
       [&clock](db::session db) { return api::idempotency::delete_old(db, clock.now() - 24h); }},
  };
  for (tasks::periodic& each : payments::schedule(s.payments))
    all.push_back(std::move(each));
  return all;
}

} // namespace nexus::app
