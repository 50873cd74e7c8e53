// GET /payment/callback/chapa/: Chapa's own, unsigned: a hint to ask, nothing more.
#include "payments/endpoints.hpp"

namespace nexus::payments {

namespace {

struct callback_query {
  std::optional<std::string> trx_ref, tx_ref, ref_id, status;

  static constexpr std::string_view schema_name = "ChapaCallback";
  template <class V>
  static constexpr void fields(V&& field) {
    field("trx_ref", &callback_query::trx_ref,
          {.max_length = 50, .doc = "Our reference, as Chapa spells it here"});
    field("tx_ref", &callback_query::tx_ref,
          {.max_length = 50, .doc = "The same, as Chapa spells it elsewhere"});
    field("ref_id", &callback_query::ref_id, {.max_length = 200, .doc = "Chapa's reference"});
    field("status", &callback_query::status, {.max_length = 50, .doc = "Not believed"});
  }
};

struct callback_answer {
  std::string tx_ref;
  attempt_status status = attempt_status::pending;

  static constexpr std::string_view schema_name = "ChapaCallbackAnswer";
  template <class V>
  static constexpr void fields(V&& field) {
    field("tx_ref", &callback_answer::tx_ref);
    field("status", &callback_answer::status);
  }
};

// As sent, for the record, without what Chapa never sends.
std::string message_of(const callback_query& q) {
  return "trx_ref=" + q.trx_ref.value_or("") + " tx_ref=" + q.tx_ref.value_or("") +
         " ref_id=" + q.ref_id.value_or("") + " status=" + q.status.value_or("");
}

awaitable<result<callback_answer>> take_callback(api::context& c, const till& t, callback_query q) {
  const std::string tx_ref = q.trx_ref.value_or(q.tx_ref.value_or(""));
  const auto known = co_await find_attempt(c.db, tx_ref);
  if (!known)
    co_return problem(errors::not_found, "There is no such payment.");
  co_await keep_message(c.db, *known, "callback", message_of(q), c.now());
  const auto now = co_await check(c.db, t, tx_ref, c.clock);
  if (!now || !now->is_reached)
    co_return problem(payment_provider_error, "The payment could not be verified; call again.");
  co_return callback_answer{now->attempt.tx_ref, now->attempt.status};
}

} // namespace

api::endpoint chapa_callback(std::shared_ptr<const till> t) {
  return api::get("/callback/chapa/", "chapa_callback", "Chapa says that something happened to a payment")
      .anonymous()
      .describe("For Chapa. It is not signed, so it only makes us ask Chapa.")
      .lenient_query()
      .fails({&errors::not_found, &payment_provider_error})
      .handle(
          [t](api::context& c, api::request<none, callback_query> in) -> awaitable<result<callback_answer>> {
            return take_callback(c, *t, std::move(in.query));
          });
}

} // namespace nexus::payments
