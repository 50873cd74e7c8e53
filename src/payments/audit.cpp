#include "payments/audit.sql.hpp"
#include "payments/payments.hpp"

namespace nexus::payments {

std::vector<db::consistency_check> consistency_checks() {
  return {
      {"what an order was paid is what its payments captured", &sql::paid_is_captured},
      {"what an order was refunded is what its payments were", &sql::refunded_is_refunded},
      {"the ledger has what each payment captured and refunded", &sql::captured_is_in_the_ledger},
      {"a payment has reserved and refunded what its refunds say", &sql::refunds_are_reserved},
      {"each refund that has arrived has one credit note's task", &sql::refunded_has_its_credit_note},
      {"a refund is in the currency that was captured", &sql::refund_is_in_its_currency},
      {"a successful payment has completed its order", &sql::success_has_completed_its_order},
      {"a completed order has the payment that settled it", &sql::completed_order_has_its_payment},
  };
}

} // namespace nexus::payments
