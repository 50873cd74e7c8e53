#include "cart/cart.sql.hpp"
#include "cart/cart_view.hpp"

namespace nexus::cart {

api::endpoint delete_cart() {
  return api::del("/{cart_id}/", "delete_cart", "Throw a cart away")
      .open()
      .fails({&errors::not_found, &cart_ordered})
      .handle(
          [](api::context& c, db::transaction& tx, api::request<cart_path> in) -> awaitable<result<none>> {
            const auto found =
                read_header(co_await tx.query(sql::lock_cart, in.path.cart_id), in.path.cart_id, c);
            if (!found)
              co_return found.error();
            tx.send(sql::delete_cart, in.path.cart_id);
            co_return none{};
          });
}

} // namespace nexus::cart
