// GET /payment/{tx_ref}/: a payment, and all that was said and done about it, in order.
#include "payments/endpoints.hpp"
#include "payments/payment_view.hpp"
#include "payments/payments.sql.hpp"
#include "payments/refund_view.hpp"

namespace nexus::payments {

namespace {

constexpr int events_shown = 1'000;

struct event_view {
  std::int64_t id = 0;
  std::string kind;
  std::string message;
  time_point created_at;

  static constexpr std::string_view schema_name = "PaymentEvent";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &event_view::id);
    field("kind", &event_view::kind,
          {.doc = "A change (success, refund.refunded, …) or a message, in or out"});
    field("message", &event_view::message, {.doc = "As it was received or sent, secrets masked"});
    field("created_at", &event_view::created_at);
  }
};

struct payment_history {
  payment_view payment;
  std::vector<refund_view> refunds;
  std::vector<event_view> events;

  static constexpr std::string_view schema_name = "PaymentHistory";
  template <class V>
  static constexpr void fields(V&& field) {
    field("payment", &payment_history::payment);
    field("refunds", &payment_history::refunds);
    field("events", &payment_history::events, {.doc = "The first 1,000, oldest first"});
  }
};

} // namespace

api::endpoint get_payment() {
  return api::get("/{tx_ref}/", "get_payment", "A payment, its refunds, and its history in order")
      .needs("payments.read")
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<payment_path> in) -> awaitable<result<payment_history>> {
        const auto a = co_await find_attempt(c.db, std::move(in.path.tx_ref));
        if (!a)
          co_return problem(errors::not_found, "There is no such payment.");
        payment_history out{.payment = view_of(*a)};
        for (const refund& each : co_await find_refunds(c.db, a->id))
          out.refunds.push_back(view_of(each));
        const db::rows events = co_await c.db.query(sql::list_events, a->id, events_shown);
        for (const db::row row : events) {
          auto [id, kind, message, at] = row.as<std::int64_t, std::string, std::string, time_point>();
          out.events.push_back({id, std::move(kind), std::move(message), at});
        }
        co_return out;
      });
}

} // namespace nexus::payments
