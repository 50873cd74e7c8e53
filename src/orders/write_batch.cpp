#include "orders/write_batch.hpp"

#include "cart/cart.hpp"
#include "inventory/inventory.hpp"
#include "orders/placement.sql.hpp"
#include "orders/use_cases.hpp"

namespace nexus::orders {

namespace {

void write_orders(db::transaction& tx, const std::vector<order>& orders) {
  std::vector<uuid> ids;
  std::vector<std::string_view> numbers, emails, currencies, addresses, notes;
  std::vector<std::optional<std::int64_t>> users;
  std::vector<std::int64_t> subtotals, discounts, shippings, taxes, taxes_included, totals;
  for (const order& o : orders) {
    ids.push_back(o.id);
    numbers.push_back(o.number);
    users.push_back(o.user_id);
    emails.push_back(o.email);
    currencies.push_back(o.currency.code());
    subtotals.push_back(o.subtotal.minor);
    discounts.push_back(o.discount.minor);
    shippings.push_back(o.shipping.minor);
    taxes.push_back(o.tax.minor);
    taxes_included.push_back(o.tax_included.minor);
    totals.push_back(o.total.minor);
    addresses.push_back(o.shipping_address.text);
    notes.push_back(o.note);
  }
  tx.send(sql::insert_orders, ids, numbers, users, emails, currencies, subtotals, discounts, shippings, taxes,
          taxes_included, totals, addresses, notes, orders.front().placed_at, orders.front().expires_at);
}

void write_lines(db::transaction& tx, const std::vector<order>& orders) {
  std::vector<uuid> ids;
  std::vector<int> positions, quantities;
  std::vector<std::int64_t> variants, prices, discounts, taxes;
  std::vector<std::string_view> skus, products, names;
  for (const order& o : orders)
    for (std::size_t i = 0; i < o.items.size(); ++i) {
      const order_line& item = o.items[i];
      ids.push_back(o.id);
      positions.push_back(static_cast<int>(i + 1));
      variants.push_back(item.variant_id);
      skus.push_back(item.sku);
      products.push_back(item.product_name);
      names.push_back(item.variant_name);
      quantities.push_back(item.quantity);
      prices.push_back(item.unit_price.minor);
      discounts.push_back(item.discount.minor);
      taxes.push_back(item.tax.minor);
    }
  tx.send(sql::insert_order_lines, ids, positions, variants, skus, products, names, quantities, prices,
          discounts, taxes);
}

void write_adjustments(db::transaction& tx, const std::vector<order>& orders) {
  std::vector<uuid> ids;
  std::vector<int> positions;
  std::vector<std::string_view> kinds, labels;
  std::vector<std::optional<std::string_view>> codes;
  std::vector<std::optional<int>> lines;
  std::vector<std::int64_t> rules, amounts;
  std::vector<bool> included;
  for (const order& o : orders)
    for (std::size_t i = 0; i < o.adjustments.size(); ++i) {
      const order_adjustment& a = o.adjustments[i];
      ids.push_back(o.id);
      positions.push_back(static_cast<int>(i + 1));
      kinds.push_back(json::name_of(a.kind));
      rules.push_back(a.rule_id);
      labels.push_back(a.label);
      codes.push_back(a.code ? std::optional<std::string_view>(*a.code) : std::nullopt);
      lines.push_back(a.line ? std::optional(*a.line + 1) : std::nullopt); // the position of its order_line
      amounts.push_back(a.amount.minor);
      included.push_back(a.is_included);
    }
  if (!ids.empty())
    tx.send(sql::insert_adjustments, ids, positions, kinds, rules, labels, codes, lines, amounts, included);
}

void hold_stock(db::transaction& tx, const std::vector<order>& orders, time_point now) {
  std::vector<inventory::order_pieces> held;
  for (const order& o : orders)
    for (const order_line& item : o.items)
      held.push_back({o.id, item.variant_id, item.quantity});
  inventory::reserve(tx, held, now);
}

void enqueue_tasks(db::transaction& tx, const tasks::outbox& outbox, const std::vector<order>& orders,
                   time_point now) {
  std::vector<tasks::new_task> placed;
  for (const order& o : orders)
    if (o.status == order_status::completed)
      announce_completed(tx, outbox, o.id, now);
    else
      placed.push_back(event_task(placed_event, o.id));
  outbox.enqueue_all(tx, placed, now);
}

} // namespace

void write(db::transaction& tx, const tasks::outbox& outbox, const batch_writes& w, time_point now) {
  write_orders(tx, w.orders);
  write_lines(tx, w.orders);
  write_adjustments(tx, w.orders);
  hold_stock(tx, w.orders, now);
  pricing::write_uses(tx, w.uses, now);
  cart::end(tx, w.carts, now);
  enqueue_tasks(tx, outbox, w.orders, now);
  api::idempotency::store_all(tx, w.answers, w.outdated_keys, now);
}

} // namespace nexus::orders
