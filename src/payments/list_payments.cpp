// GET /payment/: all payments, newest first, for staff: above all those that need a look.
#include "payments/endpoints.hpp"
#include "payments/payment_view.hpp"
#include "payments/payments.sql.hpp"
#include "platform/api/page.hpp"

namespace nexus::payments {

namespace {

struct list_query : api::page_query {
  std::optional<attempt_status> status;
  std::optional<uuid> order_id;

  static constexpr std::string_view schema_name = "PaymentListQuery";
  template <class V>
  static constexpr void fields(V&& field) {
    api::page_query::fields(field);
    field("status", &list_query::status, {.doc = "refund_required: money that must go back"});
    field("order_id", &list_query::order_id);
  }
};

awaitable<result<api::page<payment_view>>> handle(api::context& c, api::request<none, list_query> in) {
  const list_query& q = in.query;
  const auto from = api::read_cursor(q, 1);
  if (!from)
    co_return from.error();
  // From the start: after every id there can be.
  const auto key =
      from->key.empty() ? parse_uuid("ffffffff-ffff-ffff-ffff-ffffffffffff") : parse_uuid(from->key.front());
  if (!key)
    co_return problem(errors::validation_error, "The query has parameters that are not valid.",
                      {{"?cursor", "invalid_cursor", "Take cursors from next and previous of this list."}});
  const auto status = q.status ? std::optional(std::string(json::name_of(*q.status))) : std::nullopt;
  const db::statement& list = from->backward ? sql::list_after : sql::list_before;
  const db::rows rows = co_await c.db.query(list, *key, status, q.order_id, q.page_size + 1);
  api::page<payment_view> out;
  for (const attempt& each : attempts_of(rows))
    out.results.push_back(view_of(each));
  api::finish_page(c, q, *from, out, [](const payment_view& p) { return std::vector{to_string(p.id)}; });
  if (q.count) {
    const db::rows counted = co_await c.db.query(sql::count_payments, status, q.order_id);
    out.count = counted.front().get<std::int64_t>(0);
  }
  co_return out;
}

} // namespace

api::endpoint list_payments() {
  return api::get("/", "list_payments", "All payments, newest first")
      .needs("payments.read")
      .describe("`?status=refund_required` lists the money that must go back.")
      .handle(handle);
}

} // namespace nexus::payments
