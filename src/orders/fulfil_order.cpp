// Shipping and delivery, by staff.
#include "orders/use_cases.hpp"

namespace nexus::orders {

namespace {

awaitable<result<order>> step(api::context& c, db::transaction& tx, settings s, uuid id, order_event event) {
  const auto status = co_await advance(tx, *s.outbox, id, event, c.principal->user_id, c.now());
  if (!status)
    co_return status.error();
  auto after = co_await find(tx, id);
  co_return std::move(*after);
}

} // namespace

api::endpoint ship_order(const settings& s) {
  return api::post("/{order_id}/ship/", "ship_order",
                   "The paid order leaves the house, and its stock with it")
      .needs("orders.write")
      .fails({&errors::not_found, &order_not_paid, &order_not_shipped, &order_expired, &order_cancelled,
              &order_refunded})
      .handle(
          [s](api::context& c, db::transaction& tx, api::request<order_path> in) -> awaitable<result<order>> {
            return step(c, tx, s, in.path.order_id, order_event::ship);
          });
}

api::endpoint deliver_order(const settings& s) {
  return api::post("/{order_id}/deliver/", "deliver_order", "The shipped order has arrived")
      .needs("orders.write")
      .fails({&errors::not_found, &order_not_paid, &order_not_shipped, &order_expired, &order_cancelled,
              &order_refunded})
      .handle(
          [s](api::context& c, db::transaction& tx, api::request<order_path> in) -> awaitable<result<order>> {
            return step(c, tx, s, in.path.order_id, order_event::deliver);
          });
}

} // namespace nexus::orders
