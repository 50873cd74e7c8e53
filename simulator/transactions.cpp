#include "simulator/transactions.hpp"

#include "core/ids.hpp"

#include <boost/json/value_to.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace nexus::chapa {

namespace {

namespace json = boost::json;

constexpr std::int64_t first_id = 1'300'000;
constexpr std::int64_t first_refund_id = 730;

void put(json::object& out, std::string_view name, const std::optional<std::string>& value) {
  if (value)
    out[name] = *value;
}

std::optional<std::string> text(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  return found ? std::optional<std::string>(json::value_to<std::string>(*found)) : std::nullopt;
}

std::string required(const json::object& from, std::string_view name) {
  return json::value_to<std::string>(from.at(name));
}

constexpr std::array<std::string_view, 6> payment_names{"pending", "failed",   "cancelled",
                                                        "success", "refunded", "reversed"};
constexpr std::array<std::string_view, 4> refund_names{"initiated", "processing", "refunded", "reversed"};
constexpr std::array<std::string_view, 3> fate_names{"refunded", "reversed", "stuck"};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

money amount_in(const json::object& from) {
  const auto currency = nexus::currency::parse(required(from, "currency"));
  if (!currency)
    throw std::runtime_error("unknown currency");
  return {from.at("amount_minor").as_int64(), *currency};
}

time_point time_in(const json::object& from) {
  const auto at = parse_rfc3339(required(from, "at"));
  if (!at)
    throw std::runtime_error("no time");
  return *at;
}

} // namespace

std::optional<payment_status> parse_payment_status(std::string_view name) {
  return named<payment_status>(payment_names, name);
}
std::string_view name_of(payment_status s) { return payment_names[static_cast<std::size_t>(s)]; }
std::optional<refund_status> parse_refund_status(std::string_view name) {
  return named<refund_status>(refund_names, name);
}
std::string_view name_of(refund_status s) { return refund_names[static_cast<std::size_t>(s)]; }

money charge_of(const money& amount) { return {(amount.minor * 35 + 500) / 1000, amount.currency}; }

std::optional<std::string> normalize_mobile(std::string_view given) {
  std::string digits;
  for (const char c : given) {
    if (c >= '0' && c <= '9')
      digits += c;
    else if (c != ' ' && c != '-' && !(c == '+' && digits.empty()))
      return std::nullopt;
  }
  if (digits.starts_with("251"))
    digits.replace(0, 3, "0");
  if (digits.size() != 10 || (!digits.starts_with("09") && !digits.starts_with("07")))
    return std::nullopt;
  return digits;
}

bool is_paying_mobile(std::string_view normalized) {
  static constexpr std::array<std::string_view, 6> paying{"0900123456", "0900112233", "0900881111",
                                                          "0700123456", "0700112233", "0700881111"};
  return std::ranges::find(paying, normalized) != paying.end();
}

transactions::transactions(rules r, const clock& time, recorder record)
    : rules_(r), clock_(time), record_(std::move(record)) {}

const transaction* transactions::initialize(const payment_request& r) {
  if (by_tx_ref_.contains(r.tx_ref))
    return nullptr;
  json::object event{{"event", "initialized"},
                     {"tx_ref", r.tx_ref},
                     {"token", random_token(24)},
                     {"amount_minor", r.amount.minor},
                     {"currency", r.amount.currency.code()},
                     {"meta", r.meta}};
  put(event, "email", r.email);
  put(event, "first_name", r.first_name);
  put(event, "last_name", r.last_name);
  put(event, "phone_number", r.phone_number);
  put(event, "callback_url", r.callback_url);
  put(event, "return_url", r.return_url);
  put(event, "title", r.title);
  put(event, "description", r.description);
  put(event, "logo", r.logo);
  change(std::move(event));
  return &all_.back();
}

const transaction* transactions::find(std::string_view tx_ref) const {
  const auto found = by_tx_ref_.find(tx_ref);
  return found == by_tx_ref_.end() ? nullptr : found->second;
}

const transaction* transactions::find_by_token(std::string_view token) const {
  const auto found = by_token_.find(token);
  return found == by_token_.end() ? nullptr : found->second;
}

const transaction* transactions::find_by_either(std::string_view reference) const {
  const auto found = by_reference_.find(reference);
  return found == by_reference_.end() ? find(reference) : found->second;
}

std::optional<transactions::refund_of> transactions::find_refund(std::string_view reference) const {
  if (const auto found = refunds_.find(reference); found != refunds_.end())
    return refund_of{found->second.first, found->second.second};
  const transaction* t = find_by_either(reference);
  if (!t || t->refunds.empty())
    return std::nullopt;
  return refund_of{t, &t->refunds.back()};
}

std::vector<const transaction*> transactions::page(std::size_t number, std::size_t size) const {
  std::vector<const transaction*> out;
  for (std::size_t i = (number - 1) * size; i < all_.size() && out.size() < size; ++i)
    out.push_back(&all_[all_.size() - 1 - i]);
  return out;
}

session_state transactions::session_of(const transaction& t) const {
  switch (t.status) {
  case payment_status::success:
  case payment_status::refunded:
  case payment_status::reversed:
    return session_state::paid;
  case payment_status::cancelled:
    return session_state::cancelled;
  case payment_status::pending:
  case payment_status::failed:
    break;
  }
  if (t.link_expired || clock_.now() >= t.created_at + rules_.session_length)
    return session_state::expired;
  return attempts_left(t) <= 0 ? session_state::exhausted : session_state::open;
}

refund_status transactions::status_of(const refund& r) const {
  const bool moves = r.status == refund_status::initiated && r.fate != refund_fate::stuck;
  return moves && clock_.now() >= r.created_at + rules_.refund_step ? refund_status::processing : r.status;
}

bool transactions::expire_link(const transaction& t) {
  const session_state session = session_of(t);
  if (session != session_state::open && session != session_state::exhausted)
    return false;
  change({{"event", "link_expired"}, {"tx_ref", t.request.tx_ref}});
  return true;
}

void transactions::pay(const transaction& t, std::string_view mobile) {
  if (session_of(t) != session_state::open)
    throw std::logic_error("pay: the session is not open");
  change({{"event", "attempted"},
          {"tx_ref", t.request.tx_ref},
          {"mobile", mobile},
          {"success", is_paying_mobile(mobile)},
          {"reference", t.reference.empty() ? random_code(12) : t.reference}});
}

void transactions::cancel(const transaction& t) {
  if (session_of(t) != session_state::open)
    throw std::logic_error("cancel: the session is not open");
  change({{"event", "cancelled"},
          {"tx_ref", t.request.tx_ref},
          {"reference", t.reference.empty() ? random_code(12) : t.reference}});
}

std::variant<transactions::refund_of, refund_fault> transactions::refund_payment(const transaction& t,
                                                                                 const refund_request& r) {
  if (!is_paid(t.status))
    return refund_fault::not_paid;
  if (r.reference && refunds_.contains(*r.reference))
    return refund_fault::reference_used;
  std::int64_t left = t.request.amount.minor;
  for (const refund& earlier : t.refunds)
    left -= earlier.status == refund_status::reversed ? 0 : earlier.amount.minor;
  const std::int64_t wanted = r.amount ? r.amount->minor : left;
  if (wanted <= 0 || wanted > left)
    return refund_fault::too_much;
  json::object event{{"event", "refund_requested"},
                     {"tx_ref", t.request.tx_ref},
                     {"amount_minor", wanted},
                     {"currency", t.request.amount.currency.code()},
                     {"ref", "MERC-DIS-REF-" + random_code(10)},
                     {"bank_reference", random_code(10)},
                     {"fate", fate_names[static_cast<std::size_t>(r.fate)]}};
  put(event, "reason", r.reason);
  put(event, "merchant_reference", r.reference);
  change(std::move(event));
  return refund_of{&t, &t.refunds.back()};
}

bool transactions::move_refund(const refund_of& r, refund_status to) {
  if (r.made->is_over())
    return false;
  change({{"event", "refund_moved"},
          {"tx_ref", r.paid->request.tx_ref},
          {"ref", r.made->ref},
          {"status", name_of(to)}});
  return true;
}

void transactions::force(const transaction& t, payment_status to) {
  change({{"event", "forced"},
          {"tx_ref", t.request.tx_ref},
          {"status", name_of(to)},
          {"reference", t.reference.empty() ? random_code(12) : t.reference}});
}

std::vector<transactions::refund_of> transactions::settle_due_refunds() {
  std::vector<refund_of> out;
  while (!unsettled_.empty() && clock_.now() >= *next_refund_due()) {
    const refund_of due = unsettled_.front();
    move_refund(due,
                due.made->fate == refund_fate::reversed ? refund_status::reversed : refund_status::refunded);
    out.push_back(due);
  }
  return out;
}

std::optional<time_point> transactions::next_refund_due() const {
  if (unsettled_.empty())
    return std::nullopt;
  return unsettled_.front().made->created_at + 2 * rules_.refund_step;
}

void transactions::change(json::object event) {
  event["at"] = to_rfc3339(clock_.now());
  record_(event);
  apply(event);
}

transaction& transactions::known(const json::object& event) {
  const auto found = by_tx_ref_.find(std::string_view(event.at("tx_ref").as_string()));
  if (found == by_tx_ref_.end())
    throw std::runtime_error("unknown tx_ref");
  return *found->second;
}

void transactions::apply(const json::object& event) {
  const std::string_view name = event.at("event").as_string();
  const time_point at = time_in(event);
  if (name == "initialized")
    return apply_initialized(event, at);
  transaction& t = known(event);
  t.updated_at = at;
  if (name == "attempted") {
    apply_attempt(t, event);
  } else if (name == "cancelled") {
    t.status = payment_status::cancelled;
    t.reference = required(event, "reference");
    t.failure_reason = "Cancelled by the payer";
    t.log.push_back({"Transaction was cancelled by the payer", at});
    by_reference_.emplace(t.reference, &t);
  } else if (name == "link_expired") {
    t.link_expired = true;
    t.log.push_back({"Checkout link was expired by the merchant", at});
  } else if (name == "refund_requested") {
    apply_refund(t, event, at);
  } else if (name == "refund_settled") { // as journals had it once
    apply_refund_moved(t, *refunds_.at(required(event, "ref")).second, refund_status::refunded, at);
  } else if (name == "refund_moved") {
    apply_refund_moved(t, *refunds_.at(required(event, "ref")).second,
                       parse_refund_status(required(event, "status")).value(), at);
  } else if (name == "forced") {
    apply_forced(t, event);
  } else {
    throw std::runtime_error("unknown event");
  }
}

void transactions::apply_initialized(const json::object& event, time_point at) {
  transaction t;
  t.id = first_id + static_cast<std::int64_t>(all_.size());
  t.request.tx_ref = required(event, "tx_ref");
  t.request.amount = amount_in(event);
  t.request.email = text(event, "email");
  t.request.first_name = text(event, "first_name");
  t.request.last_name = text(event, "last_name");
  t.request.phone_number = text(event, "phone_number");
  t.request.callback_url = text(event, "callback_url");
  t.request.return_url = text(event, "return_url");
  t.request.title = text(event, "title");
  t.request.description = text(event, "description");
  t.request.logo = text(event, "logo");
  t.request.meta = event.at("meta");
  t.token = required(event, "token");
  t.created_at = t.updated_at = at;
  t.log.push_back({"Transaction was initialized", at});
  if (by_tx_ref_.contains(t.request.tx_ref))
    throw std::runtime_error("tx_ref twice");
  transaction& kept = all_.emplace_back(std::move(t));
  by_tx_ref_.emplace(kept.request.tx_ref, &kept);
  by_token_.emplace(kept.token, &kept);
}

void transactions::apply_attempt(transaction& t, const json::object& event) {
  const bool success = event.at("success").as_bool();
  ++t.attempts;
  t.status = success ? payment_status::success : payment_status::failed;
  t.mobile = required(event, "mobile");
  t.reference = required(event, "reference");
  t.failure_reason = success ? "" : "The payment was declined";
  t.log.push_back({"Attempted to make payment with test", t.updated_at});
  t.log.push_back(
      {success ? "Transaction is successful with test" : "Transaction has failed with test", t.updated_at});
  by_reference_.emplace(t.reference, &t);
}

void transactions::apply_refund(transaction& t, const json::object& event, time_point at) {
  refund r{.id = first_refund_id + refund_count_++,
           .ref = required(event, "ref"),
           .merchant_reference = text(event, "merchant_reference"),
           .bank_reference = required(event, "bank_reference"),
           .amount = amount_in(event),
           .reason = text(event, "reason"),
           .fate = named<refund_fate>(fate_names, text(event, "fate").value_or("refunded")).value(),
           .created_at = at,
           .updated_at = at};
  refund& kept = t.refunds.emplace_back(std::move(r));
  refunds_.emplace(kept.ref, std::pair(&t, &kept));
  if (kept.merchant_reference)
    refunds_.emplace(*kept.merchant_reference, std::pair(&t, &kept));
  if (kept.fate != refund_fate::stuck)
    unsettled_.push_back({&t, &kept});
  t.log.push_back({"Refund " + kept.ref + " was requested", at});
}

void transactions::apply_refund_moved(transaction& t, refund& r, refund_status to, time_point at) {
  r.status = to;
  r.updated_at = at;
  t.log.push_back({fmt::format("Refund {} is {}", r.ref, name_of(to)), at});
  if (!r.is_over())
    return;
  std::erase_if(unsettled_, [&r](const refund_of& each) { return each.made == &r; });
  std::int64_t refunded = 0;
  for (const refund& each : t.refunds)
    refunded += each.status == refund_status::refunded ? each.amount.minor : 0;
  if (refunded == t.request.amount.minor)
    t.status = payment_status::refunded;
}

void transactions::apply_forced(transaction& t, const json::object& event) {
  t.status = parse_payment_status(required(event, "status")).value();
  t.log.push_back(
      {fmt::format("Transaction was made {} by the control API", name_of(t.status)), t.updated_at});
  if (t.status == payment_status::pending)
    return;
  t.reference = required(event, "reference");
  by_reference_.emplace(t.reference, &t);
  t.attempts = std::max(t.attempts, 1);
  if (t.mobile.empty())
    t.mobile = "0900123456";
  if (!is_paid(t.status))
    t.failure_reason = "The payment was declined";
}

} // namespace nexus::chapa
