// What a payer's browser sees after paying: a page in words, light, without JavaScript; or the way to the
// shop front.
#pragma once

#include "orders/order.hpp"
#include "payments/attempt.hpp"

#include <string>

namespace nexus::payments {

struct outcome_view {
  attempt_status status = attempt_status::pending;
  std::string order_number;
  money amount;
  std::string payment_url; // to try again; empty where there is none
};

// HTML; while it is pending it asks again by itself.
std::string render_result_page(const outcome_view& v);

// storefront + "?order=…&status=…", or "&" where it has a query already.
std::string storefront_address(const std::string& storefront, const uuid& order, attempt_status status);

} // namespace nexus::payments
