// GET /payment/verify/{tx_ref}/: what became of a payment. The payer's browser comes back here, too.
#include "core/text.hpp"
#include "payments/endpoints.hpp"
#include "payments/result_page.hpp"

namespace nexus::payments {

namespace {

struct verify_path {
  std::string tx_ref;
  static constexpr std::string_view schema_name = "VerifyPaymentPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("tx_ref", &verify_path::tx_ref, {.min_length = 1, .max_length = 50});
  }
};

struct verified_order {
  uuid id{};
  std::string number;
  orders::order_status status = orders::order_status::pending;

  static constexpr std::string_view schema_name = "VerifiedOrder";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &verified_order::id);
    field("number", &verified_order::number);
    field("status", &verified_order::status);
  }
};

struct verification {
  std::string tx_ref;
  attempt_status status = attempt_status::pending;
  verified_order order;

  static constexpr std::string_view schema_name = "PaymentVerification";
  template <class V>
  static constexpr void fields(V&& field) {
    field("tx_ref", &verification::tx_ref);
    field("status", &verification::status,
          {.doc = "pending, failed and cancelled may still change: a payer may try again"});
    field("order", &verification::order);
  }
};

bool wants_page(const http::request& r) {
  const auto accept = r.header("Accept").value_or("");
  return http::accept_quality(accept, "text/html") > http::accept_quality(accept, "application/json");
}

http::response page_of(const outcome_view& v) {
  http::response out{
      200,
      "text/html; charset=utf-8",
      render_result_page(v),
      {{"Cache-Control", "no-store"},
       {"Vary", "Accept, Accept-Language"},
       {"Content-Language", v.language == language::amharic ? "am" : "en"},
       {"Referrer-Policy", "no-referrer"},
       {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}}};
  if (const int after_s = looks_again_after_s(v))
    out.headers.emplace_back("Refresh", std::to_string(after_s));
  return out;
}

std::string chosen_language(const http::request& r) {
  if (const auto query = http::parse_query(r.query))
    for (const auto& [name, value] : *query)
      if (name == "lang")
        return value;
  return {};
}

// A person waits: where the provider cannot be asked, the page says what we know and looks again.
http::response answer_person(const api::context& c, const checked& now, const orders::order& order,
                             const till& t) {
  const attempt& a = now.attempt;
  if (!t.settings.storefront_url.empty()) {
    const std::string where = storefront_address(t.settings.storefront_url, a.order_id, a.status);
    return {303, {}, {}, {{"Location", where}, {"Cache-Control", "no-store"}, {"Vary", "Accept"}}};
  }
  const bool takes_payments = order.status == orders::order_status::pending && order.expires_at > c.now();
  return page_of(
      {.status = a.status,
       .order_number = order.number,
       .amount = a.amount,
       .payment_url = a.closed_at || a.expires_at <= c.now() ? "" : a.payment_url.value_or(""),
       // Below our own address, so that a form's post stays on the site. A user's order needs its token.
       .start_url = takes_payments && !order.user_id
                        ? t.settings.public_url + "/api/v1/payment/initiate/" + to_string(order.id) + "/"
                        : "",
       .is_manual = a.provider == manual_provider_name,
       .language =
           language_of(chosen_language(c.request), c.request.header("Accept-Language").value_or(""))});
}

awaitable<result<http::response>> verify(api::context& c, const till& t, std::string tx_ref) {
  const auto now = co_await check(c.db, t, std::move(tx_ref), c.clock);
  if (!now)
    co_return problem(errors::not_found, "There is no such payment.");
  const auto order = co_await orders::find(c.db, now->attempt.order_id);
  if (!order)
    throw std::logic_error("payment: the order is gone");
  if (wants_page(c.request))
    co_return answer_person(c, *now, *order, t);
  if (!now->is_reached)
    co_return problem(payment_provider_error,
                      "The payment provider gives no answer; the payment's outcome is not known yet.");
  const verification said{
      now->attempt.tx_ref, now->attempt.status, {order->id, order->number, order->status}};
  co_return http::response{
      200, "application/json", json::encode(said), {{"Cache-Control", "no-store"}, {"Vary", "Accept"}}};
}

} // namespace

api::endpoint verify_payment(std::shared_ptr<const till> t) {
  return api::get("/verify/{tx_ref}/", "verify_payment", "What became of a payment")
      .open()
      .describe(
          "Asks the payment provider where the payment is not settled yet, and settles the order if it is "
          "paid. A "
          "browser (Accept: text/html) gets a page that says it in words, or is sent on to the shop front.")
      .lenient_query() // the provider may append its own to the address that it sends the payer back to
      .documents<verification>()
      .also_answers("text/html")
      .also_status(303, "A browser is sent on to the shop front")
      .fails({&errors::not_found, &payment_provider_error})
      .handle([t](api::context& c, api::request<verify_path> in) -> awaitable<result<http::response>> {
        return verify(c, *t, std::move(in.path.tx_ref));
      });
}

} // namespace nexus::payments
