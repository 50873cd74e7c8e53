#include "platform/crypto/crypto.hpp"
#include "simulator/calls.hpp"
#include "simulator/validation.hpp"
#include "simulator/wire.hpp"

#include <array>
#include <charconv>

namespace nexus::chapa {

namespace {

constexpr std::size_t page_size = 10;

http::response initialize(service& s, const http::request& r, const segments&) {
  const auto fields = read_fields(r.header("Content-Type").value_or(""), r.body);
  auto valid = validate_payment(fields, s.documented);
  if (auto* complaint = std::get_if<boost::json::value>(&valid))
    return refuse(400, std::move(*complaint));
  const transaction* made = s.all.initialize(std::get<payment_request>(valid));
  if (!made)
    return refuse(400, "Transaction reference has been used before");
  return json_response(
      200, success("Hosted Link",
                   boost::json::object{{"checkout_url", s.public_url + "/checkout/payment/" + made->token}}));
}

http::response verify(service& s, const http::request&, const segments& path) {
  const transaction* t = s.all.find(path[2]);
  if (!t)
    return s.documented ? refuse(404, "Invalid transaction or Transaction not found")
                        : refuse(400, "Invalid transaction reference");
  if (s.documented && !is_paid(t->status))
    return refuse(404, "Payment not paid yet");
  return json_response(200, success("Payment details fetched successfully", verified(*t, s.documented)));
}

http::response cancel(service& s, const http::request&, const segments& path) {
  const transaction* t = s.all.find(path[2]);
  if (!t)
    return refuse(404, "Payment link not found");
  if (!s.all.expire_link(*t))
    return refuse(400, "Payment link already expired");
  return json_response(200, success("Checkout link expired successfully", nullptr));
}

http::response events(service& s, const http::request&, const segments& path) {
  const transaction* t = s.all.find_by_either(path[2]);
  if (!t)
    return refuse(404, "Transaction not found");
  return json_response(200, success("Transaction events fetched", logged(*t)));
}

http::response refund_payment(service& s, const http::request& r, const segments& path) {
  const transaction* t = s.all.find_by_either(path[1]);
  if (!t)
    return refuse(404, "Transaction not found");
  const auto fields = read_fields(r.header("Content-Type").value_or(""), r.body);
  auto valid = validate_refund(fields, t->request.amount.currency);
  if (auto* complaint = std::get_if<boost::json::value>(&valid))
    return refuse(400, std::move(*complaint));
  auto& wanted = std::get<transactions::refund_request>(valid);
  wanted.fate = s.next_refund;
  const auto made = s.all.refund_payment(*t, wanted);
  if (const auto* fault = std::get_if<refund_fault>(&made)) {
    switch (*fault) {
    case refund_fault::not_paid:
      return refuse(400, "Only a successful transaction can be refunded");
    case refund_fault::too_much:
      return refuse(400, "Refund amount exceeds the amount that is left");
    case refund_fault::reference_used:
      return refuse(400, "Refund reference has been used before");
    }
  }
  const auto& [paid, refund] = std::get<transactions::refund_of>(made);
  s.refunds_changed();
  return json_response(200, success("Refund initiated successfully. Processing time: 1-3 business days",
                                    refunded(*paid, *refund, "Refund Initiated")));
}

http::response verify_refund(service& s, const http::request&, const segments& path) {
  const auto found = s.all.find_refund(path[1]);
  if (!found)
    return refuse(404, "Refund not found");
  return json_response(200,
                       success("Refund details fetched successfully",
                               refunded(*found->paid, *found->made, name_of(s.all.status_of(*found->made)))));
}

http::response list_banks(service&, const http::request&, const segments&) {
  return json_response(200, success("Banks retrieved", banks()));
}

http::response list(service& s, const http::request& r, const segments&) {
  std::size_t page = 1;
  for (const auto& [name, value] :
       http::parse_query(r.query).value_or(std::vector<std::pair<std::string, std::string>>()))
    if (name == "page")
      std::from_chars(value.data(), value.data() + value.size(), page);
  page = std::clamp<std::size_t>(page, 1, s.all.size() + 1);
  const auto link = [&s](std::size_t number) {
    return fmt::format("{}/v1/transactions?page={}", s.public_url, number);
  };
  boost::json::array out;
  for (const transaction* t : s.all.page(page, page_size))
    out.push_back(listed(*t, s.documented));
  const bool more = page * page_size < s.all.size();
  boost::json::object pagination{
      {"per_page", page_size},
      {"current_page", page},
      {"first_page_url", link(1)},
      {"next_page_url", more ? boost::json::value(link(page + 1)) : boost::json::value()},
      {"prev_page_url", page > 1 ? boost::json::value(link(page - 1)) : boost::json::value()}};
  return json_response(200, success("Transactions retrieved successfully",
                                    boost::json::object{{"transactions", std::move(out)},
                                                        {"pagination", std::move(pagination)}}));
}

struct route {
  http::method method;
  std::array<std::string_view, 3> path; // "*": any; "": none
  http::response (*answer)(service&, const http::request&, const segments&);
};

constexpr std::array<route, 16> routes{{
    {http::method::post, {"transaction", "initialize", ""}, initialize},
    {http::method::get, {"transaction", "verify", "*"}, verify},
    {http::method::put, {"transaction", "cancel", "*"}, cancel},
    {http::method::get, {"transaction", "events", "*"}, events},
    {http::method::get, {"transactions", "", ""}, list},
    {http::method::get, {"banks", "", ""}, list_banks},
    {http::method::post, {"refund", "*", ""}, refund_payment},
    {http::method::get, {"refund", "*", "verify"}, verify_refund},
    {http::method::post, {"transaction", "mobile-initialize", ""}, initialize},
    {http::method::post, {"transfers", "", ""}, queue_transfer},
    {http::method::get, {"transfers", "", ""}, list_transfers},
    {http::method::get, {"transfers", "verify", "*"}, verify_transfer},
    {http::method::post, {"bulk-transfers", "", ""}, queue_transfers},
    {http::method::post, {"subaccount", "", ""}, create_subaccount},
    {http::method::post, {"charges", "", ""}, charge_directly},
    {http::method::post, {"validate", "", ""}, authorize_charge},
}};

bool matches(const route& candidate, const segments& path) {
  for (std::size_t i = 0; i < candidate.path.size(); ++i) {
    const std::string_view wanted = candidate.path[i];
    if (wanted.empty())
      return path.size() == i;
    if (i >= path.size() || (wanted != "*" && wanted != path[i]))
      return false;
  }
  return path.size() == candidate.path.size();
}

} // namespace

http::response refuse(int status, boost::json::value message) {
  return json_response(status, failure(std::move(message)));
}

http::response answer_api(service& s, const http::request& r, const segments& path) {
  const auto authorization = r.header("Authorization");
  if (!authorization || authorization->empty())
    return refuse(401, "Authorization required");
  if (!authorization->starts_with("Bearer ") || !crypto::equal(authorization->substr(7), s.secret_key))
    return refuse(401, "Invalid API Key or User doesn't exist");
  bool other_method = false;
  for (const route& candidate : routes) {
    if (!matches(candidate, path))
      continue;
    if (candidate.method == r.method)
      return candidate.answer(s, r, path);
    other_method = true;
  }
  return other_method ? refuse(405, "The method is not supported for this route") : refuse(404, "Not found");
}

} // namespace nexus::chapa
