#include "core/text.hpp"
#include "simulator/pages.hpp"
#include "simulator/routes.hpp"
#include "simulator/validation.hpp"
#include "simulator/wire.hpp"

namespace nexus::chapa {

namespace {

// 303: the browser asks for the shop's page with GET, and going back does not post again (RFC 9110, 15.4.4).
http::response to_shop(const transaction& t, std::string_view title, std::string_view text) {
  if (!t.request.return_url)
    return html_response(200, pages::ended(title, text, t));
  return {.status = 303, .headers = {{"Location", *t.request.return_url}, {"Cache-Control", "no-store"}}};
}

http::response say_ended(const transaction& t, session_state session) {
  switch (session) {
  case session_state::paid:
    return html_response(200, pages::ended("Payment received", "This payment has been made already.", t));
  case session_state::cancelled:
    return html_response(410, pages::ended("Payment cancelled", "This payment was cancelled.", t));
  case session_state::exhausted:
    return html_response(410,
                         pages::ended("Payment failed", "There were too many failed attempts to pay.", t));
  case session_state::expired:
  case session_state::open:
    break;
  }
  return html_response(
      410, pages::ended("Payment link expired", "This payment link has expired. Nothing was paid.", t));
}

http::response pay(service& s, const transaction& t, const std::string& written) {
  const auto mobile = normalize_mobile(written);
  if (!mobile)
    return html_response(
        422, pages::checkout(t, s.all.attempts_left(t),
                             "That is not a mobile number: ten digits that begin with 09 or 07.", written));
  s.all.pay(t, *mobile);
  const bool paid = t.status == payment_status::success;
  tell_merchant(s, t, paid ? webhook_event::paid : webhook_event::failed_or_cancelled);
  if (paid)
    return to_shop(t, "Payment received", "Thank you. The shop has been told.");
  if (s.all.session_of(t) != session_state::open)
    return say_ended(t, s.all.session_of(t));
  return html_response(
      422, pages::checkout(t, s.all.attempts_left(t),
                           "The payment was declined. You can try again, with another number.", written));
}

http::response submit(service& s, const transaction& t, const http::request& r) {
  const auto fields = read_fields(r.header("Content-Type").value_or(""), r.body);
  const auto field = [&fields](std::string_view name) {
    const boost::json::value* found = fields.if_contains(name);
    const bool usable = found && found->is_string() && is_storable_utf8(found->get_string());
    return usable ? std::string(found->get_string()) : std::string();
  };
  const std::string action = field("action");
  if (action == "cancel") {
    s.all.cancel(t);
    tell_merchant(s, t, webhook_event::failed_or_cancelled);
    return to_shop(t, "Payment cancelled", "Nothing was paid.");
  }
  if (action == "pay" || action.empty()) // empty: sent with the Enter key by some browsers
    return pay(s, t, field("mobile"));
  return html_response(
      422, pages::checkout(t, s.all.attempts_left(t), "Choose to pay or to cancel.", field("mobile")));
}

} // namespace

http::response answer_checkout(service& s, const http::request& r, const std::vector<std::string>& path) {
  const transaction* t = path.size() == 2 && path[0] == "payment" ? s.all.find_by_token(path[1]) : nullptr;
  if (!t)
    return html_response(404, pages::not_found());
  const bool reads = r.method == http::method::get || r.method == http::method::head;
  if (!reads && r.method != http::method::post)
    return {.status = 405, .headers = {{"Allow", "GET, HEAD, POST"}}};
  const session_state session = s.all.session_of(*t);
  if (session != session_state::open)
    return say_ended(*t, session);
  return reads ? html_response(200, pages::checkout(*t, s.all.attempts_left(*t), "",
                                                    t->request.phone_number.value_or("")))
               : submit(s, *t, r);
}

} // namespace nexus::chapa
