#include "orders/orders.sql.hpp"
#include "orders/use_cases.hpp"

namespace nexus::orders {

namespace {

awaitable<result<order>> cancel(api::context& c, db::transaction& tx,
                                api::request<order_path, guest_query> in, settings s) {
  const auto before = co_await find(tx, in.path.order_id);
  // With the address alone one may see any order, but end only a guest's.
  const auto given_email = before && before->user_id ? std::nullopt : in.query.email;
  if (!before || !may_see(c, before->user_id, before->email, given_email, "orders.write"))
    co_return problem(errors::not_found,
                      "There is no such order; guests add ?email= with the order's address.");
  const auto by = c.principal ? std::optional(c.principal->user_id) : std::nullopt;
  const auto status = co_await advance(tx, *s.outbox, in.path.order_id, order_event::cancel, by, c.now());
  if (!status)
    co_return status.error();
  auto after = co_await find(tx, in.path.order_id);
  co_return std::move(*after);
}

} // namespace

api::endpoint cancel_order(const settings& s) {
  return api::post("/{order_id}/cancel/", "cancel_order", "Cancel an unpaid order: its stock is free again")
      .open()
      .fails(
          {&errors::not_found, &order_already_paid, &order_already_shipped, &order_expired, &order_refunded})
      .handle([s](api::context& c, db::transaction& tx,
                  api::request<order_path, guest_query> in) -> awaitable<result<order>> {
        return cancel(c, tx, std::move(in), s);
      });
}

} // namespace nexus::orders
