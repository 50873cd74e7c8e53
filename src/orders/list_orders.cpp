#include "orders/load.hpp"
#include "orders/orders.sql.hpp"
#include "orders/use_cases.hpp"
#include "platform/api/page.hpp"

namespace nexus::orders {

namespace {

struct list_query : api::page_query {
  std::optional<order_status> status;
  std::optional<std::string> email;
  std::optional<time_point> placed_after, placed_before;

  static constexpr std::string_view schema_name = "OrderListQuery";
  template <class V>
  static constexpr void fields(V&& field) {
    api::page_query::fields(field);
    field("status", &list_query::status);
    field("email", &list_query::email, {.form = json::format::email});
    field("placed_after", &list_query::placed_after);
    field("placed_before", &list_query::placed_before);
  }
};

awaitable<result<api::page<order>>> handle(api::context& c, api::request<none, list_query> in) {
  const list_query& q = in.query;
  const auto from = api::read_cursor(q, 1);
  if (!from)
    co_return from.error();
  // From the start: after every id there can be.
  std::optional<uuid> key =
      from->key.empty() ? parse_uuid("ffffffff-ffff-ffff-ffff-ffffffffffff") : parse_uuid(from->key.front());
  if (!key)
    co_return problem(errors::validation_error, "The query has parameters that are not valid.",
                      {{"?cursor", "invalid_cursor", "Take cursors from next and previous of this list."}});
  // Staff see all; everybody else their own.
  const std::optional<std::int64_t> owner =
      c.may("orders.read") ? std::nullopt : std::optional(c.principal->user_id);
  const auto status = q.status ? std::optional(std::string(json::name_of(*q.status))) : std::nullopt;
  const db::statement& list = owner ? (from->backward ? sql::list_own_after : sql::list_own_before)
                                    : (from->backward ? sql::list_all_after : sql::list_all_before);
  const db::rows rows = co_await c.db.query(list, key, owner, status, q.email, q.placed_after,
                                            q.placed_before, q.page_size + 1);
  api::page<order> out;
  out.results = co_await load_all(c.db, rows);
  api::finish_page(c, q, *from, out, [](const order& o) { return std::vector{to_string(o.id)}; });
  if (q.count) {
    const db::rows counted = co_await c.db.query(owner ? sql::count_own : sql::count_all, owner, status,
                                                 q.email, q.placed_after, q.placed_before);
    out.count = counted.front().get<std::int64_t>(0);
  }
  co_return out;
}

} // namespace

api::endpoint list_orders() {
  return api::get("/", "list_orders", "One's own orders, newest first; staff with orders.read see all")
      .signed_in()
      .handle(handle);
}

} // namespace nexus::orders
