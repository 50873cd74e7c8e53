// The shop's table of endpoints: one line a module.
#include "accounts/accounts.hpp"
#include "app/services.hpp"
#include "cart/cart.hpp"
#include "catalogue/catalogue.hpp"
#include "inventory/inventory.hpp"
#include "pricing/pricing.hpp"

namespace nexus::app {

namespace {
void append(std::vector<api::endpoint>& all, std::vector<api::endpoint> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}
} // namespace

std::vector<api::endpoint> shop_routes(services& s) {
  std::vector<api::endpoint> all;
  append(all, accounts::routes({&s.tokens, &s.passwords}));
  append(all, catalogue::routes());
  append(all, inventory::routes());
  append(all, cart::routes());
  append(all, pricing::routes());
  append(all, orders::routes(s.orders));
  append(all, payments::routes(s.payments));
  append(all, audit_routes(s));
  for (api::endpoint& e : all)
    e.path.insert(0, "/api/v1");
  return all;
}

} // namespace nexus::app
