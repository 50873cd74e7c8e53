#include "catalogue/endpoints.hpp"
#include "catalogue/precondition.hpp"
#include "catalogue/products.hpp"
#include "catalogue/products.sql.hpp"
#include "catalogue/slugs.hpp"

namespace nexus::catalogue {

namespace {

struct product_change {
  std::optional<std::string> name, description, slug;
  std::optional<std::optional<std::int64_t>> brand;
  std::optional<std::vector<std::int64_t>> categories;
  std::optional<decimal> base_price;
  std::optional<nexus::currency> currency;
  std::optional<product_status> status;

  static constexpr std::string_view schema_name = "ProductChange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &product_change::name, {.min_length = 1, .max_length = 255});
    field("description", &product_change::description, {.max_length = 100'000});
    field("slug", &product_change::slug, {.form = json::format::slug});
    field("brand", &product_change::brand, {.minimum = 1, .doc = "Null: of no brand"});
    field("categories", &product_change::categories, {.max_length = 100, .minimum = 1, .doc = "All of them"});
    field("base_price", &product_change::base_price, {.minimum = 0, .maximum = highest_price});
    field("currency", &product_change::currency, {.doc = "Together with base_price"});
    field("status", &product_change::status);
  }
};

using update_request = api::request<key_path, none, product_change>;

// The new price and currency into the product; a problem where variants have prices of the old currency.
awaitable<std::optional<problem>> change_price(db::transaction& tx, const product_change& change,
                                               locked_product& product, json::faults& f) {
  const currency before = product.base_price.currency;
  const currency of = change.currency.value_or(before);
  if (change.base_price)
    product.base_price = {read_price(*change.base_price, of, "/base_price", f), of};
  else if (of != before)
    f.add("/base_price", "required", "Another currency needs another base price.");
  if (of == before)
    co_return std::nullopt;
  const db::rows own = co_await tx.query(sql::has_own_prices, product.id);
  if (!own.front().get<bool>(0))
    co_return std::nullopt;
  co_return problem(currency_in_use, "Take the prices of its variants back first: they are in " +
                                         std::string(before.code()) + ".");
}

void send_categories(db::transaction& tx, std::int64_t product_id,
                     const std::vector<std::int64_t>& categories) {
  tx.send(sql::delete_other_product_categories, product_id, categories);
  tx.send(sql::insert_product_categories, product_id, categories);
}

awaitable<result<product_view>> update(api::context& c, db::transaction& tx, update_request in) {
  auto& change = in.body;
  const time_point now = c.now();
  auto product = co_await lock_matching_product(c, tx, key_of(in.path.id));
  if (!product)
    co_return product.error();
  json::faults f;
  check_slug(change.slug, f);
  if (auto refused = co_await change_price(tx, change, *product, f))
    co_return std::move(*refused);
  co_await check_references(tx, change.brand.value_or(std::nullopt),
                            change.categories.value_or(std::vector<std::int64_t>{}), f);
  if (!f.empty())
    co_return invalid(f.take());

  if (change.name)
    product->name = std::move(*change.name);
  if (change.description)
    product->description = std::move(*change.description);
  if (change.slug)
    product->slug = std::move(*change.slug);
  if (change.brand)
    product->brand_id = *change.brand;
  product->status = change.status.value_or(product->status);
  co_await tx.query(sql::update_product, product->id, product->name, product->slug, product->description,
                    product->brand_id, product->base_price.minor, product->base_price.currency.code(),
                    json::name_of(product->status), now);
  if (change.categories)
    send_categories(tx, product->id, *change.categories);
  if (change.base_price) {
    tx.send(sql::follow_base_price, product->id, product->base_price.minor);
    refresh_price_ranges(tx, {product->id}, now);
  }
  co_return (co_await read_product(tx, {product->id, {}}, true)).value();
}

} // namespace

api::endpoint update_product() {
  return api::patch("/products/{id}/", "update_product", "Change a product")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch, &currency_in_use})
      .on_constraint({"product_slug_key", "/slug", "not_unique", "Another one has this slug."})
      .handle([](api::context& c, db::transaction& tx, update_request in) -> awaitable<result<product_view>> {
        return update(c, tx, std::move(in));
      });
}

} // namespace nexus::catalogue
