#include "inventory/endpoints.hpp"
#include "inventory/inventory.sql.hpp"

namespace nexus::inventory {

namespace {

struct stock_view {
  std::int64_t variant_id = 0;
  int on_hand = 0, reserved = 0, available = 0;

  static constexpr std::string_view schema_name = "Stock";
  template <class V>
  static constexpr void fields(V&& field) {
    field("variant_id", &stock_view::variant_id);
    field("on_hand", &stock_view::on_hand, {.doc = "Pieces in the house"});
    field("reserved", &stock_view::reserved, {.doc = "Those of them that live orders hold"});
    field("available", &stock_view::available, {.doc = "on_hand - reserved"});
  }
};

awaitable<result<stock_view>> read(api::context& c, api::request<variant_path> in) {
  const db::rows found = co_await c.db.query(sql::read_stock, in.path.variant_id);
  if (found.empty())
    co_return no_such_variant();
  const auto [id, on_hand, reserved] = found.front().as<std::int64_t, int, int>();
  co_return stock_view{id, on_hand, reserved, on_hand - reserved};
}

} // namespace

api::endpoint read_stock() {
  return api::get("/{variant_id}/", "read_stock", "What lies in the house of a variant")
      .needs(std::string(write_permission))
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<variant_path> in) -> awaitable<result<stock_view>> {
        return read(c, std::move(in));
      });
}

} // namespace nexus::inventory
