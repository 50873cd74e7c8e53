#include "cart/cart.sql.hpp"
#include "cart/cart_view.hpp"
#include "inventory/inventory.hpp"

namespace nexus::cart {

namespace {

struct set_quantity_body {
  int quantity = 0;

  static constexpr std::string_view schema_name = "SetCartItemQuantity";
  template <class V>
  static constexpr void fields(V&& field) {
    field("quantity", &set_quantity_body::quantity, {.minimum = 1, .maximum = max_quantity});
  }
};

awaitable<result<item_view>> handle(api::context& c, db::transaction& tx,
                                    api::request<item_path, none, set_quantity_body> in) {
  const auto found = read_header(co_await tx.query(sql::lock_cart, in.path.cart_id), in.path.cart_id, c);
  if (!found)
    co_return found.error();
  const auto item = co_await tx.query(sql::find_item, in.path.cart_id, in.path.item_id);
  if (item.empty())
    co_return problem(errors::not_found, "There is no such item in this cart.");
  const auto variant_id = item.front().get<std::int64_t>(1);
  const auto offer = co_await offer_for(tx, variant_id, in.body.quantity, "/quantity");
  if (!offer)
    co_return offer.error();
  tx.send(sql::set_quantity, in.path.cart_id, in.path.item_id, in.body.quantity, offer->price.minor);
  tx.send(sql::touch_cart, in.path.cart_id, c.now());
  co_return view_of({in.path.item_id, variant_id, in.body.quantity, offer->price.minor}, &*offer);
}

} // namespace

api::endpoint set_quantity() {
  return api::patch("/{cart_id}/items/{item_id}/", "set_cart_item_quantity", "Set how many of an item")
      .open()
      .fails({&errors::not_found, &cart_ordered, &inventory::insufficient_stock})
      .handle(handle);
}

} // namespace nexus::cart
