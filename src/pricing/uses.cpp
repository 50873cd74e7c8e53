#include "pricing/in_force.sql.hpp"
#include "pricing/pricing.hpp"

namespace nexus::pricing {

void write_uses(db::transaction& tx, const std::vector<use>& uses, time_point now) {
  if (uses.empty())
    return;
  std::vector<std::int64_t> promotions;
  std::vector<uuid> orders;
  std::vector<std::string_view> customers;
  for (const use& u : uses) {
    promotions.push_back(u.promotion_id);
    orders.push_back(u.order_id);
    customers.push_back(u.customer);
  }
  tx.send(sql::lock_limits, promotions); // those without limits were not locked before
  tx.send(sql::insert_uses, promotions, orders, customers, now);
  tx.send(sql::count_uses, promotions);
  tx.send(sql::count_uses_of_customers, promotions, customers);
}

void lock_uses_of(db::transaction& tx, const std::vector<uuid>& order_ids) {
  tx.send(sql::lock_limits_of_orders, order_ids);
}

void give_back(db::transaction& tx, const std::vector<uuid>& order_ids, time_point now) {
  if (order_ids.empty())
    return;
  tx.send(sql::give_back_uses, order_ids);
  tx.send(sql::give_back_uses_of_customers, order_ids);
  tx.send(sql::insert_uses_given_back, order_ids, now);
}

awaitable<std::optional<std::vector<use>>> lock_uses_again(db::transaction& tx, uuid order_id) {
  lock_uses_of(tx, {order_id});
  std::vector<use> out;
  for (const db::row row : co_await tx.query(sql::uses_given_back, order_id)) {
    auto [promotion_id, customer, is_left] = row.as<std::int64_t, std::string, bool>();
    if (!is_left)
      co_return std::nullopt;
    out.push_back({promotion_id, order_id, std::move(customer)});
  }
  co_return out;
}

} // namespace nexus::pricing
