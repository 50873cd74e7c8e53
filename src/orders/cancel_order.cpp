#include "orders/orders.sql.hpp"
#include "orders/use_cases.hpp"

namespace nexus::orders {

namespace {

// What was paid goes back: payments hear of it with the commit.
void announce_refund_due(db::transaction& tx, const settings& s, const uuid& id, time_point now) {
  const std::string text = to_string(id);
  tx.send(sql::set_payment_status, id, json::name_of(payment_status::refund_required));
  s.outbox->enqueue(
      tx, {refund_due_event, R"({"order_id":")" + text + R"("})", std::string(refund_due_event) + ":" + text},
      now);
}

awaitable<result<order>> cancel(api::context& c, db::transaction& tx,
                                api::request<order_path, guest_query> in, settings s) {
  const auto before = co_await find(tx, in.path.order_id);
  // With the address alone one may see any order, but end only a guest's.
  const auto given_email = before && before->user_id ? std::nullopt : in.query.email;
  if (!before || !may_see(c, before->user_id, before->email, given_email, "orders.write"))
    co_return problem(errors::not_found,
                      "There is no such order; guests add ?email= with the order's address.");
  const auto by = c.principal ? std::optional(c.principal->user_id) : std::nullopt;
  const auto event = c.may("orders.write") ? order_event::withdraw : order_event::cancel;
  const auto status = co_await advance(tx, *s.outbox, in.path.order_id, event, by, c.now());
  if (!status)
    co_return status.error();
  auto after = co_await find(tx, in.path.order_id);
  if (*status == order_status::cancelled && after->payment.paid.minor > after->payment.refunded.minor) {
    announce_refund_due(tx, s, in.path.order_id, c.now());
    after->payment.status = payment_status::refund_required;
  }
  co_return std::move(*after);
}

} // namespace

api::endpoint cancel_order(const settings& s) {
  return api::post("/{order_id}/cancel/", "cancel_order", "Cancel an order: its stock is free again")
      .open()
      .describe("While it is unpaid by who placed it; until it leaves the house by staff (orders.write), and "
                "then what was paid is refunded.")
      .fails(
          {&errors::not_found, &order_already_paid, &order_already_shipped, &order_expired, &order_refunded})
      .handle([s](api::context& c, db::transaction& tx,
                  api::request<order_path, guest_query> in) -> awaitable<result<order>> {
        return cancel(c, tx, std::move(in), s);
      });
}

} // namespace nexus::orders
