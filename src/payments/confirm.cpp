// POST /payment/{tx_ref}/confirm/: staff say that the money of a manual payment is there.
#include "payments/endpoints.hpp"
#include "payments/message.hpp"
#include "payments/payment_view.hpp"
#include "payments/refund_view.hpp"

namespace nexus::payments {

namespace {

struct confirm_body {
  std::optional<decimal> amount;
  std::optional<std::string> reference;
  std::string note;

  static constexpr std::string_view schema_name = "ConfirmPayment";
  template <class V>
  static constexpr void fields(V&& field) {
    field("amount", &confirm_body::amount,
          {.doc = "What came; left out: what was asked for. Another amount is refund_required"});
    field("reference", &confirm_body::reference,
          {.max_length = 200, .doc = "Of the transfer or the receipt", .example = "FT26331XK2"});
    field("note", &confirm_body::note, {.max_length = 500, .optional = true});
  }
};

struct confirmation {
  std::int64_t confirmed_by = 0;
  std::string amount, reference, note;
  static constexpr std::string_view schema_name = "PaymentConfirmation";
  template <class V>
  static constexpr void fields(V&& field) {
    field("confirmed_by", &confirmation::confirmed_by);
    field("amount", &confirmation::amount);
    field("reference", &confirmation::reference);
    field("note", &confirmation::note);
  }
};

awaitable<result<payment_view>> handle(api::context& c, db::transaction& tx, const till& t,
                                       api::request<payment_path, none, confirm_body> in) {
  const auto a = co_await find_attempt(tx, in.path.tx_ref);
  if (!a)
    co_return problem(errors::not_found, "There is no such payment.");
  if (a->provider != manual_provider_name)
    co_return problem(payment_not_manual, "Only its provider can say what became of this payment.");
  const money came =
      in.body.amount ? money::from(*in.body.amount, a->amount.currency).value_or(money{}) : a->amount;
  if (came.minor <= 0)
    co_return problem(errors::validation_error, "The request has fields that are not valid.",
                      {{"/amount", "invalid_amount", "More than 0, with the digits of its currency."}});
  const std::string reference = in.body.reference.value_or("");
  const confirmation said{c.principal->user_id, to_string(came), reference, in.body.note};
  const charge news{.state = charge_state::success,
                    .tx_ref = a->tx_ref,
                    .amount = decimal::parse(to_string(came)),
                    .currency = std::string(came.currency.code()),
                    .reference = storable(reference)};
  const auto after = co_await settle(tx, t, a->tx_ref, news, json::encode(said), c.now(), "confirmed");
  co_return view_of(*after);
}

} // namespace

api::endpoint confirm_payment(std::shared_ptr<const till> t) {
  return api::post("/{tx_ref}/confirm/", "confirm_payment", "The money of a manual payment is there")
      .needs("payments.confirm")
      .idempotent()
      .describe(
          "For cash on delivery and bank transfers: completes the order as any payment does. To confirm "
          "again changes nothing.")
      .fails({&errors::not_found, &payment_not_manual})
      .handle([t](api::context& c, db::transaction& tx,
                  api::request<payment_path, none, confirm_body> in) -> awaitable<result<payment_view>> {
        return handle(c, tx, *t, std::move(in));
      });
}

} // namespace nexus::payments
