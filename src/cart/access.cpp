// Who may use a cart, and the functions that orders call.
#include "cart/cart.sql.hpp"
#include "cart/cart_view.hpp"

namespace nexus::cart {

namespace {
const std::string no_such_cart = "There is no such cart.";
const std::string became_an_order = "This cart has become an order; make a new one.";
} // namespace

result<header> read_header(const db::rows& found, const uuid& id, const api::context& c) {
  if (found.empty())
    return problem(errors::not_found, no_such_cart);
  const auto [user_id, created_at, updated_at, ordered_at] =
      found.front().as<std::optional<std::int64_t>, time_point, time_point, std::optional<time_point>>();
  if (user_id && (!c.principal || c.principal->user_id != *user_id))
    return problem(errors::not_found, no_such_cart);
  if (ordered_at)
    return problem(cart_ordered, became_an_order);
  return header{id, user_id, created_at, updated_at};
}

db::asked ask_locked(db::transaction& tx, const std::vector<uuid>& ids) {
  return tx.ask(sql::lock_carts, ids);
}

std::vector<locked_cart> read_locked(const db::rows& found) {
  std::vector<locked_cart> out;
  out.reserve(static_cast<std::size_t>(found.size()));
  for (const db::row row : found) {
    const auto [id, user_id, is_open] = row.as<uuid, std::optional<std::int64_t>, bool>();
    out.push_back({id, user_id, is_open});
  }
  return out;
}

awaitable<std::optional<locked_cart>> find(db::queryable& db, const uuid& id) {
  const db::rows found = co_await db.query(sql::find_cart, id);
  if (found.empty())
    co_return std::nullopt;
  const db::row row = found.front();
  co_return locked_cart{id, row.get<std::optional<std::int64_t>>(0), row.is_null(3)};
}

std::optional<problem> refusal(const locked_cart* cart, std::optional<std::int64_t> who) {
  if (cart == nullptr || (cart->user_id && cart->user_id != who))
    return problem(errors::not_found, no_such_cart);
  if (!cart->is_open)
    return problem(cart_ordered, became_an_order);
  return std::nullopt;
}

void end(db::transaction& tx, const std::vector<uuid>& ids, time_point now) {
  tx.send(sql::end_carts, ids, now);
}

} // namespace nexus::cart
