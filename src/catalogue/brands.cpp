#include "catalogue/endpoints.hpp"
#include "catalogue/name_cursor.hpp"
#include "catalogue/precondition.hpp"
#include "catalogue/slugs.hpp"
#include "catalogue/taxonomy.sql.hpp"

namespace nexus::catalogue {

namespace {

struct brand_view {
  std::int64_t id = 0;
  std::string name, slug;
  std::optional<std::string> website;

  static constexpr std::string_view schema_name = "Brand";
  static constexpr std::string_view list_schema_name = "BrandPage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &brand_view::id);
    field("name", &brand_view::name);
    field("slug", &brand_view::slug);
    field("website", &brand_view::website);
  }
};

struct new_brand {
  std::string name;
  std::optional<std::string> slug, website;

  static constexpr std::string_view schema_name = "NewBrand";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &new_brand::name, {.min_length = 1, .max_length = 100});
    field("slug", &new_brand::slug, {.form = json::format::slug, .doc = "Made from the name where left out"});
    field("website", &new_brand::website, {.form = json::format::url});
  }
};

struct brand_change {
  std::optional<std::string> name, slug;
  std::optional<std::optional<std::string>> website;

  static constexpr std::string_view schema_name = "BrandChange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &brand_change::name, {.min_length = 1, .max_length = 100});
    field("slug", &brand_change::slug, {.form = json::format::slug});
    field("website", &brand_change::website, {.form = json::format::url});
  }
};

struct brands_query : api::page_query {
  static constexpr std::string_view schema_name = "BrandsQuery";
};

using list_request = api::request<none, brands_query>;
using create_request = api::request<none, none, new_brand>;
using update_request = api::request<key_path, none, brand_change>;

constexpr api::constraint_rule name_taken{"brand_name_key", "/name", "not_unique",
                                          "Another brand has this name."};

problem not_found() { return {errors::not_found, "There is no such brand."}; }

brand_view brand_of(const db::row& row) {
  auto [id, name, slug, website] =
      row.as<std::int64_t, std::string, std::string, std::optional<std::string>>();
  return {id, std::move(name), std::move(slug), std::move(website)};
}

awaitable<result<api::page<brand_view>>> list(api::context& c, list_request in) {
  return list_by_name<brand_view>(c, in.query, sql::list_brands, sql::list_brands_backward, sql::count_brands,
                                  brand_of);
}

awaitable<result<brand_view>> read(api::context& c, api::request<key_path> in) {
  const key wanted = key_of(in.path.id);
  const db::rows found = co_await c.db.query(sql::read_brand, wanted.id, wanted.slug);
  if (found.empty())
    co_return not_found();
  co_return brand_of(found.front());
}

awaitable<result<brand_view>> create(api::context& c, db::transaction& tx, create_request in) {
  auto& body = in.body;
  json::faults f;
  check_slug(body.slug, f);
  if (!f.empty())
    co_return invalid(f.take());
  for (;;) {
    std::string slug = body.slug
                           ? *body.slug
                           : co_await free_slug(tx, sql::taken_brand_slugs, slug_base(body.name, "brand"));
    const db::rows made = co_await tx.query(sql::insert_brand, body.name, slug, body.website, c.now());
    if (!made.empty())
      co_return brand_view{made.front().get<std::int64_t>(0), std::move(body.name), std::move(slug),
                           std::move(body.website)};
    if (body.slug)
      co_return invalid({slug_taken()});
  }
}

awaitable<result<brand_view>> lock(api::context& c, db::transaction& tx, key wanted) {
  const db::rows found = co_await tx.query(sql::lock_brand, wanted.id, wanted.slug);
  if (found.empty())
    co_return not_found();
  brand_view brand = brand_of(found.front());
  if (auto refused = check_if_match(c, brand))
    co_return std::move(*refused);
  co_return brand;
}

awaitable<result<brand_view>> update(api::context& c, db::transaction& tx, update_request in) {
  auto& body = in.body;
  json::faults f;
  check_slug(body.slug, f);
  if (!f.empty())
    co_return invalid(f.take());
  auto brand = co_await lock(c, tx, key_of(in.path.id));
  if (!brand)
    co_return brand.error();
  if (body.name)
    brand->name = std::move(*body.name);
  if (body.slug)
    brand->slug = std::move(*body.slug);
  if (body.website)
    brand->website = std::move(*body.website);
  co_await tx.query(sql::update_brand, brand->id, brand->name, brand->slug, brand->website);
  co_return brand;
}

awaitable<result<none>> remove(api::context& c, db::transaction& tx, api::request<key_path> in) {
  const auto brand = co_await lock(c, tx, key_of(in.path.id));
  if (!brand)
    co_return brand.error();
  const db::rows used = co_await tx.query(sql::brand_is_used, brand->id); // its row is locked: none can come
  if (used.front().get<bool>(0))
    co_return problem(brand_in_use, "Give its products another brand first.");
  co_await tx.query(sql::delete_brand, brand->id);
  co_return none{};
}

} // namespace

api::endpoint list_brands() {
  return api::get("/brands/", "list_brands", "The brands, by name")
      .open()
      .cacheable()
      .handle([](api::context& c, list_request in) -> awaitable<result<api::page<brand_view>>> {
        return list(c, std::move(in));
      });
}

api::endpoint read_brand() {
  return api::get("/brands/{id}/", "read_brand", "A brand by its id or slug")
      .open()
      .cacheable()
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<key_path> in) -> awaitable<result<brand_view>> {
        return read(c, std::move(in));
      });
}

api::endpoint create_brand() {
  return api::post("/brands/", "create_brand", "Make a brand")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .on_constraint(name_taken)
      .handle([](api::context& c, db::transaction& tx, create_request in) -> awaitable<result<brand_view>> {
        return create(c, tx, std::move(in));
      });
}

api::endpoint update_brand() {
  return api::patch("/brands/{id}/", "update_brand", "Change a brand")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .on_constraint(name_taken)
      .on_constraint({"brand_slug_key", "/slug", "not_unique", "Another one has this slug."})
      .handle([](api::context& c, db::transaction& tx, update_request in) -> awaitable<result<brand_view>> {
        return update(c, tx, std::move(in));
      });
}

api::endpoint delete_brand() {
  return api::del("/brands/{id}/", "delete_brand", "Remove a brand that no product is of")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch, &brand_in_use})
      .handle([](api::context& c, db::transaction& tx, api::request<key_path> in) -> awaitable<result<none>> {
        return remove(c, tx, std::move(in));
      });
}

} // namespace nexus::catalogue
