// What a merchant does beside taking payments on the hosted page: transfers, subaccounts, and charging a
// wallet directly. The shop uses none of it; clients of Chapa's do.
#include "core/ids.hpp"
#include "simulator/calls.hpp"
#include "simulator/validation.hpp"
#include "simulator/wire.hpp"

#include <charconv>

namespace nexus::chapa {

namespace {

namespace json = boost::json;

constexpr std::size_t largest_batch = 100, page_size = 10;

json::object body_of(const http::request& r) {
  return read_fields(r.header("Content-Type").value_or(""), r.body);
}

std::variant<transfer, complaint> read_transfer(const json::object& fields, const service& s) {
  auto valid = validate_transfer(fields);
  if (auto* out = std::get_if<transfer>(&valid)) {
    out->chapa_reference = random_code(12);
    out->created_at = s.time.now();
  }
  return valid;
}

std::string_view status_of(const transfer& t, const service& s) {
  return s.time.now() >= t.created_at + transfers::step ? "success" : "pending";
}

json::value amount_of(const transfer& t) {
  return t.amount.minor % 100 == 0 ? json::value(t.amount.minor / 100)
                                   : json::value(static_cast<double>(t.amount.minor) / 100.0);
}

std::string_view bank_name(const transfer& t) {
  const bank* known = find_bank(t.bank_code);
  return known ? known->name : "";
}

json::object listed(const transfer& t, const service& s) {
  return {{"account_name", t.account_name},
          {"account_number", t.account_number},
          {"currency", t.amount.currency.code()},
          {"amount", amount_of(t)},
          {"charge", 0},
          {"transfer_type", "bank"},
          {"chapa_reference", t.chapa_reference},
          {"bank_code", t.bank_code},
          {"bank_name", bank_name(t)},
          {"bank_reference", nullptr},
          {"status", status_of(t, s)},
          {"reference", t.reference},
          {"created_at", timestamp(t.created_at)},
          {"updated_at", timestamp(t.created_at)}};
}

json::object detailed(const transfer& t, const service& s) {
  return {{"account_name", t.account_name},
          {"account_number", t.account_number},
          {"mobile", nullptr},
          {"currency", t.amount.currency.code()},
          {"amount", amount_of(t)},
          {"charge", 0},
          {"mode", "test"},
          {"transfer_method", "bank"},
          {"narration", nullptr},
          {"chapa_transfer_id", t.chapa_reference},
          {"bank_code", t.bank_code},
          {"bank_name", bank_name(t)},
          {"cross_party_reference", nullptr},
          {"ip_address", "UNKNOWN"},
          {"status", status_of(t, s)},
          {"tx_ref", t.reference},
          {"created_at", timestamp(t.created_at)},
          {"updated_at", timestamp(t.created_at)}};
}

std::optional<std::int64_t> number_in(const http::request& r, std::string_view wanted) {
  for (const auto& [name, value] :
       http::parse_query(r.query).value_or(std::vector<std::pair<std::string, std::string>>())) {
    std::int64_t out = 0;
    if (name == wanted && std::from_chars(value.data(), value.data() + value.size(), out).ec == std::errc{})
      return out;
  }
  return std::nullopt;
}

} // namespace

http::response queue_transfer(service& s, const http::request& r, const segments&) {
  auto valid = read_transfer(body_of(r), s);
  if (auto* wrong = std::get_if<complaint>(&valid))
    return refuse(400, std::move(*wrong));
  const std::string reference = std::get<transfer>(valid).reference;
  if (s.paid_out.queue({std::move(std::get<transfer>(valid))}))
    return refuse(400, "Reference has been used before");
  return json_response(200, success("Transfer Queued Successfully", json::value(reference)));
}

http::response queue_transfers(service& s, const http::request& r, const segments&) {
  const json::object fields = body_of(r);
  const json::value* items = fields.if_contains("bulk_data");
  if (!items || !items->is_array() || items->as_array().empty() || items->as_array().size() > largest_batch)
    return refuse(400, json::object{{"bulk_data", json::array{"validation.array"}}});
  const std::int64_t batch = s.paid_out.new_batch();
  std::vector<transfer> all;
  for (const json::value& item : items->as_array()) {
    json::object each = item.is_object() ? item.as_object() : json::object();
    each["currency"] = fields.contains("currency") ? fields.at("currency") : json::value();
    auto valid = read_transfer(each, s);
    if (auto* wrong = std::get_if<complaint>(&valid))
      return refuse(400, std::move(*wrong));
    all.push_back(std::move(std::get<transfer>(valid)));
    all.back().batch = batch;
  }
  if (const auto used = s.paid_out.queue(std::move(all)))
    return refuse(400, json::string("Reference " + *used + " has been used before"));
  return json_response(200, success("Bulk transfer queued successfully",
                                    json::object{{"id", batch}, {"created_at", timestamp(s.time.now())}}));
}

http::response verify_transfer(service& s, const http::request&, const segments& path) {
  const transfer* t = s.paid_out.find(path[2]);
  return t ? json_response(200, success("Transfer details", detailed(*t, s)))
           : refuse(404, "Transfer not found");
}

http::response list_transfers(service& s, const http::request& r, const segments&) {
  const auto all = s.paid_out.all(number_in(r, "batch_id"));
  const std::size_t pages = std::max<std::size_t>((all.size() + page_size - 1) / page_size, 1);
  const std::size_t page = static_cast<std::size_t>(
      std::clamp<std::int64_t>(number_in(r, "page").value_or(1), 1, static_cast<std::int64_t>(pages)));
  const std::string path = s.public_url + "/v1/transfers";
  const auto link = [&path](std::size_t number) { return fmt::format("{}?page={}", path, number); };
  const std::size_t from = (page - 1) * page_size, to = std::min(from + page_size, all.size());
  json::array data;
  for (std::size_t i = from; i < to; ++i)
    data.push_back(listed(*all[i], s));
  json::object out = success("Transfers retrieved successfully", std::move(data));
  out["meta"] = json::object{{"current_page", page},
                             {"first_page_url", link(1)},
                             {"last_page", pages},
                             {"last_page_url", link(pages)},
                             {"next_page_url", page < pages ? json::value(link(page + 1)) : json::value()},
                             {"path", path},
                             {"per_page", page_size},
                             {"prev_page_url", page > 1 ? json::value(link(page - 1)) : json::value()},
                             {"to", to},
                             {"total", all.size()},
                             {"error", json::array()}};
  return json_response(200, out);
}

http::response create_subaccount(service&, const http::request& r, const segments&) {
  if (auto wrong = complain_of_subaccount(body_of(r)))
    return refuse(400, std::move(*wrong));
  return json_response(200, success("Subaccount created successfully", json::value(random_token(24))));
}

http::response charge_directly(service& s, const http::request& r, const segments&) {
  json::object fields = body_of(r);
  fields["phone_number"] = fields.contains("mobile") ? fields.at("mobile") : json::value();
  auto valid = validate_payment(fields, s.documented);
  if (auto* wrong = std::get_if<complaint>(&valid))
    return refuse(400, std::move(*wrong));
  if (!std::get<payment_request>(valid).phone_number)
    return refuse(400, json::object{{"mobile", json::array{"validation.required"}}});
  const transaction* made = s.all.initialize(std::get<payment_request>(valid));
  if (!made)
    return refuse(400, "Transaction reference has been used before");
  json::object meta{{"message", "Confirm the payment on your phone"},
                    {"status", "success"},
                    {"ref_id", made->token},
                    {"verification_type", "ussd"},
                    {"data", nullptr},
                    {"payment_status", "PENDING"}};
  return json_response(
      200, success("Charge initiated", json::object{{"auth_type", "ussd"}, {"meta", std::move(meta)}}));
}

http::response authorize_charge(service& s, const http::request& r, const segments&) {
  const json::object fields = body_of(r);
  const json::value* reference = fields.if_contains("reference");
  const transaction* t =
      reference && reference->is_string() ? s.all.find_by_token(reference->get_string()) : nullptr;
  if (!t)
    return refuse(404, "Transaction not found");
  if (s.all.session_of(*t) != session_state::open)
    return refuse(400, "The charge is over");
  s.all.pay(*t, t->request.phone_number.value_or(""));
  const bool paid = t->status == payment_status::success;
  tell_merchant(s, *t, paid ? webhook_event::paid : webhook_event::failed_or_cancelled);
  if (!paid)
    return refuse(400, json::string(t->failure_reason));
  return json_response(200, json::object{{"message", "Payment is completed"},
                                         {"trx_ref", t->request.tx_ref},
                                         {"processor_id", t->reference}});
}

} // namespace nexus::chapa
