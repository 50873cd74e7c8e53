// What a customer is told of an order, as text and as HTML.
#pragma once

#include "orders/order.hpp"

#include <string>
#include <string_view>

namespace nexus::notifications {

enum class occasion { placed, completed, expired, cancelled, shipped };

// Where the customer may go; empty: nowhere is named.
struct links {
  std::string see; // the order
  std::string pay; // where to pay for it, or how
};

struct letter {
  std::string subject, text, html;
};

letter render(occasion about, const orders::order& o, std::string_view shop_name, const links& to);

} // namespace nexus::notifications
