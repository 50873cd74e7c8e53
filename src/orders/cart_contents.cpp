#include "orders/cart_contents.hpp"

namespace nexus::orders {

bool cart_contents::add(const db::row& row) {
  const auto [cart_id, variant_id, quantity, sku, product, variant, price, code, is_sold, product_id,
              weight] = row.as<uuid, std::int64_t, int, std::string_view, std::string_view, std::string_view,
                               std::int64_t, std::string_view, bool, std::int64_t, int>();
  const currency now = currency::parse(code).value();
  mixed_currencies |= !items.empty() && now != in;
  in = now;
  const money nothing{0, in};
  items.push_back({variant_id,
                   std::string(sku),
                   std::string(product),
                   std::string(variant),
                   quantity,
                   {price, in},
                   nothing,
                   nothing,
                   nothing,
                   product_id,
                   weight});
  wanted.push_back({variant_id, quantity});
  return is_sold;
}

cart_contents read_contents(const db::rows& found) {
  cart_contents out;
  for (const db::row row : found)
    out.add(row);
  return out;
}

problem mixed_currencies() {
  return {errors::conflict, "The cart has things of several currencies; order them apart."};
}

} // namespace nexus::orders
