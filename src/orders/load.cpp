#include "orders/load.hpp"

#include "orders/orders.sql.hpp"

namespace nexus::orders {

namespace {

order header_of(const db::row& row) {
  order out;
  out.id = row.get<uuid>(0);
  out.number = row.get<std::string>(1);
  out.status = json::parse_enum<order_status>(row.get<std::string_view>(2)).value();
  out.placed_at = row.get<time_point>(3);
  out.expires_at = row.get<time_point>(4);
  out.email = row.get<std::string>(5);
  out.shipping_address = {row.get<std::string>(6)};
  out.note = row.get<std::string>(7);
  out.currency = currency::parse(row.get<std::string_view>(10)).value();
  out.subtotal = {row.get<std::int64_t>(8), out.currency};
  out.total = {row.get<std::int64_t>(9), out.currency};
  out.payment.status = json::parse_enum<payment_status>(row.get<std::string_view>(11)).value();
  out.payment.paid = {row.get<std::int64_t>(12), out.currency};
  out.payment.refunded = {row.get<std::int64_t>(13), out.currency};
  out.user_id = row.get<std::optional<std::int64_t>>(14);
  out.discount = {row.get<std::int64_t>(15), out.currency};
  out.shipping = {row.get<std::int64_t>(16), out.currency};
  out.tax = {row.get<std::int64_t>(17), out.currency};
  out.tax_included = {row.get<std::int64_t>(18), out.currency};
  return out;
}

order_adjustment adjustment_of(const db::row& row, currency in) {
  const auto [order_id, kind, rule_id, label, code, line, amount, is_included] =
      row.as<uuid, std::string_view, std::int64_t, std::string, std::optional<std::string>,
             std::optional<int>, std::int64_t, bool>();
  return {json::parse_enum<pricing::adjustment_kind>(kind).value(), rule_id,      label,      code,
          line ? std::optional(*line - 1) : std::nullopt,           {amount, in}, is_included};
}

} // namespace

awaitable<std::vector<order>> load_all(db::queryable& db, db::rows headers) {
  std::vector<order> orders;
  std::vector<uuid> ids;
  for (const db::row row : headers) {
    orders.push_back(header_of(row));
    ids.push_back(orders.back().id);
  }
  if (orders.empty())
    co_return orders;
  const db::rows lines = co_await db.query(sql::list_lines, ids);
  std::map<uuid, std::size_t> position;
  for (std::size_t i = 0; i < orders.size(); ++i)
    position[ids[i]] = i;
  for (const db::row row : lines) {
    const auto [id, variant_id, sku, product, variant, quantity, unit_price, total, discount, tax] =
        row.as<uuid, std::int64_t, std::string, std::string, std::string, int, std::int64_t, std::int64_t,
               std::int64_t, std::int64_t>();
    order& of = orders[position.at(id)];
    const currency in = of.currency;
    of.items.push_back({variant_id,
                        sku,
                        product,
                        variant,
                        quantity,
                        {unit_price, in},
                        {total, in},
                        {discount, in},
                        {tax, in}});
  }
  const db::rows why = co_await db.query(sql::list_adjustments, ids);
  for (const db::row row : why) {
    order& of = orders[position.at(row.get<uuid>(0))];
    of.adjustments.push_back(adjustment_of(row, of.currency));
  }
  co_return orders;
}

awaitable<std::optional<order>> find(db::queryable& db, const uuid& id) {
  auto found = co_await load_all(db, co_await db.query(sql::find_order, id));
  if (found.empty())
    co_return std::nullopt;
  co_return std::move(found.front());
}

} // namespace nexus::orders
