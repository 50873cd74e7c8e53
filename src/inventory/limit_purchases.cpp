// How many of a variant one may order, for what everybody wants at once.
#include "inventory/endpoints.hpp"
#include "inventory/inventory.sql.hpp"
#include "inventory/stock_view.hpp"

namespace nexus::inventory {

namespace {

struct purchase_limits {
  std::optional<std::optional<int>> max_per_order, max_per_customer;

  static constexpr std::string_view schema_name = "PurchaseLimits";
  template <class V>
  static constexpr void fields(V&& field) {
    field("max_per_order", &purchase_limits::max_per_order,
          {.minimum = 1, .maximum = 1'000'000, .doc = "How many one order may have; null: no limit"});
    field("max_per_customer", &purchase_limits::max_per_customer,
          {.minimum = 1,
           .maximum = 1'000'000,
           .doc = "How many one customer (account or address) may have in all; null: no limit"});
  }
};

} // namespace

api::endpoint limit_purchases() {
  return api::patch("/{variant_id}/", "limit_purchases", "How many of a variant one may order")
      .needs(std::string(write_permission))
      .fails({&errors::not_found})
      .handle([](api::context& c,
                 api::request<variant_path, none, purchase_limits> in) -> awaitable<result<stock_view>> {
        const auto& [per_order, per_customer] = in.body;
        const db::rows set = co_await c.db.query(sql::set_limits, in.path.variant_id, per_order.has_value(),
                                                 per_order.value_or(std::nullopt), per_customer.has_value(),
                                                 per_customer.value_or(std::nullopt));
        if (set.empty())
          co_return no_such_variant();
        co_return view_of(set.front());
      });
}

} // namespace nexus::inventory
