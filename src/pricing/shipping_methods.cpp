#include "pricing/endpoints.hpp"
#include "pricing/rules.sql.hpp"

namespace nexus::pricing {

namespace {

struct method_view {
  std::int64_t id = 0;
  std::string name;
  nexus::currency currency;
  money price, price_per_kg;
  std::optional<money> free_from;
  std::vector<std::string> countries;
  std::optional<std::int64_t> max_weight_grams;
  bool is_active = true;

  static constexpr std::string_view schema_name = "ShippingMethod";
  static constexpr std::string_view list_schema_name = "ShippingMethodPage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &method_view::id);
    field("name", &method_view::name);
    field("currency", &method_view::currency);
    field("price", &method_view::price, {.doc = "Of every parcel"});
    field("price_per_kg", &method_view::price_per_kg, {.doc = "Beside it, of every kilogram begun"});
    field("free_from", &method_view::free_from,
          {.doc = "Goods worth this much, after discounts, are sent for nothing"});
    field("countries", &method_view::countries, {.doc = "None: everywhere"});
    field("max_weight_grams", &method_view::max_weight_grams);
    field("is_active", &method_view::is_active);
  }
};

struct new_method {
  std::string name;
  nexus::currency currency;
  decimal price;
  std::optional<decimal> price_per_kg, free_from;
  std::vector<std::string> countries;
  std::optional<std::int64_t> max_weight_grams;
  bool is_active = true;

  static constexpr std::string_view schema_name = "NewShippingMethod";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &new_method::name, {.min_length = 1, .max_length = 100, .example = "Courier"});
    field("currency", &new_method::currency);
    field("price", &new_method::price, {.minimum = 0, .maximum = highest_price, .doc = "Of every parcel"});
    field("price_per_kg", &new_method::price_per_kg,
          {.minimum = 0, .maximum = highest_price, .doc = "Beside it, of every kilogram begun"});
    field("free_from", &new_method::free_from,
          {.minimum = 0,
           .maximum = highest_price,
           .doc = "Goods worth this much, after discounts, are sent for nothing"});
    field("countries", &new_method::countries,
          {.max_length = 300, .form = json::format::country, .optional = true, .doc = "None: everywhere"});
    field("max_weight_grams", &new_method::max_weight_grams, {.minimum = 1, .maximum = 1'000'000'000});
    field("is_active", &new_method::is_active, {.optional = true});
  }
};

struct method_change {
  std::optional<std::string> name;
  std::optional<decimal> price, price_per_kg;
  std::optional<std::optional<decimal>> free_from;
  std::optional<std::vector<std::string>> countries;
  std::optional<std::optional<std::int64_t>> max_weight_grams;
  std::optional<bool> is_active;

  static constexpr std::string_view schema_name = "ShippingMethodChange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &method_change::name, {.min_length = 1, .max_length = 100});
    field("price", &method_change::price, {.minimum = 0, .maximum = highest_price});
    field("price_per_kg", &method_change::price_per_kg, {.minimum = 0, .maximum = highest_price});
    field("free_from", &method_change::free_from, {.minimum = 0, .maximum = highest_price});
    field("countries", &method_change::countries,
          {.max_length = 300, .form = json::format::country, .doc = "All of them"});
    field("max_weight_grams", &method_change::max_weight_grams, {.minimum = 1, .maximum = 1'000'000'000});
    field("is_active", &method_change::is_active);
  }
};

struct methods_query : api::page_query {
  static constexpr std::string_view schema_name = "ShippingMethodsQuery";
};

using create_request = api::request<none, none, new_method>;
using update_request = api::request<id_path, none, method_change>;

constexpr api::constraint_rule name_taken{"shipping_method_name_key", "/name", "not_unique",
                                          "Another shipping method has this name."};

problem not_found() { return {errors::not_found, "There is no such shipping method."}; }

method_view view_of(const db::row& row) {
  auto [id, name, code, price, per_kg, free_from, countries, max_weight, is_active] =
      row.as<std::int64_t, std::string, std::string_view, std::int64_t, std::int64_t,
             std::optional<std::int64_t>, std::vector<std::string>, std::optional<std::int64_t>, bool>();
  const currency of = currency::parse(code).value();
  return {id,
          std::move(name),
          of,
          {price, of},
          {per_kg, of},
          money_of(free_from, of),
          std::move(countries),
          max_weight,
          is_active};
}

std::optional<std::int64_t> minor_of(const std::optional<money>& m) {
  return m ? std::optional(m->minor) : std::nullopt;
}

// Customers see the active ones.
awaitable<result<api::page<method_view>>> list(api::context& c, api::request<none, methods_query> in) {
  const bool all = c.may(write_permission);
  return list_by_id<method_view>(
      c, in.query, all ? sql::list_shipping_methods : sql::list_active_shipping_methods,
      all ? sql::list_shipping_methods_backward : sql::list_active_shipping_methods_backward,
      all ? sql::count_shipping_methods : sql::count_active_shipping_methods, view_of);
}

awaitable<result<method_view>> read(api::context& c, api::request<id_path> in) {
  const db::rows found = co_await c.db.query(sql::read_shipping_method, in.path.id);
  if (found.empty() || (!c.may(write_permission) && !view_of(found.front()).is_active))
    co_return not_found();
  co_return view_of(found.front());
}

awaitable<result<method_view>> create(api::context& c, db::transaction& tx, create_request in) {
  new_method& m = in.body;
  json::faults f;
  const std::int64_t price = read_amount(m.price, m.currency, "/price", f);
  const std::int64_t per_kg = read_amount(m.price_per_kg.value_or(decimal{}), m.currency, "/price_per_kg", f);
  const auto free_from = read_amount(m.free_from, m.currency, "/free_from", f);
  if (!f.empty())
    co_return invalid(f.take());
  const db::rows made =
      co_await tx.query(sql::insert_shipping_method, m.name, m.currency.code(), price, per_kg, free_from,
                        m.countries, m.max_weight_grams, m.is_active, c.now());
  co_return view_of(made.front());
}

awaitable<result<method_view>> lock(api::context& c, db::transaction& tx, std::int64_t id) {
  const db::rows found = co_await tx.query(sql::lock_shipping_method, id);
  if (found.empty())
    co_return not_found();
  method_view m = view_of(found.front());
  if (auto refused = check_if_match(c, m))
    co_return std::move(*refused);
  co_return m;
}

awaitable<result<method_view>> update(api::context& c, db::transaction& tx, update_request in) {
  method_change& change = in.body;
  auto m = co_await lock(c, tx, in.path.id);
  if (!m)
    co_return m.error();
  json::faults f;
  const currency of = m->currency;
  if (change.name)
    m->name = std::move(*change.name);
  if (change.price)
    m->price.minor = read_amount(*change.price, of, "/price", f);
  if (change.price_per_kg)
    m->price_per_kg.minor = read_amount(*change.price_per_kg, of, "/price_per_kg", f);
  if (change.free_from)
    m->free_from = money_of(read_amount(*change.free_from, of, "/free_from", f), of);
  if (change.countries)
    m->countries = std::move(*change.countries);
  if (change.max_weight_grams)
    m->max_weight_grams = *change.max_weight_grams;
  if (change.is_active)
    m->is_active = *change.is_active;
  if (!f.empty())
    co_return invalid(f.take());
  co_await tx.query(sql::update_shipping_method, m->id, m->name, m->price.minor, m->price_per_kg.minor,
                    minor_of(m->free_from), m->countries, m->max_weight_grams, m->is_active);
  co_return m;
}

// Orders have its name and what it cost: they need it no more.
awaitable<result<none>> remove(api::context& c, db::transaction& tx, api::request<id_path> in) {
  const auto m = co_await lock(c, tx, in.path.id);
  if (!m)
    co_return m.error();
  co_await tx.query(sql::delete_shipping_method, m->id);
  co_return none{};
}

} // namespace

api::endpoint list_shipping_methods() {
  return api::get("/shipping-methods/", "list_shipping_methods",
                  "The shipping methods; customers see the active ones")
      .open()
      .cacheable()
      .handle([](api::context& c,
                 api::request<none, methods_query> in) -> awaitable<result<api::page<method_view>>> {
        return list(c, std::move(in));
      });
}

api::endpoint read_shipping_method() {
  return api::get("/shipping-methods/{id}/", "read_shipping_method", "A shipping method")
      .open()
      .cacheable()
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<id_path> in) -> awaitable<result<method_view>> {
        return read(c, std::move(in));
      });
}

api::endpoint create_shipping_method() {
  return api::post("/shipping-methods/", "create_shipping_method", "Make a shipping method")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .on_constraint(name_taken)
      .handle([](api::context& c, db::transaction& tx, create_request in) -> awaitable<result<method_view>> {
        return create(c, tx, std::move(in));
      });
}

api::endpoint update_shipping_method() {
  return api::patch("/shipping-methods/{id}/", "update_shipping_method",
                    "Change a shipping method, for orders to come")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .on_constraint(name_taken)
      .handle([](api::context& c, db::transaction& tx, update_request in) -> awaitable<result<method_view>> {
        return update(c, tx, std::move(in));
      });
}

api::endpoint delete_shipping_method() {
  return api::del("/shipping-methods/{id}/", "delete_shipping_method", "Remove a shipping method")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .handle([](api::context& c, db::transaction& tx, api::request<id_path> in) -> awaitable<result<none>> {
        return remove(c, tx, std::move(in));
      });
}

} // namespace nexus::pricing
