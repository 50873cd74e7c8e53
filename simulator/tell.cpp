// What the merchant is told, and how it goes wrong.
#include "platform/http/message.hpp"
#include "simulator/routes.hpp"

namespace nexus::chapa {

namespace {

namespace json = boost::json;

// Says what was never so: that money came.
void forge(json::object& body) {
  body["event"] = "charge.success";
  body["status"] = "success";
  body["amount"] = "1000000.00";
  body["failure_reason"] = nullptr;
}

delivery delivery_of(const treatment& t) {
  return {.delay = t.delay, .copies = t.copies, .is_held_back = t.is_reordered, .hold_back = t.hold_back};
}

void merge(json::object& into, const json::object& says) {
  for (const auto& [name, value] : says)
    into[name] = value;
}

std::string said(const json::object& says, std::string_view name, std::string truth) {
  const json::value* other = says.if_contains(name);
  return other && other->is_string() ? std::string(other->get_string()) : std::move(truth);
}

std::string callback_url(service& s, const transaction& t, const json::object& says) {
  if (!t.request.callback_url)
    return "";
  return callback_target(*t.request.callback_url, said(says, "tx_ref", t.request.tx_ref), t.reference,
                         said(says, "status", std::string(status_text(t.status, s.documented))));
}

subject subject_of(const transaction& t) { return {t.request.tx_ref, t.request.email.value_or("")}; }

void tell_by_webhook(service& s, const transaction& t, webhook_event event) {
  const treatment goes = strike(s, moment::webhook, subject_of(t));
  json::object body = webhook(t, event, s.documented != goes.other_source);
  if (goes.is_forged) {
    json::object forged = body;
    forge(forged);
    s.tell.post_webhook(to_json_text(forged), {.is_signed = false});
  }
  merge(body, goes.says);
  if (goes.is_sent)
    s.tell.post_webhook(to_json_text(body), delivery_of(goes));
}

} // namespace

void post_webhook(service& s, const transaction& t, message_wish wish) {
  json::object body = webhook(t, wish.event, s.documented);
  merge(body, wish.says);
  s.tell.post_webhook(to_json_text(body), wish.how);
}

void call_back(service& s, const transaction& t, const json::object& says, delivery how) {
  s.tell.call_back(callback_url(s, t, says), how);
}

void tell_merchant(service& s, const transaction& t, webhook_event event) {
  const treatment goes = strike(s, moment::callback, subject_of(t));
  if (goes.is_forged)
    call_back(s, t, {{"status", "success"}}, {});
  if (goes.is_sent)
    call_back(s, t, goes.says, delivery_of(goes));
  tell_by_webhook(s, t, event);
}

// Chapa has no callback for these.
void tell_refunded(service& s, const transaction& t) { tell_by_webhook(s, t, webhook_event::refunded); }

} // namespace nexus::chapa
