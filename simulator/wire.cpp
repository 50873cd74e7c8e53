#include "simulator/wire.hpp"

#include <boost/json/serialize.hpp>

#include <array>

namespace nexus::chapa {

namespace {

namespace json = boost::json;

json::value or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value();
}
json::value or_null(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

// 100 or 3.5: a number only on Chapa's wire, where verify has it so.
json::value number(const money& amount) {
  if (amount.minor % 100 == 0)
    return amount.minor / 100;
  return static_cast<double>(amount.minor) / 100.0;
}

std::string three_digits(const money& amount) { return to_string(amount) + "0"; }

json::object customization(const payment_request& r) {
  return {{"title", or_null(r.title)}, {"description", or_null(r.description)}, {"logo", or_null(r.logo)}};
}

void append_json(std::string& out, const json::value& value) {
  if (value.is_object()) {
    char before = '{';
    for (const auto& [key, member] : value.get_object()) {
      out += before;
      out += json::serialize(json::string(key)) + ":";
      append_json(out, member);
      before = ',';
    }
    out += before == '{' ? "{}" : "}";
  } else if (value.is_array()) {
    char before = '[';
    for (const auto& element : value.get_array()) {
      out += before;
      append_json(out, element);
      before = ',';
    }
    out += before == '[' ? "[]" : "]";
  } else if (value.is_double()) {
    out += fmt::format("{}", value.get_double());
  } else {
    out += json::serialize(value);
  }
}

} // namespace

std::string timestamp(time_point at) {
  std::string text = to_rfc3339(std::chrono::floor<std::chrono::seconds>(at));
  text.pop_back();
  return fmt::format("{}.{:06}Z", text, at.time_since_epoch().count() % 1'000'000);
}

std::string to_json_text(const json::value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

json::object success(std::string_view message, json::value data) {
  return {{"message", message}, {"status", "success"}, {"data", std::move(data)}};
}

json::object failure(json::value message) {
  return {{"message", std::move(message)}, {"status", "failed"}, {"data", nullptr}};
}

std::string_view status_text(payment_status status, bool documented) {
  const bool ended = status == payment_status::failed || status == payment_status::cancelled;
  return documented && ended ? "failed/cancelled" : name_of(status);
}

json::object verified(const transaction& t, bool documented) {
  const payment_request& r = t.request;
  json::object out{{"first_name", or_null(r.first_name)},
                   {"last_name", or_null(r.last_name)},
                   {"email", or_null(r.email)},
                   {"phone_number", or_null(r.phone_number)},
                   {"currency", r.amount.currency.code()},
                   {"amount", number(r.amount)},
                   {"charge", is_paid(t.status) ? number(charge_of(r.amount)) : json::value()},
                   {"mode", "test"},
                   {"method", t.attempts > 0 ? json::value("test") : json::value()},
                   {"type", "API"},
                   {"status", status_text(t.status, documented)},
                   {"reference", or_null(t.reference)},
                   {"tx_ref", r.tx_ref},
                   {"customization", customization(r)},
                   {"meta", r.meta},
                   {"created_at", timestamp(t.created_at)},
                   {"updated_at", timestamp(t.updated_at)}};
  if (t.reference.empty())
    out.erase("reference"); // seen: an unpaid one has none
  return out;
}

json::object listed(const transaction& t, bool documented) {
  const payment_request& r = t.request;
  const money charge = is_paid(t.status) ? charge_of(r.amount) : money{0, r.amount.currency};
  return {{"status", status_text(t.status, documented)},
          {"ref_id", or_null(t.reference)},
          {"type", "API"},
          {"created_at", timestamp(t.created_at)},
          {"currency", r.amount.currency.code()},
          {"amount", three_digits(r.amount)},
          {"charge", three_digits(charge)},
          {"trans_id", r.tx_ref},
          {"payment_method", t.attempts > 0 ? json::value("test") : json::value()},
          {"customer", json::object{{"id", t.id},
                                    {"email", or_null(r.email)},
                                    {"first_name", or_null(r.first_name)},
                                    {"last_name", or_null(r.last_name)},
                                    {"mobile", or_null(r.phone_number)}}}};
}

json::array logged(const transaction& t) {
  json::array out;
  for (std::size_t i = 0; i < t.log.size(); ++i)
    out.push_back(json::object{{"item", t.id * 100 + static_cast<std::int64_t>(i)},
                               {"message", t.log[i].message},
                               {"type", "log"},
                               {"created_at", timestamp(t.log[i].at)},
                               {"updated_at", timestamp(t.log[i].at)}});
  return out;
}

json::object refunded(const transaction& t, const refund& r, std::string_view status) {
  return {{"id", r.id},
          {"chapa_reference", t.reference},
          {"bank_reference", r.bank_reference},
          {"amount", to_string(r.amount)},
          {"ref", r.ref},
          {"currency", r.amount.currency.code()},
          {"status", status},
          {"reason", or_null(r.reason)},
          {"merchant_reference", or_null(r.merchant_reference)},
          {"created_at", timestamp(r.created_at)},
          {"updated_at", timestamp(r.updated_at)}};
}

json::object webhook(const transaction& t, webhook_event event, bool documented) {
  static constexpr std::array<std::string_view, 4> names{"charge.success", "charge.failed/cancelled",
                                                         "charge.refunded", "charge.reversed"};
  const payment_request& r = t.request;
  const bool paid = event != webhook_event::failed_or_cancelled;
  const std::string mobile = t.mobile.empty() ? r.phone_number.value_or("") : t.mobile;
  return {{"event", names[static_cast<std::size_t>(event)]},
          {"first_name", or_null(r.first_name)},
          {"last_name", or_null(r.last_name)},
          {"email", or_null(r.email)},
          {"mobile", mobile.empty() ? json::value() : json::value("251" + mobile.substr(1))},
          {"currency", r.amount.currency.code()},
          {"amount", to_string(r.amount)},
          {"charge", paid ? json::value(to_string(charge_of(r.amount))) : json::value()},
          {"status", event == webhook_event::refunded ? "refunded" : status_text(t.status, documented)},
          {"failure_reason", paid ? json::value() : or_null(t.failure_reason)},
          {"mode", "test"},
          {"reference", or_null(t.reference)},
          {"created_at", timestamp(t.created_at)},
          {"updated_at", timestamp(t.updated_at)},
          {"type", "API"},
          {"tx_ref", r.tx_ref},
          {"payment_method", t.attempts > 0 ? json::value("test") : json::value()},
          {"customization", customization(r)},
          {"meta", r.meta}};
}

} // namespace nexus::chapa
