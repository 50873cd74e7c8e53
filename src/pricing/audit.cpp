#include "pricing/audit.sql.hpp"
#include "pricing/pricing.hpp"

namespace nexus::pricing {

std::vector<db::consistency_check> consistency_checks() {
  return {
      {"a promotion's uses are those of its ledger", &sql::used_is_its_uses},
      {"and so are those of each customer", &sql::customers_used_are_their_uses},
      {"an order uses a promotion once", &sql::a_use_is_once},
  };
}

} // namespace nexus::pricing
