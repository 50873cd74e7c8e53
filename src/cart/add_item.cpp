#include "cart/cart.sql.hpp"
#include "cart/cart_view.hpp"
#include "inventory/inventory.hpp"

namespace nexus::cart {

namespace {

struct add_item_body {
  std::int64_t variant_id = 0;
  int quantity = 1;

  static constexpr std::string_view schema_name = "AddCartItem";
  template <class V>
  static constexpr void fields(V&& field) {
    field("variant_id", &add_item_body::variant_id, {.minimum = 1});
    field("quantity", &add_item_body::quantity, {.minimum = 1, .maximum = max_quantity, .optional = true});
  }
};

// The currency of what the cart has, where it has something that is still sold.
awaitable<std::optional<currency>> currency_of(db::queryable& db, header of) {
  const view cart = co_await load(db, of);
  for (const item_view& item : cart.items)
    if (item.product_id)
      co_return item.currency;
  co_return std::nullopt;
}

awaitable<result<item_view>> handle(api::context& c, db::transaction& tx,
                                    api::request<cart_path, none, add_item_body> in) {
  const auto found = read_header(co_await tx.query(sql::lock_cart, in.path.cart_id), in.path.cart_id, c);
  if (!found)
    co_return found.error();
  const auto held = co_await tx.query(sql::item_of_variant, in.path.cart_id, in.body.variant_id);
  const auto [has, items] = held.front().as<int, int>();
  const int quantity = has + in.body.quantity;
  if (quantity > max_quantity)
    co_return problem(errors::validation_error, "The request has fields that are not valid.",
                      {{"/quantity", "too_large", fmt::format("At most {} of one thing.", max_quantity)}});
  if (has == 0 && items >= max_items)
    co_return problem(cart_full, fmt::format("At most {} different things.", max_items));
  const auto offer = co_await offer_for(tx, in.body.variant_id, quantity, "/variant_id");
  if (!offer)
    co_return offer.error();
  if (has == 0 && items > 0) {
    const auto other = co_await currency_of(tx, *found);
    if (other && *other != offer->price.currency)
      co_return problem(currency_mismatch, "This cart is in " + std::string(other->code()) + ".");
  }
  const auto stored = co_await tx.query(sql::upsert_item, in.path.cart_id, in.body.variant_id, quantity,
                                        offer->price.minor, c.now());
  tx.send(sql::touch_cart, in.path.cart_id, c.now());
  co_return view_of({stored.front().get<std::int64_t>(0), in.body.variant_id, quantity, offer->price.minor},
                    &*offer);
}

} // namespace

api::endpoint add_item() {
  return api::post("/{cart_id}/items/", "add_cart_item", "Add a variant to a cart, or more of it")
      .open()
      .created()
      .idempotent()
      .fails(
          {&errors::not_found, &cart_ordered, &cart_full, &currency_mismatch, &inventory::insufficient_stock})
      .handle(handle);
}

} // namespace nexus::cart
