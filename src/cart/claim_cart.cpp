#include "cart/cart.sql.hpp"
#include "cart/cart_view.hpp"

namespace nexus::cart {

namespace {

awaitable<result<view>> handle(api::context& c, db::transaction& tx, api::request<cart_path> in) {
  const uuid wanted = in.path.cart_id;
  const std::int64_t user_id = c.principal->user_id;
  const auto locked = co_await tx.query(sql::lock_carts_for_claim, wanted, user_id);
  std::optional<uuid> own;
  bool found = false;
  for (const db::row row : locked) {
    const auto [id, owner, ordered_at] =
        row.as<uuid, std::optional<std::int64_t>, std::optional<time_point>>();
    if (id != wanted) {
      own = id;
      continue;
    }
    if (owner && *owner != user_id)
      break; // somebody else's: as if it were not there
    if (ordered_at)
      co_return problem(cart_ordered, "This cart has become an order.");
    found = true;
    if (owner)
      own = id; // theirs already
  }
  if (!found)
    co_return problem(errors::not_found, "There is no such cart.");
  if (!own) {
    tx.send(sql::give_cart_to_user, wanted, user_id, c.now());
  } else if (*own != wanted) {
    const db::rows currencies = co_await tx.query(sql::currencies_of, std::vector{wanted, *own});
    if (currencies.size() > 1)
      co_return problem(currency_mismatch,
                        "The two carts are in different currencies; order one of them first.");
    tx.send(sql::merge_items, wanted, *own, max_quantity);
    tx.send(sql::delete_cart, wanted);
    tx.send(sql::touch_cart, *own, c.now());
  }
  const uuid id = own.value_or(wanted);
  const auto header = read_header(co_await tx.query(sql::find_cart, id), id, c);
  if (!header)
    co_return header.error();
  co_return co_await load(tx, *header);
}

} // namespace

api::endpoint claim_cart() {
  return api::post("/{cart_id}/claim/", "claim_cart", "Take a guest's cart; merged with the one you have")
      .signed_in()
      .fails({&errors::not_found, &cart_ordered, &currency_mismatch})
      .retries_on("cart_open_of_user") // two claims at once by a user who has no cart yet
      .handle(handle);
}

} // namespace nexus::cart
