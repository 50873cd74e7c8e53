#include "inventory/endpoints.hpp"
#include "inventory/inventory.sql.hpp"
#include "inventory/stock_view.hpp"

namespace nexus::inventory {

api::endpoint read_stock() {
  return api::get("/{variant_id}/", "read_stock", "What lies in the house of a variant")
      .needs(std::string(write_permission))
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<variant_path> in) -> awaitable<result<stock_view>> {
        const db::rows found = co_await c.db.query(sql::read_stock, in.path.variant_id);
        if (found.empty())
          co_return no_such_variant();
        co_return view_of(found.front());
      });
}

} // namespace nexus::inventory
