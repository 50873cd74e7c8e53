#include "payments/result_page.hpp"

#include "payments_templates.hpp"

#include <kainjow/mustache.hpp>

namespace nexus::payments {

namespace {

struct words {
  std::string_view tone; // of the style: good, waiting, bad
  std::string_view title, text;
};

words words_for(attempt_status s) {
  switch (s) {
  case attempt_status::success:
    return {"good", "Thank you, your payment has arrived",
            "Your order is complete. We have sent you a receipt by e-mail."};
  case attempt_status::pending:
    return {"waiting", "Your payment is on its way",
            "The payment provider has not confirmed it yet. This page looks again by itself every few "
            "seconds; you may "
            "also close it, and we will write to you by e-mail when the payment has arrived."};
  case attempt_status::failed:
    return {"bad", "The payment did not go through", "You have not been charged for this order."};
  case attempt_status::cancelled:
    return {"bad", "The payment was cancelled", "You have not been charged for this order."};
  case attempt_status::refund_required:
    return {"bad", "Your payment could not be used for this order",
            "We have noted it: money that was taken is paid back to you. Please contact the shop and name "
            "your order."};
  case attempt_status::partially_refunded:
    return {"good", "A part of your payment was paid back", "The rest of your order stands."};
  case attempt_status::refunded:
    return {"good", "Your payment was paid back", "It may take a few days until you see it on your account."};
  }
  return {"waiting", "Your payment", ""};
}

} // namespace

std::string render_result_page(const outcome_view& v) {
  namespace m = kainjow::mustache;
  const auto text = [](std::string_view s) { return m::data(std::string(s)); };
  const words w = words_for(v.status);
  const bool may_retry = v.status == attempt_status::failed && !v.payment_url.empty();
  m::data fields;
  fields.set("tone", text(w.tone));
  fields.set("title", text(w.title));
  fields.set("text", text(w.text));
  fields.set("order", text(v.order_number));
  fields.set("amount", text(to_string(v.amount) + " " + std::string(v.amount.currency.code())));
  fields.set("pending",
             v.status == attempt_status::pending ? m::data::type::bool_true : m::data::type::bool_false);
  fields.set("may_retry", may_retry ? m::data::type::bool_true : m::data::type::bool_false);
  fields.set("payment_url", text(v.payment_url));
  m::mustache page(std::string(embedded::payments_templates().front().bytes));
  return page.render(fields);
}

std::string storefront_address(const std::string& storefront, const uuid& order, attempt_status status) {
  const auto fragment = storefront.find('#');
  std::string out = storefront.substr(0, fragment);
  out += out.find('?') == std::string::npos ? '?' : '&';
  out += "order=" + to_string(order) + "&status=" + std::string(json::name_of(status));
  if (fragment != std::string::npos)
    out += storefront.substr(fragment);
  return out;
}

} // namespace nexus::payments
