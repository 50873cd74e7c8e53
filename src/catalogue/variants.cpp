#include "catalogue/endpoints.hpp"
#include "catalogue/name_cursor.hpp"
#include "catalogue/precondition.hpp"
#include "catalogue/products.hpp"
#include "catalogue/products.sql.hpp"
#include "catalogue/variant_path.hpp"
#include "catalogue/variants.sql.hpp"
#include "inventory/inventory.hpp"

namespace nexus::catalogue {

namespace {

using list_request = api::request<key_path, variants_query>;

// Those of one page of the list by id, and one more where there is one, in the direction of the cursor.
std::vector<variant_view> slice(std::vector<variant_view> all, bool backward, std::int64_t from,
                                std::size_t at_most) {
  std::erase_if(all, [&](const variant_view& v) { return backward ? v.id >= from : v.id <= from; });
  std::sort(all.begin(), all.end(), [&](const variant_view& a, const variant_view& b) {
    return backward ? a.id > b.id : a.id < b.id;
  });
  if (all.size() > at_most)
    all.resize(at_most);
  return all;
}

// A product's variants are at most a few hundred: they are read at once.
awaitable<result<api::page<variant_view>>> list(api::context& c, list_request in) {
  const auto from = api::read_cursor(in.query, 1);
  if (!from)
    co_return from.error();
  const auto after = from->key.empty() ? std::optional<std::int64_t>(0) : parse_int(from->key[0]);
  if (!after)
    co_return bad_cursor();
  auto product = co_await read_product(c.db, key_of(in.path.id), c.may(write_permission));
  if (!product)
    co_return no_such_product();
  api::page<variant_view> out;
  if (in.query.count)
    out.count = static_cast<std::int64_t>(product->variants.size());
  out.results = slice(std::move(product->variants), from->backward, *after,
                      static_cast<std::size_t>(in.query.page_size) + 1);
  api::finish_page(c, in.query, *from, out,
                   [](const variant_view& v) { return std::vector<std::string>{std::to_string(v.id)}; });
  co_return out;
}

awaitable<result<variant_view>> read(api::context& c, api::request<variant_path> in) {
  const auto product = co_await read_product(c.db, key_of(in.path.id), c.may(write_permission));
  if (!product)
    co_return no_such_product();
  for (const variant_view& v : product->variants)
    if (v.id == in.path.variant_id)
      co_return v;
  co_return no_such_variant();
}

using create_request = api::request<key_path, none, new_variant>;

awaitable<result<variant_view>> create(api::context& c, db::transaction& tx, create_request in) {
  std::vector<new_variant> one;
  one.push_back(std::move(in.body));
  if (auto refused = check_may_stock(c, one))
    co_return std::move(*refused);
  const auto product = co_await lock_product(tx, key_of(in.path.id));
  if (!product)
    co_return no_such_product();
  json::faults f;
  std::vector<variant_place> place{{""}};
  const auto ids =
      co_await add_variants(tx, *product, std::move(one), std::move(place), c.principal->user_id, c.now(), f);
  if (!f.empty())
    co_return invalid(f.take());
  const auto variants = co_await read_variants(tx, product->id, product->base_price.currency);
  const auto made =
      std::find_if(variants.begin(), variants.end(), [&](const auto& v) { return v.view.id == ids.front(); });
  co_return made->view;
}

awaitable<result<none>> remove(api::context& c, db::transaction& tx, api::request<variant_path> in) {
  const auto product = co_await lock_product(tx, key_of(in.path.id));
  if (!product)
    co_return no_such_product();
  const std::int64_t id = in.path.variant_id;
  const std::vector<std::int64_t> ids{id};
  co_await inventory::lock(tx, ids); // before the variant's row: an order takes them in this order too
  if ((co_await tx.query(sql::lock_variant, product->id, id)).empty())
    co_return no_such_variant();
  if (auto refused = co_await check_variant_if_match(c, tx, *product, id))
    co_return std::move(*refused);
  const auto moved = co_await inventory::have_moved(tx, ids);
  if (moved.empty())
    co_await tx.query(sql::delete_variant, id);
  else
    co_await tx.query(sql::archive_variant, id, c.now());
  refresh_price_ranges(tx, {product->id}, c.now());
  co_return none{};
}

} // namespace

awaitable<std::optional<problem>> check_variant_if_match(const api::context& c, db::transaction& tx,
                                                         locked_product product, std::int64_t variant_id) {
  if (!has_if_match(c))
    co_return std::nullopt;
  const auto variants = co_await read_variants(tx, product.id, product.base_price.currency);
  for (const variant_row& v : variants)
    if (v.view.id == variant_id)
      co_return check_if_match(c, v.view);
  co_return std::nullopt;
}

api::endpoint list_variants() {
  return api::get("/products/{id}/variants/", "list_variants", "The variants of a product")
      .open()
      .cacheable()
      .fails({&errors::not_found})
      .handle([](api::context& c, list_request in) -> awaitable<result<api::page<variant_view>>> {
        return list(c, std::move(in));
      });
}

api::endpoint read_variant_page() {
  return api::get("/products/{id}/variants/{variant_id}/", "read_variant", "A variant")
      .open()
      .cacheable()
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<variant_path> in) -> awaitable<result<variant_view>> {
        return read(c, std::move(in));
      });
}

api::endpoint create_variant() {
  return api::post("/products/{id}/variants/", "create_variant", "Add a variant to a product")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .fails({&errors::not_found})
      .on_constraint(combination_taken)
      .handle([](api::context& c, db::transaction& tx, create_request in) -> awaitable<result<variant_view>> {
        return create(c, tx, std::move(in));
      });
}

api::endpoint delete_variant() {
  return api::del("/products/{id}/variants/{variant_id}/", "delete_variant", "Retire a variant")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .describe("It is archived where it was ever ordered or in stock, else deleted.")
      .handle(
          [](api::context& c, db::transaction& tx, api::request<variant_path> in) -> awaitable<result<none>> {
            return remove(c, tx, std::move(in));
          });
}

} // namespace nexus::catalogue
