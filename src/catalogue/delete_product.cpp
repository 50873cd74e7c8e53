#include "catalogue/endpoints.hpp"
#include "catalogue/products.hpp"
#include "catalogue/products.sql.hpp"
#include "catalogue/variants.sql.hpp"
#include "inventory/inventory.hpp"

namespace nexus::catalogue {

namespace {

awaitable<result<none>> remove(api::context& c, db::transaction& tx, api::request<key_path> in) {
  const auto product = co_await lock_matching_product(c, tx, key_of(in.path.id));
  if (!product)
    co_return product.error();
  std::vector<std::int64_t> variant_ids;
  const db::rows variants = co_await tx.query(sql::variant_ids, product->id);
  for (const db::row row : variants)
    variant_ids.push_back(row.get<std::int64_t>(0));
  // What an order holds or held stands in the ledger; under the stock's locks no order can come in between.
  co_await inventory::lock(tx, variant_ids);
  const auto moved = co_await inventory::have_moved(tx, variant_ids);
  if (moved.empty())
    co_await tx.query(sql::delete_product, product->id);
  else
    co_await tx.query(sql::archive_product, product->id, c.now());
  co_return none{};
}

} // namespace

api::endpoint delete_product() {
  return api::del("/products/{id}/", "delete_product", "Retire a product")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .describe("It is archived where it was ever ordered or in stock, else deleted.")
      .handle([](api::context& c, db::transaction& tx, api::request<key_path> in) -> awaitable<result<none>> {
        return remove(c, tx, std::move(in));
      });
}

} // namespace nexus::catalogue
