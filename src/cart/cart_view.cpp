#include "cart/cart_view.hpp"

#include "cart/cart.sql.hpp"
#include "inventory/inventory.hpp"

namespace nexus::cart {

const catalogue::offer* find_offer(std::span<const catalogue::offer> offers, std::int64_t variant_id) {
  const auto at =
      std::lower_bound(offers.begin(), offers.end(), variant_id,
                       [](const catalogue::offer& o, std::int64_t id) { return o.variant_id < id; });
  return at != offers.end() && at->variant_id == variant_id ? &*at : nullptr;
}

item_view view_of(const item_row& row, const catalogue::offer* offer) {
  item_view out;
  out.id = row.id;
  out.variant_id = row.variant_id;
  out.quantity = row.quantity;
  if (offer == nullptr) {
    out.warnings.push_back({"unavailable", "This is no longer sold."});
    return out;
  }
  out.product_id = offer->product_id;
  out.sku = offer->sku;
  out.product_name = offer->product_name;
  out.product_slug = offer->product_slug;
  out.variant_name = offer->variant_name;
  out.image = offer->image_url;
  out.unit_price = offer->price;
  out.currency = offer->price.currency;
  out.total = multiply(offer->price, row.quantity).value_or(money{0, offer->price.currency});
  out.available = offer->available;
  if (offer->price.minor != row.unit_price)
    out.warnings.push_back(
        {"price_changed", "It was " + to_string(money{row.unit_price, offer->price.currency}) +
                              " when you added it, now it is " + to_string(offer->price) + "."});
  if (offer->available < row.quantity)
    out.warnings.push_back({"insufficient_stock", offer->available == 0
                                                      ? std::string("It is sold out.")
                                                      : fmt::format("Only {} left.", offer->available)});
  return out;
}

awaitable<view> load(db::queryable& db, header of) {
  view out{of.id, {}, {}, {}, of.created_at, of.updated_at};
  const db::rows found = co_await db.query(sql::list_items, of.id);
  std::vector<item_row> items;
  std::vector<std::int64_t> variant_ids;
  for (const db::row row : found) {
    const auto [id, variant_id, quantity, unit_price] =
        row.as<std::int64_t, std::int64_t, int, std::int64_t>();
    items.push_back({id, variant_id, quantity, unit_price});
    variant_ids.push_back(variant_id);
  }
  std::vector<catalogue::offer> offers;
  if (!variant_ids.empty())
    offers = co_await catalogue::find_offers(db, std::move(variant_ids));
  for (auto row = items.rbegin(); row != items.rend(); ++row) // the first item that is still sold says which
    if (const auto* offer = find_offer(offers, row->variant_id))
      out.currency = out.subtotal.currency = offer->price.currency;
  for (const item_row& row : items) {
    out.items.push_back(view_of(row, find_offer(offers, row.variant_id)));
    item_view& item = out.items.back();
    if (item.product_id && item.currency != out.currency)
      // Staff have changed a product's currency since; an order takes one currency.
      item.warnings.push_back(
          {"currency_mismatch", "It is sold in another currency than the rest: order it apart."});
    else if (item.product_id)
      out.subtotal = add(out.subtotal, item.total).value_or(out.subtotal);
    else
      out.items.back().currency = out.items.back().unit_price.currency = out.items.back().total.currency =
          out.currency;
  }
  co_return out;
}

awaitable<result<catalogue::offer>> offer_for(db::queryable& db, std::int64_t variant_id, int quantity,
                                              std::string_view pointer) {
  auto offers = co_await catalogue::find_offers(db, {variant_id});
  if (offers.empty())
    co_return problem(errors::validation_error, "The request has fields that are not valid.",
                      {{std::string(pointer), "unknown_reference", "There is no such variant on sale."}});
  catalogue::offer& offer = offers.front();
  if (offer.available < quantity) {
    problem short_of(inventory::insufficient_stock,
                     fmt::format("Only {} of it can be had.", offer.available));
    short_of.members = {{"variant_id", variant_id},
                        {"sku", offer.sku},
                        {"requested", std::int64_t{quantity}},
                        {"available", std::int64_t{offer.available}}};
    co_return short_of;
  }
  co_return std::move(offer);
}

} // namespace nexus::cart
