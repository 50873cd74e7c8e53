#include "core/text.hpp"
#include "orders/use_cases.hpp"

namespace nexus::orders {

bool may_see(const api::context& c, std::optional<std::int64_t> owner) {
  if (c.may("orders.read"))
    return true;
  return !owner || (c.principal && c.principal->user_id == *owner);
}

bool may_see(const api::context& c, std::optional<std::int64_t> owner, std::string_view order_email,
             const std::optional<std::string>& given_email, std::string_view permission) {
  if (c.may(permission))
    return true;
  if (owner && c.principal && c.principal->user_id == *owner)
    return true;
  return given_email && to_lower_ascii(*given_email) == to_lower_ascii(order_email);
}

api::endpoint get_order() {
  return api::get("/{order_id}/", "get_order",
                  "An order: by its user, by staff, or by a guest with its address")
      .open()
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<order_path, guest_query> in) -> awaitable<result<order>> {
        auto found = co_await find(c.db, in.path.order_id);
        if (!found || !may_see(c, found->user_id, found->email, in.query.email, "orders.read"))
          co_return problem(errors::not_found,
                            "There is no such order; guests add ?email= with the order's address.");
        co_return std::move(*found);
      });
}

} // namespace nexus::orders
