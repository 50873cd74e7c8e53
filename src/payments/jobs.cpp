// What the worker does for payments.
#include "payments/carry_refund.hpp"
#include "payments/reconcile.hpp"
#include "platform/json/decode.hpp"

namespace nexus::payments {

namespace {

using namespace std::chrono_literals;

struct refund_task {
  uuid refund_id{};
  static constexpr std::string_view schema_name = "RefundTask";
  template <class V>
  static constexpr void fields(V&& field) {
    field("refund_id", &refund_task::refund_id);
  }
};

struct refund_due_task {
  uuid order_id{};
  static constexpr std::string_view schema_name = "RefundDueTask";
  template <class V>
  static constexpr void fields(V&& field) {
    field("order_id", &refund_due_task::order_id);
  }
};

template <class T>
std::optional<T> read(const std::string& payload) {
  const auto parsed = json::parse(payload);
  if (!parsed)
    return std::nullopt;
  auto task = json::decode<T>(*parsed);
  return task ? std::optional(std::move(*task)) : std::nullopt;
}

// The first step at once; the reconciler takes the others.
awaitable<tasks::outcome> send_refund(std::shared_ptr<const till> t, db::session db, tasks::task task) {
  const auto asked = read<refund_task>(task.payload);
  if (!asked || !co_await look_after_refund(db, *t, asked->refund_id, *t->settings.clock))
    co_return tasks::outcome::give_up("there is no such refund");
  co_return tasks::outcome::done();
}

awaitable<tasks::outcome> refund_order(std::shared_ptr<const till> t, db::session db, tasks::task task) {
  const auto asked = read<refund_due_task>(task.payload);
  if (!asked)
    co_return tasks::outcome::give_up("the payload names no order");
  co_await open_refunds_of_order(db, *t, asked->order_id, t->settings.clock->now());
  co_return tasks::outcome::done();
}

} // namespace

std::vector<tasks::handler> handlers(const settings& s) {
  const auto t = make_till(s);
  return {
      {send_refund_task, [t](db::session db, const tasks::task& task) { return send_refund(t, db, task); }},
      {orders::refund_due_event,
       [t](db::session db, const tasks::task& task) { return refund_order(t, db, task); }},
  };
}

std::vector<tasks::periodic> schedule(const settings& s) {
  const auto t = make_till(s);
  return {{"look_after_payments", 1s, [t](db::session db) { return reconcile(db, *t, *t->settings.clock); }}};
}

} // namespace nexus::payments
