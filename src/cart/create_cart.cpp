#include "cart/cart.sql.hpp"
#include "cart/cart_view.hpp"

namespace nexus::cart {

// A signed-in user has one open cart: they get the one they have.
api::endpoint create_cart() {
  return api::post("/", "create_cart", "Make a cart, or get the one you have")
      .open()
      .created()
      .idempotent()
      .handle([](api::context& c, db::transaction& tx, api::request<>) -> awaitable<result<view>> {
        const auto user_id = c.principal ? std::optional(c.principal->user_id) : std::nullopt;
        header made{new_uuid(c.now()), user_id, c.now(), c.now()};
        const db::rows inserted = co_await tx.query(sql::insert_cart, made.id, user_id, made.created_at);
        if (inserted.affected() == 1)
          co_return view{made.id, {}, {}, {}, made.created_at, made.updated_at};
        const db::rows open = co_await tx.query(sql::find_open_cart_of, user_id);
        if (open.empty()) // it was ordered or deleted in between
          co_return problem(errors::conflict, "Your cart is changing at this moment; try again.");
        const auto id = open.front().get<uuid>(0);
        const auto found = read_header(co_await tx.query(sql::find_cart, id), id, c);
        if (!found)
          co_return found.error();
        co_return co_await load(tx, *found);
      });
}

} // namespace nexus::cart
