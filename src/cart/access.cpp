// Who may use a cart, and the functions that orders call.
#include "cart/cart.sql.hpp"
#include "cart/cart_view.hpp"

namespace nexus::cart {

namespace {
const std::string no_such_cart = "There is no such cart.";
}

result<header> read_header(const db::rows& found, const uuid& id, const api::context& c) {
  if (found.empty())
    return problem(errors::not_found, no_such_cart);
  const auto [user_id, created_at, updated_at, ordered_at] =
      found.front().as<std::optional<std::int64_t>, time_point, time_point, std::optional<time_point>>();
  if (user_id && (!c.principal || c.principal->user_id != *user_id))
    return problem(errors::not_found, no_such_cart);
  if (ordered_at)
    return problem(cart_ordered, "This cart has become an order; make a new one.");
  return header{id, user_id, created_at, updated_at};
}

awaitable<result<locked_cart>> lock(db::transaction& tx, const uuid& id, const api::context& c) {
  const auto found = read_header(co_await tx.query(sql::lock_cart, id), id, c);
  if (!found)
    co_return found.error();
  co_return locked_cart{found->id, found->user_id};
}

void end(db::transaction& tx, const uuid& id, time_point now) { tx.send(sql::end_cart, id, now); }

} // namespace nexus::cart
