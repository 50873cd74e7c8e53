#include "cart/cart.sql.hpp"
#include "cart/cart_view.hpp"

namespace nexus::cart {

api::endpoint get_cart() {
  return api::get("/{cart_id}/", "get_cart", "A cart with today's prices and stock")
      .open()
      .fails({&errors::not_found, &cart_ordered})
      .handle([](api::context& c, api::request<cart_path> in) -> awaitable<result<view>> {
        const auto found =
            read_header(co_await c.db.query(sql::find_cart, in.path.cart_id), in.path.cart_id, c);
        if (!found)
          co_return found.error();
        co_return co_await load(c.db, *found);
      });
}

} // namespace nexus::cart
