// Around every answer: what strikes it, and what is left of it.
#include "platform/async/sleep.hpp"
#include "simulator/pages.hpp"
#include "simulator/routes.hpp"
#include "simulator/validation.hpp"

#include <boost/json/parse.hpp>

namespace nexus::chapa {

namespace {

namespace json = boost::json;
using segments = std::vector<std::string>;

struct call {
  moment at;
  subject about;
};

subject subject_of(const transaction* t, std::string tx_ref) {
  return {t ? t->request.tx_ref : std::move(tx_ref), t ? t->request.email.value_or("") : ""};
}

subject subject_of_initialize(const http::request& r) {
  const auto fields = read_fields(r.header("Content-Type").value_or(""), r.body);
  const auto text = [&fields](std::string_view name) {
    const json::value* found = fields.if_contains(name);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
  };
  return {text("tx_ref"), text("email")};
}

// nullopt: a call that no fault knows.
std::optional<call> call_of(service& s, const http::request& r) {
  const segments path = split_path(r.path);
  const auto is = [&](std::size_t size, std::string_view first, std::string_view second) {
    return path.size() == size && path[0] == first && path[1] == second;
  };
  if (is(3, "checkout", "payment") && r.method == http::method::post)
    return call{moment::redirect, subject_of(s.all.find_by_token(path[2]), "")};
  if (is(3, "v1", "transaction") && path[2] == "initialize")
    return call{moment::initialize, subject_of_initialize(r)};
  if (is(4, "v1", "transaction") && path[2] == "verify")
    return call{moment::verify, subject_of(s.all.find(path[3]), path[3])};
  if (is(4, "v1", "transaction") && path[2] == "cancel")
    return call{moment::cancel, subject_of(s.all.find(path[3]), path[3])};
  if (is(3, "v1", "refund"))
    return call{moment::refund, subject_of(s.all.find_by_either(path[2]), path[2])};
  if (is(4, "v1", "refund") && path[3] == "verify") {
    const auto found = s.all.find_refund(path[2]);
    return call{moment::verify_refund, subject_of(found ? found->paid : nullptr, path[2])};
  }
  return std::nullopt;
}

http::response unknown(moment at, bool documented) {
  if (at == moment::verify)
    return documented ? json_response(404, failure("Invalid transaction or Transaction not found"))
                      : json_response(400, failure("Invalid transaction reference"));
  if (at == moment::cancel)
    return json_response(404, failure("Payment link not found"));
  return json_response(404, failure(at == moment::refund ? "Transaction not found" : "Refund not found"));
}

http::response refusal(moment at) {
  if (at == moment::refund)
    return json_response(400, failure("Insufficient balance to process the refund"));
  return json_response(400, failure(at == moment::initialize ? "The merchant's account is not active"
                                                             : "Payment link cannot be expired now"));
}

constexpr std::string_view proxy_page =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad "
    "Gateway</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

// What comes in place of the answer; real: the answer, where the call was done.
http::response in_its_place(fault_kind what, moment at, bool documented, std::optional<http::response> real) {
  switch (what) {
  case fault_kind::status_429: {
    http::response out = json_response(429, failure("Too Many Attempts."));
    out.headers.emplace_back("Retry-After", "1");
    return out;
  }
  case fault_kind::html:
    return {.status = 502, .content_type = "text/html", .body = std::string(proxy_page)};
  case fault_kind::half_json: {
    http::response out = real ? std::move(*real) : json_response(200, success("Hosted Link", nullptr));
    out.body.resize(out.body.size() / 2);
    return out;
  }
  case fault_kind::object_message:
    return json_response(400, failure(json::object{{"tx_ref", json::array{"validation.something"}},
                                                   {"amount", json::array{"validation.else", "and more"}}}));
  case fault_kind::unknown:
    return unknown(at, documented);
  case fault_kind::refuse:
    return refusal(at);
  case fault_kind::timeout:
  case fault_kind::drop:
    return {.status = 0}; // the connection is closed without a word
  default:
    return json_response(500, failure("Server Error"));
  }
}

// "1.00" as the number that verify has, a word as text.
json::value as_said(std::string_view field, const json::value& wanted) {
  if (field != "amount")
    return wanted;
  boost::system::error_code fault;
  json::value number = json::parse(std::string_view(wanted.as_string()), fault);
  return fault ? wanted : number;
}

void lie(http::response& out, const json::object& says) {
  boost::system::error_code fault;
  json::value body = json::parse(out.body, fault);
  if (fault || !body.is_object() || !body.as_object().contains("data") || !body.at("data").is_object())
    return; // it says nothing of a payment
  json::object& data = body.at("data").as_object();
  for (const auto& [field, value] : says)
    data[field] = as_said(field, value);
  const json::value* status = says.if_contains("status");
  if (status && *status == "pending") {
    data["method"] = data["charge"] = nullptr;
    data.erase("reference");
  }
  out.body = to_json_text(body);
}

// Answers as itself, or as the other source has it; synchronous, so that nobody else sees the switch.
http::response act(service& s, const http::request& r, const treatment& t) {
  const bool documented = s.documented;
  s.documented = documented != t.other_source;
  s.next_refund = t.is_reversed ? refund_fate::reversed
                  : t.is_stuck  ? refund_fate::stuck
                                : refund_fate::refunded;
  http::response out = answer(s, r);
  s.documented = documented;
  s.next_refund = refund_fate::refunded;
  return out;
}

} // namespace

treatment strike(service& s, moment m, const subject& about) {
  std::vector<fault> struck = s.faults.strike(m, about);
  for (const rule& each : s.of_request)
    if (each.fault.at == m)
      struck.push_back(each.fault);
  std::string what(moment_names[static_cast<std::size_t>(m)]);
  for (const fault& each : struck)
    what += fmt::format(" [{}]", fault_names[static_cast<std::size_t>(each.what)]);
  s.seen.see(m, about.tx_ref, !struck.empty(), std::move(what), s.time.now());
  return combine(struck);
}

awaitable<http::response> answer_hostile(service& s, const http::request& r) {
  std::vector<rule> wanted;
  if (const auto header = r.header("X-Chapa-Simulate")) {
    auto parsed = parse_rules(*header);
    if (const auto* wrong = std::get_if<rule_fault>(&parsed))
      co_return json_response(400, failure(json::string("X-Chapa-Simulate: " + *wrong)));
    wanted = std::move(std::get<std::vector<rule>>(parsed));
  }
  s.of_request = wanted;
  const auto what = call_of(s, r);
  const treatment t = what ? strike(s, what->at, what->about) : treatment{};
  if (t.delay.count() > 0)
    co_await sleep_for(t.delay);
  std::optional<http::response> real;
  if (t.acts) {
    s.of_request = wanted; // others may have come in between
    real = act(s, r, t);
    if (!t.says.empty())
      lie(*real, t.says);
  }
  s.of_request.clear();
  if (t.hold.count() > 0)
    co_await sleep_for(t.hold);
  if (t.instead)
    co_return in_its_place(*t.instead, what->at, s.documented, std::move(real));
  co_return std::move(*real);
}

} // namespace nexus::chapa
