// The receipt of a completed order, as text and as HTML.
#pragma once

#include "orders/order.hpp"

#include <string>
#include <string_view>

namespace nexus::notifications {

struct receipt {
  std::string subject, text, html;
};

receipt render_receipt(const orders::order& o, std::string_view shop_name);

} // namespace nexus::notifications
