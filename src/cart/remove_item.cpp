#include "cart/cart.sql.hpp"
#include "cart/cart_view.hpp"

namespace nexus::cart {

api::endpoint remove_item() {
  return api::del("/{cart_id}/items/{item_id}/", "remove_cart_item", "Remove an item")
      .open()
      .fails({&errors::not_found, &cart_ordered})
      .handle(
          [](api::context& c, db::transaction& tx, api::request<item_path> in) -> awaitable<result<none>> {
            const auto found =
                read_header(co_await tx.query(sql::lock_cart, in.path.cart_id), in.path.cart_id, c);
            if (!found)
              co_return found.error();
            const auto deleted = co_await tx.query(sql::delete_item, in.path.cart_id, in.path.item_id);
            if (deleted.affected() == 0)
              co_return problem(errors::not_found, "There is no such item in this cart.");
            tx.send(sql::touch_cart, in.path.cart_id, c.now());
            co_return none{};
          });
}

} // namespace nexus::cart
