#include "payments/decide.hpp"

#include "payments/message.hpp"

namespace nexus::payments {

namespace {

// Rounded down to the currency's digits: what was said finer than money is never more than what came.
money captured_of(const decimal& amount, currency of) {
  if (const auto exact = money::from(amount, of))
    return exact->minor > 0 ? *exact : money{0, of};
  std::int64_t units = amount.units;
  for (int scale = amount.scale; scale > of.digits(); --scale)
    units /= 10;
  return {amount.scale > of.digits() ? std::max<std::int64_t>(units, 0) : 0, of};
}

std::string quoted(std::string_view text) { return "\"" + storable(text.substr(0, 60)) + "\""; }

// Money was taken: is it what was asked for?
decision decide_success(const attempt& a, const charge& said, bool live) {
  if (!said.amount || said.currency.empty())
    return {.reason = "The provider says success without an amount and a currency."};
  if (!said.tx_ref.empty() && said.tx_ref != a.tx_ref) // of another payment: it says nothing of this one
    return {.reason = "The provider answered with another reference, " + quoted(said.tx_ref) + "."};
  const bool is_test = said.mode == "test";
  if (live && is_test) // no money was taken: nothing is captured, and somebody must look
    return {effect::refund_required,
            {0, a.amount.currency},
            "A payment in test mode cannot settle a live order."};
  const auto came_in = currency::parse(said.currency);
  const money captured = came_in ? captured_of(*said.amount, *came_in) : money{0, a.amount.currency};
  const auto mismatch = [&](std::string reason) {
    return decision{effect::refund_required, captured, std::move(reason)};
  };
  if (!live && said.mode == "live")
    return mismatch("A live payment came to a shop in test mode.");
  if (came_in != a.amount.currency)
    return mismatch("Paid in " + quoted(said.currency) + " instead of " +
                    std::string(a.amount.currency.code()) + ".");
  if (money::from(*said.amount, *came_in) != a.amount)
    return mismatch("Paid " + to_string(captured) + " instead of " + to_string(a.amount) + ".");
  return {effect::complete, a.amount, {}};
}

// The provider says that a payment went back which we hold to be settled. "refunded" may be our own refunds'
// doing, whole or in part; "reversed" is all of it.
decision decide_gone_back(const attempt& a, const charge& said) {
  if (a.refund_reserved == a.captured.minor)
    return {}; // by us, all of it; the refunds are asked for themselves
  if (!said.tx_ref.empty() && said.tx_ref != a.tx_ref)
    return {.reason = "The provider answered with another reference, " + quoted(said.tx_ref) + "."};
  if (said.state == charge_state::refunded && a.refund_reserved > 0)
    return {.reason = "The provider says refunded of a payment that we have refunded in part."};
  return {effect::gone_back,
          {a.captured.minor - a.refund_reserved, a.captured.currency},
          "The provider has " + std::string(json::name_of(said.state)) + " the payment."};
}

} // namespace

decision decide(const attempt& a, const charge& said, bool live) {
  if (is_settled(a.status)) {
    if (said.state == charge_state::success)
      return {}; // told again
    if (said.state == charge_state::refunded || said.state == charge_state::reversed)
      return decide_gone_back(a, said);
    return {.reason = "The provider says " + std::string(json::name_of(said.state)) +
                      " of a payment that is settled."};
  }
  const bool is_pending = a.status == attempt_status::pending;
  switch (said.state) {
  case charge_state::success:
    return decide_success(a, said, live);
  case charge_state::failed:
    return is_pending ? decision{effect::fail, {}, "The payment failed."} : decision{};
  case charge_state::cancelled:
    return is_pending ? decision{effect::cancel, {}, "The payment was cancelled."} : decision{};
  case charge_state::refunded:
  case charge_state::reversed: // it came and went without us
    if (!is_pending)
      return {};
    return {effect::fail, {}, "The provider has " + std::string(json::name_of(said.state)) + " the payment."};
  case charge_state::pending:
    return {};
  case charge_state::unknown:
    return {.reason = "The provider says something that we do not know: " + quoted(said.word) + "."};
  }
  return {};
}

} // namespace nexus::payments
