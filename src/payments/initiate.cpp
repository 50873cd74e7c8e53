// POST /payment/initiate/{order_id}/: one living attempt an order, and the provider's page to pay it on.
//
// The attempt is committed before the provider hears of it. Who finds one that is being started waits for its
// page; who finds one whose session is over, whose start was never finished, or that failed and may yet be
// paid, asks the provider first and has it closed there.
#include "payments/settle.hpp"

#include "payments/endpoints.hpp"
#include "payments/payments.sql.hpp"
#include "platform/async/sleep.hpp"
#include "platform/checkpoint/checkpoint.hpp"
#include "platform/log/log.hpp"

namespace nexus::payments {

namespace {

using namespace std::chrono_literals;

// Longer than start, fetch and cancel may take together: who has not finished by then never will.
constexpr auto start_takes_at_most = 60s;
constexpr auto wait_at_most = 20s;
constexpr auto poll_every = 100ms;

struct initiate_path {
  uuid order_id{};
  static constexpr std::string_view schema_name = "InitiatePaymentPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("order_id", &initiate_path::order_id);
  }
};

struct payment_link {
  std::string payment_url, tx_ref;
  money amount;
  nexus::currency currency;
  time_point expires_at;

  static constexpr std::string_view schema_name = "PaymentLink";
  template <class V>
  static constexpr void fields(V&& field) {
    field("payment_url", &payment_link::payment_url,
          {.doc = "Where the payer goes", .example = "https://checkout.chapa.co/…"});
    field("tx_ref", &payment_link::tx_ref, {.doc = "The payment's reference, for verify"});
    field("amount", &payment_link::amount);
    field("currency", &payment_link::currency);
    field("expires_at", &payment_link::expires_at, {.doc = "Until then the same link is answered"});
  }
};

// How it is paid.
enum class provider_choice { chapa, manual };
constexpr std::array<std::string_view, 2> enum_names(provider_choice) { return {"chapa", "manual"}; }

struct initiate_body {
  std::optional<provider_choice> provider;
  static constexpr std::string_view schema_name = "InitiatePayment";
  template <class V>
  static constexpr void fields(V&& field) {
    field("provider", &initiate_body::provider);
  }
};

// The body may be left out; that of a browser's form says nothing.
result<initiate_body> read_body(const http::request& r) {
  const auto type = r.header("Content-Type").value_or("");
  if (r.body.empty() || type.starts_with("application/x-www-form-urlencoded"))
    return initiate_body{};
  if (!type.starts_with("application/json"))
    return problem(errors::unsupported_media_type, "Send application/json in UTF-8, or no body.");
  const auto parsed = json::parse(r.body);
  if (!parsed)
    return parsed.error();
  return json::decode<initiate_body>(*parsed);
}

bool wants_page(const http::request& r) {
  const auto accept = r.header("Accept").value_or("");
  return http::accept_quality(accept, "text/html") > http::accept_quality(accept, "application/json");
}

payment_link link_of(const attempt& a) {
  return {a.payment_url.value_or(""), a.tx_ref, a.amount, a.amount.currency, a.expires_at};
}

// What a look at the order, under its lock, found to do.
struct opening {
  enum class step { give, wait, start, retire, refuse };
  step next = step::refuse;
  payments::attempt attempt = {};
  start_request request = {};          // for start
  std::optional<problem> refusal = {}; // for refuse
};

opening refuse(const error_kind& kind, std::string detail) {
  opening out;
  out.refusal.emplace(kind, std::move(detail));
  return out;
}

std::optional<opening> refuse_by_state(const orders::payable& o, time_point now) {
  switch (o.status) {
  case orders::order_status::pending:
    break;
  case orders::order_status::expired:
    return refuse(orders::order_expired, "The order was not paid in time; place it again.");
  case orders::order_status::cancelled:
    return refuse(orders::order_cancelled, "The order was cancelled; place it again.");
  default:
    return refuse(orders::order_already_paid, "The order is paid; there is nothing left to pay.");
  }
  if (o.expires_at <= now)
    return refuse(orders::order_expired, "The order was not paid in time; place it again.");
  return std::nullopt;
}

std::optional<opening> refuse_by_amount(const orders::payable& o, const provider& p) {
  const money limit = p.limit(o.total.currency);
  if (o.total.minor <= 0 || o.total.minor > limit.minor)
    return refuse(amount_not_payable, "The provider takes more than 0 and at most " + to_string(limit) + " " +
                                          std::string(limit.currency.code()) + " in one payment.");
  return std::nullopt;
}

// The number for people who look at the provider's list, then 144 random bits: whoever knows it may ask for
// the payment.
std::string new_tx_ref(std::string_view order_number) {
  std::string out;
  for (const char c : order_number.substr(0, 24))
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      out += c;
  return out + "-" + random_token(18);
}

attempt new_attempt(const orders::payable& o, const till& t, const provider& p, time_point now) {
  attempt out;
  out.id = new_uuid(now);
  out.order_id = o.id;
  out.provider = p.name();
  out.tx_ref = new_tx_ref(o.number);
  out.amount = o.total;
  out.created_at = now;
  out.expires_at = std::min<time_point>(now + t.settings.session_length, o.expires_at);
  return out;
}

start_request request_of(const orders::payable& o, const attempt& a, const settings& s) {
  const std::string base = s.public_url + "/api/v1/payment";
  return {a.tx_ref,
          a.amount,
          o.number,
          o.email,
          o.full_name,
          o.phone_number,
          base + "/verify/" + a.tx_ref + "/",
          base + "/callback/chapa/"};
}

// Under the order's lock: what to do, and for a start the attempt's row and the message that will go out.
awaitable<opening> open(db::transaction& tx, const api::context& c, const till& t, uuid order_id,
                        std::optional<provider_choice> chosen) {
  const time_point now = c.now();
  const auto order = co_await orders::lock_payable(tx, order_id);
  if (!order || !orders::may_see(c, order->user_id))
    co_return refuse(errors::not_found, "There is no such order.");
  if (auto refusal = refuse_by_state(*order, now))
    co_return std::move(*refusal);
  opening out;
  for (attempt& earlier : co_await find_open_attempts(tx, order_id)) {
    const bool is_alive = earlier.status == attempt_status::pending && earlier.expires_at > now;
    const bool is_wanted = !chosen || json::name_of(*chosen) == earlier.provider;
    if (is_alive && earlier.payment_url && is_wanted)
      out.next = opening::step::give;
    else if (is_alive && !earlier.payment_url && earlier.created_at + start_takes_at_most > now)
      out.next = opening::step::wait;
    else
      out.next = opening::step::retire;
    out.attempt = std::move(earlier);
    co_return out;
  }
  const provider& p = t.of(json::name_of(chosen.value_or(provider_choice::chapa)));
  if (auto refusal = refuse_by_amount(*order, p))
    co_return std::move(*refusal);
  out.next = opening::step::start;
  out.attempt = new_attempt(*order, t, p, now);
  out.request = request_of(*order, out.attempt, t.settings);
  const attempt& a = out.attempt;
  co_await tx.query(sql::insert_attempt, a.id, a.order_id, a.provider, a.tx_ref, a.amount.minor,
                    a.amount.currency.code(), a.created_at, a.expires_at);
  co_await keep_message(tx, a, "initialize.request", p.start_message(out.request), now);
  co_return out;
}

problem provider_problem() {
  return {payment_provider_error,
          "The payment could not be started at the payment provider. Nothing was charged; try again."};
}

// Whoever starts it will say where the payer goes; bounded, for they may have died.
awaitable<result<payment_link>> await_link(api::context& c, attempt a) {
  const auto until = std::chrono::steady_clock::now() + wait_at_most;
  while (std::chrono::steady_clock::now() < until) {
    co_await sleep_for(poll_every);
    const auto now = co_await find_attempt(c.db, a.tx_ref);
    if (!now || (now->status != attempt_status::pending && !is_settled(now->status)))
      co_return provider_problem();
    if (is_settled(now->status))
      co_return problem(orders::order_already_paid, "The order is paid; there is nothing left to pay.");
    if (now->payment_url)
      co_return link_of(*now);
  }
  problem busy(payment_starting, "The payment is being started by another request; try again.");
  busy.retry_after_s = 5;
  co_return busy;
}

// The provider may know the attempt or not: ask, then end it on both sides, so that the next try starts
// clean. Nullopt: it can, at once.
awaitable<std::optional<problem>> end_unknown_start(api::context& c, const till& t, attempt a,
                                                    std::string reason) {
  const auto after = co_await check(c.db, t, a.tx_ref, c.clock);
  if (after && is_settled(after->attempt.status))
    co_return problem(orders::order_already_paid, "The order is paid; there is nothing left to pay.");
  co_await cancel_attempt(c.db, t, std::move(a), attempt_status::failed, "Its start ended unknown: " + reason,
                          c.clock);
  co_return after && after->is_reached ? std::nullopt : std::optional(provider_problem());
}

// Nullopt: its outcome was unknown, and it is ended; another attempt may be started.
awaitable<std::optional<result<payment_link>>> start(api::context& c, const till& t, opening o) {
  attempt& a = o.attempt;
  checkpoint("payments.initiate.before_call");
  start_answer answer = co_await t.of(a.provider).start(std::move(o.request));
  checkpoint("payments.initiate.after_call");
  co_await keep_message(c.db, a, "initialize.answer", answer.message.empty() ? answer.reason : answer.message,
                        c.now());
  if (answer.result == start_answer::outcome::started) {
    const db::rows stored = co_await c.db.query(sql::store_payment_url, a.id, answer.payment_url);
    if (stored.empty()) // somebody thought us dead
      co_return provider_problem();
    a.payment_url = std::move(answer.payment_url);
    co_return link_of(a);
  }
  log::warn("the payment provider did not start a payment",
            {{"request_id", c.request_id}, {"tx_ref", a.tx_ref}, {"reason", answer.reason}});
  if (answer.result == start_answer::outcome::unknown) {
    auto refusal = co_await end_unknown_start(c, t, std::move(a), std::move(answer.reason));
    if (refusal)
      co_return std::move(*refusal);
    co_return std::nullopt;
  }
  co_await close_attempt(c.db, std::move(a), attempt_status::failed, answer.reason, c.now());
  co_return provider_problem();
}

// Before another attempt: was this one paid after all? If not, the provider shall take no more money for it.
// False where the provider cannot say.
awaitable<bool> retire(api::context& c, const till& t, attempt a) {
  const auto now = co_await check(c.db, t, a.tx_ref, c.clock);
  if (!now || !now->is_reached)
    co_return false;
  if (!is_settled(now->attempt.status))
    co_await cancel_attempt(c.db, t, now->attempt, attempt_status::cancelled,
                            "Another attempt took its place.", c.clock);
  co_return true;
}

awaitable<result<payment_link>> initiate(api::context& c, const till& t, uuid order_id,
                                         std::optional<provider_choice> chosen) {
  bool was_unknown = false;
  for (int look = 0; look < 5; ++look) {
    opening o = co_await db::in_transaction(
        c.db, [&](db::transaction& tx) { return open(tx, c, t, order_id, chosen); });
    switch (o.next) {
    case opening::step::refuse:
      co_return std::move(*o.refusal);
    case opening::step::give:
      co_return link_of(o.attempt);
    case opening::step::wait:
      co_return co_await await_link(c, std::move(o.attempt));
    case opening::step::start:
      if (auto done = co_await start(c, t, std::move(o)))
        co_return std::move(*done);
      if (std::exchange(was_unknown, true))
        co_return provider_problem();
      break;
    case opening::step::retire:
      if (!co_await retire(c, t, std::move(o.attempt)))
        co_return provider_problem();
    }
  }
  co_return problem(payment_starting, "The order's earlier payments are still being ended; try again.");
}

awaitable<result<http::response>> answer(api::context& c, const till& t, uuid order_id) {
  const auto body = read_body(c.request);
  if (!body)
    co_return body.error();
  const auto link = co_await initiate(c, t, order_id, body->provider);
  if (!link)
    co_return link.error();
  if (wants_page(c.request))
    co_return http::response{
        303, {}, {}, {{"Location", link->payment_url}, {"Cache-Control", "no-store"}, {"Vary", "Accept"}}};
  co_return http::response{200, "application/json", json::encode(*link), {{"Vary", "Accept"}}};
}

} // namespace

api::endpoint initiate_payment(std::shared_ptr<const till> t) {
  return api::post("/initiate/{order_id}/", "initiate_payment", "Start paying an order")
      .open()
      .describe(
          "Answers where the payer goes. While that page is alive the same one is answered, so that "
          "nobody pays "
          "twice; sending it again is safe. The body may be left out; {\"provider\": \"manual\"} pays in "
          "cash or by transfer, which staff confirm. A user's order can be paid by that user, a guest's by "
          "whoever knows its id.")
      .fails({&errors::not_found, &orders::order_already_paid, &orders::order_expired,
              &orders::order_cancelled, &amount_not_payable, &payment_starting, &payment_provider_error})
      .raw_body("application/json")
      .documents<payment_link>()
      .also_status(303, "A browser is sent on to the payment page")
      .handle([t](api::context& c, api::request<initiate_path> in) -> awaitable<result<http::response>> {
        return answer(c, *t, in.path.order_id);
      });
}

} // namespace nexus::payments
