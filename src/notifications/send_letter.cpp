// The tasks that orders enqueue: each one mail.
#include "notifications/credit_note.hpp"
#include "notifications/deliver.hpp"
#include "notifications/letter.hpp"
#include "notifications/mime.hpp"
#include "orders/orders.hpp"
#include "platform/http/message.hpp"
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

// kind: the first word of the mail's file and of its Message-ID. still: the states in which the news is still
// true; a worker that was away for long does not tell an order's customer what has been overtaken.
struct news {
  std::string_view event;
  occasion about;
  std::string_view kind;
  std::optional<orders::order_status> still = {};
};
constexpr news all_news[] = {
    {orders::placed_event, occasion::placed, "placed"},
    {orders::completed_event, occasion::completed, "receipt"},
    {orders::expired_event, occasion::expired, "expired", orders::order_status::expired},
    {orders::cancelled_event, occasion::cancelled, "cancelled"},
    {orders::shipped_event, occasion::shipped, "shipped"},
};

// With a storefront both are there; without one at our API, where paying is a call of its own.
links links_to(const orders::order& o, const settings& s) {
  if (!s.storefront_url.empty()) {
    const auto fragment = s.storefront_url.find('#');
    std::string there = s.storefront_url.substr(0, fragment);
    there += (there.find('?') == std::string::npos ? "?order=" : "&order=") + to_string(o.id);
    if (fragment != std::string::npos)
      there += s.storefront_url.substr(fragment);
    return {.see = there, .pay = there};
  }
  if (s.public_url.empty())
    return {};
  const std::string api = s.public_url + "/api/v1/", id = to_string(o.id) + "/";
  return {.see = api + "orders/" + id + (o.user_id ? "" : "?email=" + http::percent_encode(o.email)),
          .pay = "POST " + api + "payment/initiate/" + id};
}

mail mail_of(const news& n, const orders::order& o, const settings& s, std::int64_t task_id) {
  letter l = render(n.about, o, s.shop_name, links_to(o, s));
  const std::string domain = s.mail_from.substr(s.mail_from.rfind('@') + 1);
  return {.from_name = s.shop_name,
          .from = s.mail_from,
          .to = o.email,
          .subject = std::move(l.subject),
          .text = std::move(l.text),
          .html = std::move(l.html),
          .message_id = fmt::format("{}.task-{}.{}@{}", n.kind, task_id, to_string(o.id), domain),
          .date = s.clock->now()};
}

awaitable<tasks::outcome> send_letter(std::shared_ptr<const settings> s, const news* n, db::session db,
                                      tasks::task task) {
  const auto id = order_of(task.payload);
  if (!id)
    co_return tasks::outcome::give_up("the payload names no order");
  const auto order = co_await orders::find(db, *id);
  if (!order)
    co_return tasks::outcome::give_up("there is no such order");
  if (n->still && order->status != *n->still)
    co_return tasks::outcome::done();
  if (!is_mail_address(order->email)) {
    log::warn("a mail cannot be sent to this address", {{"order", order->number}, {"mail", n->kind}});
    co_return tasks::outcome::give_up("the order's address cannot be written to");
  }
  co_return co_await deliver(*s, order->email, to_message(mail_of(*n, *order, *s, task.id)),
                             fmt::format("{}-{:010}.eml", n->kind, task.id));
}

} // namespace

std::vector<tasks::handler> handlers(const settings& s) {
  const auto shared = std::make_shared<const settings>(s);
  std::vector<tasks::handler> all;
  for (const news& n : all_news)
    all.push_back({n.event, [shared, &n](db::session db, const tasks::task& task) {
                     return send_letter(shared, &n, db, task);
                   }});
  all.push_back(credit_note_handler(shared));
  return all;
}

} // namespace nexus::notifications
