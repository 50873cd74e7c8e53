#include "notifications/credit_note.hpp"

#include "notifications/deliver.hpp"
#include "notifications/mime.hpp"
#include "notifications_templates.hpp"
#include "orders/orders.hpp"
#include "platform/json/decode.hpp"
#include "platform/log/log.hpp"

#include <kainjow/mustache.hpp>

namespace nexus::notifications {

namespace {

namespace m = kainjow::mustache;

struct refund_task {
  uuid order_id{};
  std::string amount, currency, reference;
  static constexpr std::string_view schema_name = "RefundCompletedTask";
  template <class V>
  static constexpr void fields(V&& field) {
    field("order_id", &refund_task::order_id);
    field("amount", &refund_task::amount);
    field("currency", &refund_task::currency);
    field("reference", &refund_task::reference);
  }
};

std::optional<refund_task> read(const std::string& payload) {
  const auto parsed = json::parse(payload);
  if (!parsed)
    return std::nullopt;
  auto task = json::decode<refund_task>(*parsed);
  return task ? std::optional(std::move(*task)) : std::nullopt;
}

std::string render(std::string_view name, m::data& fields) {
  for (const embedded::file& f : embedded::notifications_templates())
    if (f.name == name) {
      m::mustache page{std::string(f.bytes)};
      return page.render(fields);
    }
  throw std::logic_error("notifications: no template " + std::string(name));
}

awaitable<tasks::outcome> send(std::shared_ptr<const settings> s, db::session db, tasks::task task) {
  const auto said = read(task.payload);
  if (!said)
    co_return tasks::outcome::give_up("the payload names no refund");
  const auto order = co_await orders::find(db, said->order_id);
  if (!order)
    co_return tasks::outcome::give_up("there is no such order");
  if (!is_mail_address(order->email)) {
    log::warn("a credit note cannot be sent to this address", {{"order", order->number}});
    co_return tasks::outcome::give_up("the order's address cannot be written to");
  }
  credit_note note =
      render_credit_note(*order, said->amount + " " + said->currency, said->reference, s->shop_name);
  const std::string domain = s->mail_from.substr(s->mail_from.rfind('@') + 1);
  mail letter{.from_name = s->shop_name,
              .from = s->mail_from,
              .to = order->email,
              .subject = std::move(note.subject),
              .text = std::move(note.text),
              .html = std::move(note.html),
              .message_id = fmt::format("credit-note.task-{}.{}@{}", task.id, to_string(order->id), domain),
              .date = s->clock->now()};
  co_return co_await deliver(*s, order->email, to_message(letter),
                             fmt::format("credit-note-{:010}.eml", task.id));
}

} // namespace

credit_note render_credit_note(const orders::order& o, std::string_view amount, std::string_view reference,
                               std::string_view shop_name) {
  m::data fields;
  fields.set("shop", std::string(shop_name));
  fields.set("number", o.number); // ours: letters, digits and '-'
  fields.set("placed_at", to_rfc3339(std::chrono::floor<std::chrono::minutes>(o.placed_at)).substr(0, 10));
  fields.set("amount", std::string(amount));
  fields.set("total", to_string(o.total) + " " + std::string(o.total.currency.code()));
  fields.set("reference", std::string(reference));
  return {"Credit note for order " + o.number, render("credit_note.txt", fields),
          render("credit_note.html", fields)};
}

tasks::handler credit_note_handler(std::shared_ptr<const settings> s) {
  return {orders::refunded_event,
          [s = std::move(s)](db::session db, const tasks::task& task) { return send(s, db, task); }};
}

} // namespace nexus::notifications
