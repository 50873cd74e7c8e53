#include "orders/order_price.hpp"

namespace nexus::orders {

categories read_categories(const db::rows& found) {
  categories out;
  for (const db::row row : found) {
    const auto [product_id, category_id, distance] = row.as<std::int64_t, std::int64_t, int>();
    out[product_id].push_back({category_id, distance});
  }
  return out;
}

std::vector<pricing::basket_line> basket_lines(const std::vector<order_line>& items, const categories& of) {
  std::vector<pricing::basket_line> out;
  out.reserve(items.size());
  for (const order_line& item : items) {
    const auto at = of.find(item.product_id);
    out.push_back({item.variant_id, item.product_id,
                   at != of.end() ? at->second : std::vector<pricing::category>{}, item.quantity,
                   item.unit_price.minor, item.weight_grams});
  }
  return out;
}

bool price_plainly(order& o) {
  const money nothing{0, o.currency};
  money sum = nothing;
  for (order_line& item : o.items) {
    const auto total = multiply(item.unit_price, item.quantity);
    const auto more = total ? add(sum, *total) : std::nullopt;
    if (!more)
      return false;
    item.total = *total;
    item.discount = item.tax = nothing;
    sum = *more;
  }
  o.subtotal = o.total = sum;
  o.discount = o.shipping = o.tax = o.tax_included = nothing;
  return true;
}

void price_as(order& o, const pricing::quote& q) {
  const auto amount = [&](std::int64_t minor) { return money{minor, o.currency}; };
  for (std::size_t i = 0; i < o.items.size(); ++i) {
    o.items[i].total = amount(q.lines[i].total);
    o.items[i].discount = amount(q.lines[i].discount);
    o.items[i].tax = amount(q.lines[i].tax);
  }
  o.subtotal = amount(q.subtotal);
  o.discount = amount(q.discount);
  o.shipping = amount(q.shipping);
  o.tax = amount(q.tax);
  o.tax_included = amount(q.tax_included);
  o.total = amount(q.total);
  for (const pricing::adjustment& a : q.adjustments)
    o.adjustments.push_back({a.kind, a.rule_id, a.label, a.code,
                             a.line ? std::optional(static_cast<int>(*a.line)) : std::nullopt,
                             amount(a.amount), a.is_included});
}

} // namespace nexus::orders
