// The task "order.completed": one receipt.
#include "notifications/deliver.hpp"
#include "notifications/mime.hpp"
#include "notifications/receipt.hpp"
#include "orders/orders.hpp"
#include "platform/json/decode.hpp"
#include "platform/log/log.hpp"

namespace nexus::notifications {

namespace {

struct order_task {
  uuid order_id{};
  static constexpr std::string_view schema_name = "OrderTask";
  template <class V>
  static constexpr void fields(V&& field) {
    field("order_id", &order_task::order_id);
  }
};

std::optional<uuid> order_of(const std::string& payload) {
  const auto parsed = json::parse(payload);
  if (!parsed)
    return std::nullopt;
  const auto task = json::decode<order_task>(*parsed);
  return task ? std::optional(task->order_id) : std::nullopt;
}

std::string file_name_of(std::int64_t task_id) { return fmt::format("receipt-{:010}.eml", task_id); }

awaitable<tasks::outcome> send_receipt(const settings& s, db::session db, tasks::task task) {
  const auto id = order_of(task.payload);
  if (!id)
    co_return tasks::outcome::give_up("the payload names no order");
  const auto order = co_await orders::find(db, *id);
  if (!order)
    co_return tasks::outcome::give_up("there is no such order");
  if (!is_mail_address(order->email)) {
    log::warn("a receipt cannot be sent to this address", {{"order", order->number}});
    co_return tasks::outcome::give_up("the order's address cannot be written to");
  }
  receipt r = render_receipt(*order, s.shop_name);
  const std::string domain = s.mail_from.substr(s.mail_from.rfind('@') + 1);
  mail m{.from_name = s.shop_name,
         .from = s.mail_from,
         .to = order->email,
         .subject = std::move(r.subject),
         .text = std::move(r.text),
         .html = std::move(r.html),
         .message_id = fmt::format("receipt.task-{}.{}@{}", task.id, to_string(order->id), domain),
         .date = s.clock->now()};
  co_return co_await deliver(s, order->email, to_message(m), file_name_of(task.id));
}

} // namespace

std::vector<tasks::handler> handlers(const settings& s) {
  const auto shared = std::make_shared<const settings>(s);
  return {{orders::completed_event, [shared](db::session db, const tasks::task& task) {
             return [](std::shared_ptr<const settings> keep, db::session session,
                       tasks::task t) -> awaitable<tasks::outcome> {
               co_return co_await send_receipt(*keep, session, std::move(t));
             }(shared, db, task);
           }}};
}

} // namespace nexus::notifications
