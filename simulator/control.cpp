// /_control: what tests ask of the simulator, in JSON. docs/chapa.md describes it.
//
// A POST must say that it is JSON, so that no web page of somebody else's can make one from a browser here.
#include "core/text.hpp"
#include "simulator/routes.hpp"
#include "simulator/wire.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include <array>
#include <charconv>

namespace nexus::chapa {

namespace {

namespace json = boost::json;
using segments = std::vector<std::string>;

constexpr std::size_t page_size = 100;
constexpr std::int64_t most_copies = 1'000;

http::response fault_response(int status, std::string_view what) {
  return json_response(status, json::object{{"error", what}});
}

json::object shown(const service& s, const refund& r) {
  return {{"ref", r.ref},
          {"merchant_reference", r.merchant_reference ? json::value(*r.merchant_reference) : json::value()},
          {"amount", to_string(r.amount)},
          {"status", name_of(s.all.status_of(r))}};
}

json::object shown(const service& s, const transaction& t) {
  json::array refunds;
  for (const refund& r : t.refunds)
    refunds.push_back(shown(s, r));
  return {{"tx_ref", t.request.tx_ref},
          {"status", name_of(t.status)},
          {"amount", to_string(t.request.amount)},
          {"currency", t.request.amount.currency.code()},
          {"email", t.request.email ? json::value(*t.request.email) : json::value()},
          {"reference", t.reference.empty() ? json::value() : json::value(t.reference)},
          {"attempts", t.attempts},
          {"link_expired", t.link_expired},
          {"checkout_url", s.public_url + "/checkout/payment/" + t.token},
          {"created_at", timestamp(t.created_at)},
          {"refunds", std::move(refunds)}};
}

json::object shown_whole(const service& s, const transaction& t) {
  json::object out = shown(s, t);
  json::array events, sightings;
  for (const log_entry& each : t.log)
    events.push_back(json::object{{"at", timestamp(each.at)}, {"what", each.message}});
  for (const witness::sighting& each : s.seen.of(t.request.tx_ref))
    sightings.push_back(json::object{{"at", timestamp(each.at)}, {"what", each.what}});
  out["events"] = std::move(events);
  out["seen"] = std::move(sightings);
  return out;
}

json::object shown(const fault_plan::entry& e) {
  json::object out = to_json(e.rule);
  out["id"] = e.id;
  out["fitted"] = e.fitted;
  out["struck"] = e.struck;
  return out;
}

// The body: an object, or (for faults) an array; nullopt where it is neither.
std::optional<json::value> body_of(const http::request& r) {
  boost::system::error_code fault;
  json::value out = r.body.empty() ? json::value(json::object()) : json::parse(r.body, fault);
  if (fault || (!out.is_object() && !out.is_array()))
    return std::nullopt;
  return out;
}

std::string text_in(const json::object& body, std::string_view name) {
  const json::value* found = body.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::int64_t number_in(const json::object& body, std::string_view name, std::int64_t otherwise,
                       std::int64_t most) {
  const json::value* found = body.if_contains(name);
  return found && found->is_int64() ? std::clamp<std::int64_t>(found->get_int64(), 0, most) : otherwise;
}

bool flag_in(const json::object& body, std::string_view name, bool otherwise) {
  const json::value* found = body.if_contains(name);
  return found && found->is_bool() ? found->get_bool() : otherwise;
}

json::object object_in(const json::object& body, std::string_view name) {
  const json::value* found = body.if_contains(name);
  return found && found->is_object() ? found->get_object() : json::object();
}

webhook_event event_of(payment_status s) {
  switch (s) {
  case payment_status::success:
    return webhook_event::paid;
  case payment_status::refunded:
    return webhook_event::refunded;
  case payment_status::reversed:
    return webhook_event::reversed;
  case payment_status::pending:
  case payment_status::failed:
  case payment_status::cancelled:
    break;
  }
  return webhook_event::failed_or_cancelled;
}

std::optional<webhook_event> parse_event(std::string_view name) {
  static constexpr std::array<std::string_view, 4> names{"charge.success", "charge.failed/cancelled",
                                                         "charge.refunded", "charge.reversed"};
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? std::nullopt
                              : std::optional(static_cast<webhook_event>(found - names.begin()));
}

// GET /_control/transactions?page=1
http::response list(const service& s, const http::request& r) {
  std::size_t page = 1;
  for (const auto& [name, value] :
       http::parse_query(r.query).value_or(std::vector<std::pair<std::string, std::string>>()))
    if (name == "page")
      std::from_chars(value.data(), value.data() + value.size(), page);
  page = std::clamp<std::size_t>(page, 1, s.all.size() + 1);
  json::array out;
  for (const transaction* t : s.all.page(page, page_size))
    out.push_back(shown(s, *t));
  return json_response(200, json::object{{"count", s.all.size()}, {"transactions", std::move(out)}});
}

// POST /_control/transactions/{tx_ref}: {"status": "success", "tell": true}
http::response force(service& s, const transaction& t, const json::object& body) {
  const auto to = parse_payment_status(text_in(body, "status"));
  if (!to)
    return fault_response(422,
                          "\"status\" must be pending, failed, cancelled, success, refunded or reversed");
  s.all.force(t, *to);
  if (flag_in(body, "tell", true) && *to != payment_status::pending)
    tell_merchant(s, t, event_of(*to));
  return json_response(200, shown_whole(s, t));
}

// POST /_control/transactions/{tx_ref}/webhooks: {"event"?, "times"?, "signed"?, "says"?}
http::response send_webhooks(service& s, const transaction& t, const json::object& body) {
  message_wish wish{.event = event_of(t.status), .says = object_in(body, "says")};
  if (body.contains("event")) {
    const auto event = parse_event(text_in(body, "event"));
    if (!event)
      return fault_response(422, "\"event\" must be one of charge.success, charge.failed/cancelled, "
                                 "charge.refunded, charge.reversed");
    wish.event = *event;
  }
  wish.how.copies = static_cast<int>(number_in(body, "times", 1, most_copies));
  wish.how.delay = std::chrono::milliseconds(number_in(body, "ms", 0, 3'600'000));
  wish.how.is_signed = flag_in(body, "signed", true);
  post_webhook(s, t, std::move(wish));
  return json_response(202, json::object{{"sending", true}});
}

// POST /_control/transactions/{tx_ref}/callbacks: {"times"?, "says"?}
http::response send_callbacks(service& s, const transaction& t, const json::object& body) {
  delivery how{.copies = static_cast<int>(number_in(body, "times", 1, most_copies))};
  call_back(s, t, object_in(body, "says"), how);
  return json_response(202, json::object{{"sending", true}});
}

http::response answer_transactions(service& s, const http::request& r, const segments& path) {
  const bool posts = r.method == http::method::post;
  if (path.size() == 1 && !posts)
    return list(s, r);
  const transaction* t = path.size() > 1 ? s.all.find_by_either(path[1]) : nullptr;
  if (!t)
    return fault_response(404, "there is no such transaction");
  if (!posts)
    return path.size() == 2 ? json_response(200, shown_whole(s, *t)) : fault_response(404, "no such thing");
  const auto body = body_of(r);
  if (!body || !body->is_object())
    return fault_response(400, "the body must be a JSON object");
  if (path.size() == 2)
    return force(s, *t, body->as_object());
  if (path[2] == "webhooks")
    return send_webhooks(s, *t, body->as_object());
  if (path[2] == "callbacks")
    return send_callbacks(s, *t, body->as_object());
  return fault_response(404, "no such thing");
}

// POST /_control/refunds/{ref}: {"status": "refunded"}; ref: Chapa's or the merchant's
http::response move_refund(service& s, const http::request& r, const segments& path) {
  const auto found = path.size() == 2 ? s.all.find_refund(path[1]) : std::nullopt;
  if (!found)
    return fault_response(404, "there is no such refund");
  if (r.method != http::method::post)
    return json_response(200, shown(s, *found->made));
  const auto body = body_of(r);
  const auto to =
      body && body->is_object() ? parse_refund_status(text_in(body->as_object(), "status")) : std::nullopt;
  if (!to)
    return fault_response(422, "\"status\" must be initiated, processing, refunded or reversed");
  if (!s.all.move_refund(*found, *to))
    return fault_response(409, "the refund is over");
  if (*to == refund_status::refunded)
    tell_refunded(s, *found->paid);
  return json_response(200, shown(s, *found->made));
}

// POST /_control/faults: a rule, or an array of them. All or none.
http::response add_faults(service& s, const http::request& r) {
  const auto body = body_of(r);
  if (!body)
    return fault_response(400, "the body must be a JSON object or an array of them");
  const json::array given = body->is_array() ? body->as_array() : json::array{*body};
  std::vector<rule> rules;
  for (const json::value& each : given) {
    auto parsed = each.is_object() ? parse_rule(each.as_object())
                                   : std::variant<rule, rule_fault>(rule_fault("a fault must be an object"));
    if (const auto* wrong = std::get_if<rule_fault>(&parsed))
      return fault_response(422, *wrong);
    rules.push_back(std::move(std::get<rule>(parsed)));
  }
  json::array ids;
  for (rule& each : rules)
    ids.push_back(s.faults.add(std::move(each)));
  return json_response(201, json::object{{"ids", std::move(ids)}});
}

http::response answer_faults(service& s, const http::request& r, const segments& path) {
  if (r.method == http::method::post && path.size() == 1)
    return add_faults(s, r);
  if (r.method == http::method::delete_ && path.size() == 1) {
    s.faults.clear();
    return {.status = 204};
  }
  if (r.method == http::method::delete_) {
    std::int64_t id = 0;
    std::from_chars(path[1].data(), path[1].data() + path[1].size(), id);
    return s.faults.remove(id) ? http::response{.status = 204}
                               : fault_response(404, "there is no such fault");
  }
  json::array out;
  for (const fault_plan::entry& each : s.faults.entries())
    out.push_back(shown(each));
  return json_response(200, json::object{{"faults", std::move(out)}});
}

http::response calls(const service& s) {
  json::object out;
  for (std::size_t i = 0; i < moment_names.size(); ++i)
    out[moment_names[i]] =
        json::object{{"calls", s.seen.tallies()[i].calls}, {"struck", s.seen.tallies()[i].struck}};
  return json_response(200, out);
}

// POST /_control/settings: {"webhook_url"?, "documented_errors"?, "refund_step_ms"?, "webhook_retry_ms"?,
// "seed"?}
http::response change_settings(service& s, const http::request& r) {
  const auto body = body_of(r);
  if (!body || !body->is_object())
    return fault_response(400, "the body must be a JSON object");
  const json::object& wanted = body->as_object();
  if (wanted.contains("webhook_url"))
    s.tell.set_webhook_url(text_in(wanted, "webhook_url"));
  s.documented = flag_in(wanted, "documented_errors", s.documented);
  if (wanted.contains("refund_step_ms")) {
    s.all.set_refund_step(std::chrono::milliseconds(number_in(wanted, "refund_step_ms", 2'000, 86'400'000)));
    s.refunds_changed();
  }
  if (wanted.contains("webhook_retry_ms"))
    s.tell.set_retry_delay(
        std::chrono::milliseconds(number_in(wanted, "webhook_retry_ms", 10'000, 86'400'000)));
  if (wanted.contains("seed"))
    s.faults.reseed(static_cast<std::uint64_t>(number_in(wanted, "seed", 0, INT64_MAX)));
  return {.status = 204};
}

bool is_json(const http::request& r) {
  return to_lower_ascii(r.header("Content-Type").value_or("")).starts_with("application/json");
}

} // namespace

http::response answer_control(service& s, const http::request& r, const segments& path) {
  if (r.method == http::method::post && !is_json(r))
    return fault_response(415, "say Content-Type: application/json");
  const std::string first = path.empty() ? "" : path.front();
  if (first == "transactions")
    return answer_transactions(s, r, path);
  if (first == "refunds")
    return move_refund(s, r, path);
  if (first == "faults")
    return answer_faults(s, r, path);
  if (first == "calls" && r.method == http::method::get)
    return calls(s);
  if (first == "settings" && r.method == http::method::post)
    return change_settings(s, r);
  return fault_response(404, "no such thing: transactions, refunds, faults, calls, settings");
}

} // namespace nexus::chapa
