// What a customer is told when money has gone back, as text and as HTML.
#pragma once

#include "notifications/notifications.hpp"
#include "orders/order.hpp"

#include <string>
#include <string_view>

namespace nexus::notifications {

struct credit_note {
  std::string subject, text, html;
};

// amount: "125.50 ETB". reference: of the refund.
credit_note render_credit_note(const orders::order& o, std::string_view amount, std::string_view reference,
                               std::string_view shop_name);

// The task "refund.completed": one credit note.
tasks::handler credit_note_handler(std::shared_ptr<const settings> s);

} // namespace nexus::notifications
