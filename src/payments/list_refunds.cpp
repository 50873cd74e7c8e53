// GET /payment/{tx_ref}/refunds/: what went back of a payment, or is on its way.
#include "payments/endpoints.hpp"
#include "payments/refund_view.hpp"

namespace nexus::payments {

namespace {

struct refund_list {
  std::vector<refund_view> results;

  static constexpr std::string_view schema_name = "RefundsOfPayment";
  template <class V>
  static constexpr void fields(V&& field) {
    field("results", &refund_list::results);
  }
};

} // namespace

api::endpoint list_refunds() {
  return api::get("/{tx_ref}/refunds/", "list_refunds", "The refunds of a payment, oldest first")
      .needs("payments.read")
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<payment_path> in) -> awaitable<result<refund_list>> {
        const auto a = co_await find_attempt(c.db, std::move(in.path.tx_ref));
        if (!a)
          co_return problem(errors::not_found, "There is no such payment.");
        refund_list out;
        for (const refund& each : co_await find_refunds(c.db, a->id))
          out.results.push_back(view_of(each));
        co_return out;
      });
}

} // namespace nexus::payments
