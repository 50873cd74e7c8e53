// POST /payment/{tx_ref}/refunds/: staff give money back, all of it or part.
//
// The intent is committed with the answer; the worker tells the provider.
#include "payments/endpoints.hpp"
#include "payments/refund_book.hpp"
#include "payments/refund_view.hpp"

namespace nexus::payments {

namespace {

struct restock_line {
  std::int64_t variant_id = 0;
  int quantity = 0;

  static constexpr std::string_view schema_name = "RestockLine";
  template <class V>
  static constexpr void fields(V&& field) {
    field("variant_id", &restock_line::variant_id, {.minimum = 1});
    field("quantity", &restock_line::quantity, {.minimum = 1, .maximum = 1'000'000});
  }
};

struct refund_body {
  std::optional<decimal> amount;
  std::string reason;
  std::vector<restock_line> restock;

  static constexpr std::string_view schema_name = "RequestRefund";
  template <class V>
  static constexpr void fields(V&& field) {
    field("amount", &refund_body::amount,
          {.doc = "In the payment's currency; left out: all that is left", .example = "100.00"});
    field("reason", &refund_body::reason, {.max_length = 500, .optional = true});
    field("restock", &refund_body::restock,
          {.max_length = 500,
           .optional = true,
           .doc = "Pieces that can be sold again: that came back, or will not be shipped"});
  }
};

problem bad_amount(std::string code, std::string detail) {
  return {errors::validation_error,
          "The request has fields that are not valid.",
          {{"/amount", std::move(code), std::move(detail)}}};
}

awaitable<result<refund_view>> handle(api::context& c, db::transaction& tx, const till& t,
                                      api::request<payment_path, none, refund_body> in) {
  refund_wish wish{.reason = std::move(in.body.reason), .by = c.principal->user_id};
  for (const restock_line& line : in.body.restock)
    wish.restock.push_back({line.variant_id, line.quantity});
  if (in.body.amount) {
    const auto a = co_await find_attempt(tx, in.path.tx_ref);
    if (!a)
      co_return problem(errors::not_found, "There is no such payment.");
    wish.amount = money::from(*in.body.amount, a->captured.currency);
    if (!wish.amount)
      co_return bad_amount("too_precise", "The amount has more digits than its currency.");
    if (wish.amount->minor <= 0)
      co_return bad_amount("too_small", "The amount must be more than 0.");
  }
  const auto opened = co_await open_refund(tx, t, in.path.tx_ref, std::move(wish), c.now());
  if (!opened)
    co_return opened.error();
  co_return view_of(*opened);
}

} // namespace

api::endpoint request_refund(std::shared_ptr<const till> t) {
  return api::post("/{tx_ref}/refunds/", "request_refund", "Give a payment back, all of it or part")
      .needs("payments.refund")
      .created()
      .idempotent()
      .describe("Refunds are asynchronous: it is `initiated`, then `processing`, and in the end `refunded`, "
                "`reversed` or `failed`. Their sum never exceeds what was captured. Giving back all that an "
                "order still in the house was paid cancels it and frees its stock; once the money is back it "
                "is `refunded`.")
      .fails({&errors::not_found, &payment_not_captured, &refund_exceeds_captured, &orders::order_not_paid})
      .handle([t](api::context& c, db::transaction& tx,
                  api::request<payment_path, none, refund_body> in) -> awaitable<result<refund_view>> {
        return handle(c, tx, *t, std::move(in));
      });
}

} // namespace nexus::payments
