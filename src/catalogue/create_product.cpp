#include "catalogue/endpoints.hpp"
#include "catalogue/precondition.hpp"
#include "catalogue/products.hpp"
#include "catalogue/products.sql.hpp"
#include "catalogue/slugs.hpp"

namespace nexus::catalogue {

namespace {

struct new_product {
  std::string name, description;
  std::optional<std::int64_t> brand;
  std::vector<std::int64_t> categories;
  decimal base_price;
  nexus::currency currency;
  std::optional<std::string> slug;
  product_status status = product_status::active;
  std::vector<new_variant> variants;

  static constexpr std::string_view schema_name = "NewProduct";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &new_product::name, {.min_length = 1, .max_length = 255});
    field("description", &new_product::description, {.max_length = 100'000, .optional = true});
    field("brand", &new_product::brand, {.minimum = 1, .doc = "Its id"});
    field("categories", &new_product::categories,
          {.max_length = 100, .minimum = 1, .optional = true, .doc = "Their ids"});
    field("base_price", &new_product::base_price,
          {.minimum = 0, .maximum = highest_price, .example = "1250.00"});
    field("currency", &new_product::currency, {.example = "ETB"});
    field("slug", &new_product::slug,
          {.form = json::format::slug, .doc = "Made from the name where left out"});
    field("status", &new_product::status, {.optional = true});
    field("variants", &new_product::variants,
          {.max_length = 200, .optional = true, .doc = "Made with the product"});
  }
};

using create_request = api::request<none, none, new_product>;

// The product's row. A fault where the slug that was given is taken: nullopt then.
awaitable<std::optional<std::int64_t>> insert(db::transaction& tx, const new_product& p,
                                              std::int64_t base_price, time_point now, json::faults& f) {
  for (;;) {
    const std::string slug =
        p.slug ? *p.slug : co_await free_slug(tx, sql::taken_product_slugs, slug_base(p.name, "product"));
    const db::rows made = co_await tx.query(sql::insert_product, p.name, slug, p.description, p.brand,
                                            base_price, p.currency.code(), json::name_of(p.status), now);
    if (!made.empty())
      co_return made.front().get<std::int64_t>(0);
    if (p.slug) {
      const field_error taken = slug_taken();
      f.add(taken.pointer, taken.code, taken.detail);
      co_return std::nullopt;
    }
  }
}

std::vector<variant_place> places_of(std::size_t variants) {
  std::vector<variant_place> out;
  for (std::size_t i = 0; i < variants; ++i)
    out.push_back({fmt::format("/variants/{}", i)});
  return out;
}

awaitable<result<product_view>> create(api::context& c, db::transaction& tx, create_request in) {
  auto& body = in.body;
  if (auto refused = check_may_stock(c, body.variants))
    co_return std::move(*refused);
  const time_point now = c.now();
  json::faults f;
  check_slug(body.slug, f);
  const std::int64_t base_price = read_price(body.base_price, body.currency, "/base_price", f);
  co_await check_references(tx, body.brand, body.categories, f);
  if (!f.empty())
    co_return invalid(f.take());

  const auto id = co_await insert(tx, body, base_price, now, f);
  if (!id)
    co_return invalid(f.take());
  if (!body.categories.empty())
    tx.send(sql::insert_product_categories, *id, body.categories);
  locked_product made;
  made.id = *id;
  made.base_price = {base_price, body.currency};
  auto places = places_of(body.variants.size());
  co_await add_variants(tx, made, std::move(body.variants), std::move(places), c.principal->user_id, now, f);
  if (!f.empty())
    co_return invalid(f.take());
  co_return (co_await read_product(tx, {*id, {}}, true)).value();
}

} // namespace

api::endpoint create_product() {
  return api::post("/products/", "create_product", "Make a product, with variants or without")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .on_constraint(
          {"variant_combination_key", "/variants", "not_unique", "Two variants have the same name."})
      .handle([](api::context& c, db::transaction& tx, create_request in) -> awaitable<result<product_view>> {
        return create(c, tx, std::move(in));
      });
}

} // namespace nexus::catalogue
