#include "inventory/audit.sql.hpp"
#include "inventory/inventory.hpp"

namespace nexus::inventory {

std::vector<db::consistency_check> consistency_checks() {
  return {
      {"stock is the sum of its movements", &sql::stock_is_its_movements},
      {"every variant has its row of stock", &sql::variants_have_stock},
  };
}

} // namespace nexus::inventory
