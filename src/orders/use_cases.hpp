// The endpoints of this module, one use case a file, and what they share.
#pragma once

#include "orders/orders.hpp"

namespace nexus::orders {

// "7KQ4M-XR2PA": random, so that numbers tell nobody how much is sold.
std::string new_order_number();

struct order_path {
  uuid order_id{};
  static constexpr std::string_view schema_name = "OrderPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("order_id", &order_path::order_id);
  }
};

// A guest shows an order with its id and its address.
struct guest_query {
  std::optional<std::string> email;
  static constexpr std::string_view schema_name = "GuestQuery";
  template <class V>
  static constexpr void fields(V&& field) {
    field("email", &guest_query::email, {.form = json::format::email, .doc = "Guests: the order's address"});
  }
};

// The order's user, staff with the permission, or a guest who knows its address.
bool may_see(const api::context& c, std::optional<std::int64_t> owner, std::string_view order_email,
             const std::optional<std::string>& given_email, std::string_view permission);

// The event under the locks of its variants (ascending) and its row; writes the effect on the stock. Not
// found where there is no such order; a refusal as the table names it. Enqueues the event that the customer
// is told of. by: the user who does it, for the ledger.
awaitable<result<order_status>> advance(db::transaction& tx, const tasks::outbox& outbox, uuid id,
                                        order_event event, std::optional<std::int64_t> by, time_point now);

// What may be given of promotion codes, with an order and a quote.
inline constexpr json::rule promotion_codes_rule{.max_length = 10,
                                                 .optional = true,
                                                 .doc = "Each is used, or the answer says why not",
                                                 .example = "WELCOME10"};

// Enqueues the completed_event, once for each order.
void announce_completed(db::transaction& tx, const tasks::outbox& outbox, const uuid& id, time_point now);

api::endpoint create_order(const settings& s);
api::endpoint quote_order(const settings& s);
api::endpoint list_orders();
api::endpoint get_order();
api::endpoint cancel_order(const settings& s);
api::endpoint ship_order(const settings& s);
api::endpoint deliver_order(const settings& s);

} // namespace nexus::orders
