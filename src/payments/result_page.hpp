// What a payer's browser sees after paying: a page in words, in English or Amharic, light, without
// JavaScript; or the way to the shop front.
#pragma once

#include "orders/order.hpp"
#include "payments/attempt.hpp"

#include <string>

namespace nexus::payments {

enum class language { english, amharic };

// ?lang=am or en where the reader has chosen, else what the browser prefers (Accept-Language); English where
// it prefers neither.
language language_of(std::string_view chosen, std::string_view accept_language);

struct outcome_view {
  attempt_status status = attempt_status::pending;
  std::string order_number;
  money amount;
  std::string payment_url; // to try again in the same session; empty where there is none
  std::string start_url;   // a form posted there starts another payment; empty where the order takes none
  bool is_manual = false;  // paid in cash or by transfer
  payments::language language = payments::language::english;
};

// HTML.
std::string render_result_page(const outcome_view& v);
// After how many seconds the browser shall look again; 0: never. It goes into the Refresh header: as a meta
// element it would be a barrier that checkers of accessibility refuse.
int looks_again_after_s(const outcome_view& v);

// storefront + "?order=…&status=…", or "&" where it has a query already.
std::string storefront_address(const std::string& storefront, const uuid& order, attempt_status status);

} // namespace nexus::payments
