// POST /payment/webhook/chapa/: signed over the raw body; even so only a hint to ask.
#include "core/text.hpp"
#include "payments/carry_refund.hpp"
#include "payments/endpoints.hpp"
#include "payments/message.hpp"
#include "payments/reconcile.sql.hpp"
#include "platform/log/log.hpp"

namespace nexus::payments {

namespace {

struct webhook_answer {
  std::string result;

  static constexpr std::string_view schema_name = "ChapaWebhookAnswer";
  template <class V>
  static constexpr void fields(V&& field) {
    field("result", &webhook_answer::result, {.doc = "verified, ignored, or unknown_reference"});
  }
};

http::response answer(int status, std::string result) {
  return {status, "application/json", json::encode(webhook_answer{std::move(result)}), {}};
}

awaitable<result<http::response>> take_charge(api::context& c, const till& t, notice said) {
  if (!is_storable_utf8(said.tx_ref)) { // none of ours
    log::warn("a webhook about a reference that cannot be",
              {{"request_id", c.request_id}, {"event", said.event}});
    co_return answer(202, "unknown_reference");
  }
  const auto known = co_await find_attempt(c.db, said.tx_ref);
  if (!known) { // signed, so worth keeping: our own commit may be behind it
    co_await keep_unknown(c.db, said.tx_ref, "webhook", c.request.body, c.now());
    co_await c.db.query(sql::note_unknown_reference, storable(said.tx_ref.substr(0, 200)), c.now(),
                        c.now() + std::chrono::seconds{1});
    log::warn("a webhook about a reference that we do not know",
              {{"request_id", c.request_id}, {"event", said.event}});
    co_return answer(202, "unknown_reference");
  }
  co_await keep_message(c.db, *known, "webhook", c.request.body, c.now());
  const bool went_back = said.event == "charge.refunded" || said.event == "charge.reversed";
  if (went_back) // by a refund of ours?
    for (const refund& each : co_await find_refunds(c.db, known->id))
      co_await look_after_refund(c.db, t, each.id, c.clock);
  const auto now =
      co_await check(c.db, t, said.tx_ref, c.clock, went_back ? asking::always : asking::where_not_settled);
  if (!now || !now->is_reached) // anything but 200, and Chapa sends it again
    co_return problem(payment_provider_error, "The payment could not be verified; send it again.");
  co_return answer(200, "verified");
}

awaitable<result<http::response>> take_webhook(api::context& c, const till& t) {
  notice said = t.provider->read_webhook(c.request);
  switch (said.what) {
  case notice::kind::forged:
    log::warn("a webhook without a valid signature was refused",
              {{"request_id", c.request_id}, {"peer", c.request.peer}, {"bytes", c.request.body.size()}});
    co_return problem(invalid_signature,
                      "x-chapa-signature must be the HMAC-SHA256 of the body under our shared secret.");
  case notice::kind::unreadable:
    log::warn("a signed webhook makes no sense", {{"request_id", c.request_id}, {"event", said.event}});
    co_return problem(errors::malformed_request, "The webhook's body is not one that Chapa documents.");
  case notice::kind::ignored:
    log::info("a webhook was ignored", {{"request_id", c.request_id}, {"event", said.event}});
    co_return answer(200, "ignored");
  case notice::kind::charge:
    break;
  }
  co_return co_await take_charge(c, t, std::move(said));
}

} // namespace

api::endpoint chapa_webhook(std::shared_ptr<const till> t) {
  return api::post("/webhook/chapa/", "chapa_webhook", "Chapa tells of a payment")
      .anonymous()
      .describe("For Chapa. `x-chapa-signature` is the HMAC-SHA256 (lower-case hex) of the raw body under "
                "the webhook "
                "secret; without it nothing is read. What it says is not believed: Chapa is asked.")
      .raw_body("application/json")
      .documents<webhook_answer>()
      .also_status(202, "The reference is not known here (yet); the message is kept")
      .fails({&invalid_signature, &errors::malformed_request, &payment_provider_error})
      .handle([t](api::context& c, api::request<>) -> awaitable<result<http::response>> {
        return take_webhook(c, *t);
      });
}

} // namespace nexus::payments
