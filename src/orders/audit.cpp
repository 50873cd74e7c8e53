#include "orders/audit.sql.hpp"
#include "orders/orders.hpp"

namespace nexus::orders {

std::vector<db::consistency_check> consistency_checks() {
  return {
      {"reserved stock is what live orders hold", &sql::reserved_is_held},
      {"the ledger has each order's movements", &sql::movements_of_orders},
      {"an order's subtotal is the sum of its lines", &sql::totals_are_sums},
      {"every line has its order and its variant", &sql::lines_have_their_order},
      {"an order's discount, shipping and tax are explained", &sql::totals_are_explained},
      {"and so are those of its lines", &sql::lines_are_explained},
      {"live orders use the promotions they had", &sql::live_orders_use_their_promotions},
      {"each completed order has one receipt task", &sql::one_receipt_task},
  };
}

} // namespace nexus::orders
