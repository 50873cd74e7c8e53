#include "payments/chapa_answers.hpp"

#include "core/text.hpp"
#include "payments/message.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/json/encode.hpp"

namespace nexus::payments::chapa {

namespace {

bool is_ok(int status) { return status >= 200 && status < 300; }
// An answer that says that nothing was done. 408: it did not read us to the end, so it may have.
bool is_refusal(int status) { return status >= 400 && status < 500 && status != 408; }

bool contains(std::string_view text, std::string_view part) {
  return to_lower_ascii(text).find(part) != std::string::npos;
}

bool is_web_address(std::string_view url) {
  const bool plain =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c != 0x7f && c != '"'; });
  return plain && url.size() <= 2'000 && (url.starts_with("https://") || url.starts_with("http://"));
}

// "HTTP 400: amount: validation.numeric"
std::string reason_of(const net::http_answer& a, const std::optional<message>& m) {
  if (a.result != net::http_answer::outcome::answered)
    return storable(a.failure);
  std::string said = m ? m->text_below("/message") : "not JSON";
  return storable(fmt::format("HTTP {}: {}", a.status, said.substr(0, 500)));
}

std::optional<message> parse(const net::http_answer& a) {
  if (a.result != net::http_answer::outcome::answered)
    return std::nullopt;
  return message::parse(a.body);
}

charge_state state_of(std::string_view status) {
  const std::string text = to_lower_ascii(status);
  if (text == "failed/cancelled")
    return charge_state::failed;
  if (const auto known = json::parse_enum<charge_state>(text))
    return *known;
  return charge_state::unknown;
}

refund_state refund_state_of(std::string_view status) {
  std::string text = to_lower_ascii(status);
  if (text.starts_with("refund "))
    text.erase(0, std::string_view("refund ").size());
  return json::parse_enum<refund_state>(text).value_or(refund_state::unknown);
}

refund_news news_of(const message& m) {
  refund_news out;
  out.state = refund_state_of(m.at("/data/status"));
  out.amount = decimal::parse(m.at("/data/amount"));
  out.provider_reference = storable(m.at("/data/ref").substr(0, 200));
  out.word = storable(m.at("/data/status").substr(0, 60));
  return out;
}

charge charge_of(const message& m, const std::string& in) {
  charge out;
  out.state = state_of(m.at(in + "status"));
  out.tx_ref = m.at(in + "tx_ref");
  out.amount = decimal::parse(m.at(in + "amount"));
  out.currency = m.at(in + "currency");
  out.mode = to_lower_ascii(m.at(in + "mode"));
  out.reference = storable(m.at(in + "reference").substr(0, 200));
  out.word = storable(m.at(in + "status").substr(0, 60));
  return out;
}

// Only what Chapa takes in a title or a description.
std::string plain(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : text) {
    const bool taken = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == ' ' || c == '.';
    if (taken && out.size() < limit)
      out += c;
  }
  return out;
}

bool is_ethiopian_mobile(std::string_view text) {
  return text.size() == 10 && (text.starts_with("09") || text.starts_with("07")) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct customization {
  std::string title, description;
  static constexpr std::string_view schema_name = "ChapaCustomization";
  template <class V>
  static constexpr void fields(V&& field) {
    field("title", &customization::title);
    field("description", &customization::description);
  }
};

struct initialize {
  std::string amount, currency, tx_ref;
  std::optional<std::string> email, first_name, last_name, phone_number;
  std::string return_url, callback_url;
  chapa::customization customization;

  static constexpr std::string_view schema_name = "ChapaInitialize";
  template <class V>
  static constexpr void fields(V&& field) {
    field("amount", &initialize::amount);
    field("currency", &initialize::currency);
    field("tx_ref", &initialize::tx_ref);
    field("email", &initialize::email, {.omit_null = true});
    field("first_name", &initialize::first_name, {.omit_null = true});
    field("last_name", &initialize::last_name, {.omit_null = true});
    field("phone_number", &initialize::phone_number, {.omit_null = true});
    field("return_url", &initialize::return_url);
    field("callback_url", &initialize::callback_url);
    field("customization", &initialize::customization);
  }
};

} // namespace

std::string initialize_body(const start_request& r) {
  initialize out;
  out.amount = to_string(r.amount);
  out.currency = r.amount.currency.code();
  out.tx_ref = r.tx_ref;
  if (!r.email.empty())
    out.email = r.email;
  const std::string_view name = trim(r.full_name);
  const auto blank = name.find(' ');
  if (!name.empty())
    out.first_name = name.substr(0, blank);
  if (blank != std::string_view::npos)
    out.last_name = trim(name.substr(blank));
  if (is_ethiopian_mobile(r.phone_number))
    out.phone_number = r.phone_number;
  out.return_url = r.return_url;
  out.callback_url = r.callback_url;
  out.customization = {plain("Your order", 16), plain("Order " + r.order_number, 50)};
  return json::encode(out);
}

start_answer read_start(const net::http_answer& a) {
  const auto m = parse(a);
  start_answer out{.reason = reason_of(a, m), .message = a.body};
  if (a.result == net::http_answer::outcome::not_sent)
    out.result = start_answer::outcome::not_sent;
  else if (a.result == net::http_answer::outcome::unknown)
    out.result = start_answer::outcome::unknown;
  else if (is_refusal(a.status) || (is_ok(a.status) && m && m->at("/status") == "failed"))
    out.result = start_answer::outcome::refused;
  else if (is_ok(a.status) && m && m->at("/status") == "success" &&
           is_web_address(m->at("/data/checkout_url"))) {
    out.result = start_answer::outcome::started;
    out.payment_url = m->at("/data/checkout_url");
  }
  return out;
}

fetch_answer read_fetch(const net::http_answer& a) {
  const auto m = parse(a);
  fetch_answer out{.reason = reason_of(a, m), .message = a.body};
  if (!m)
    return out;
  const std::string said = m->text_below("/message");
  if (is_ok(a.status) && m->at("/status") == "success" && !m->at("/data/status").empty()) {
    out.result = fetch_answer::outcome::told;
    out.charge = charge_of(*m, "/data/");
  } else if ((is_ok(a.status) || is_refusal(a.status)) && contains(said, "not paid yet")) {
    out.result = fetch_answer::outcome::told;
    out.charge.state = charge_state::pending;
  } else if ((a.status == 400 || a.status == 404) &&
             (contains(said, "invalid transaction") || contains(said, "not found"))) {
    out.result = fetch_answer::outcome::not_known;
  }
  return out;
}

cancel_answer read_cancel(const net::http_answer& a) {
  const auto m = parse(a);
  cancel_answer out{.message = a.body.empty() ? a.failure : a.body};
  if (!m)
    return out;
  const std::string said = m->text_below("/message");
  out.closed =
      (is_ok(a.status) && m->at("/status") == "success") ||
      (is_refusal(a.status) && (contains(said, "already expired") || contains(said, "link not found")));
  return out;
}

refund_answer read_refund(const net::http_answer& a) {
  const auto m = parse(a);
  refund_answer out{.reason = reason_of(a, m), .message = a.body};
  if (a.result == net::http_answer::outcome::not_sent)
    out.result = refund_answer::outcome::not_sent;
  else if (a.result == net::http_answer::outcome::answered &&
           (a.status == 401 || a.status == 403 ||
            a.status == 429)) // nothing was done, and a later try may be
    out.result = refund_answer::outcome::not_sent;
  else if (a.result == net::http_answer::outcome::answered && is_refusal(a.status))
    out.result = refund_answer::outcome::refused;
  else if (is_ok(a.status) && m && m->at("/status") == "failed")
    out.result = refund_answer::outcome::refused;
  else if (is_ok(a.status) && m && m->at("/status") == "success") {
    out.result = refund_answer::outcome::initiated;
    out.news = news_of(*m);
  }
  return out;
}

refund_fetch_answer read_refund_state(const net::http_answer& a) {
  const auto m = parse(a);
  refund_fetch_answer out{.reason = reason_of(a, m), .message = a.body};
  if (!m)
    return out;
  const std::string said = m->text_below("/message");
  if (is_ok(a.status) && m->at("/status") == "success" && !m->at("/data/status").empty()) {
    out.result = fetch_answer::outcome::told;
    out.news = news_of(*m);
  } else if ((a.status == 400 || a.status == 404) &&
             (contains(said, "invalid") || contains(said, "not found"))) {
    out.result = fetch_answer::outcome::not_known;
  }
  return out;
}

notice read_webhook(std::string_view secret, std::optional<std::string_view> signature,
                    std::string_view body) {
  if (secret.empty() || !signature || !crypto::equal(*signature, crypto::hmac_sha256_hex(secret, body)))
    return {};
  const auto m = message::parse(body);
  if (!m || m->at("/event").empty())
    return {.what = notice::kind::unreadable};
  notice out{notice::kind::ignored, storable(m->at("/event").substr(0, 100)), std::string(m->at("/tx_ref"))};
  if (out.event.starts_with("charge."))
    out.what = out.tx_ref.empty() ? notice::kind::unreadable : notice::kind::charge;
  return out;
}

} // namespace nexus::payments::chapa
