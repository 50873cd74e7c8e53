#include "pricing/endpoints.hpp"
#include "pricing/rules.sql.hpp"

namespace nexus::pricing {

namespace {

struct rate_view {
  std::int64_t id = 0;
  std::string name, country;
  std::optional<std::int64_t> category;
  std::string percentage;
  bool is_included = false;
  int basis_points = 0; // not shown

  static constexpr std::string_view schema_name = "TaxRate";
  static constexpr std::string_view list_schema_name = "TaxRatePage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &rate_view::id);
    field("name", &rate_view::name);
    field("country", &rate_view::country);
    field("category", &rate_view::category, {.doc = "Its id; null: the country's standard rate"});
    field("percentage", &rate_view::percentage, {.example = "15.00"});
    field("is_included", &rate_view::is_included,
          {.doc = "Prices contain the tax; else it is added to them"});
  }
};

struct new_rate {
  std::string name, country;
  std::optional<std::int64_t> category;
  decimal percentage;
  bool is_included = false;

  static constexpr std::string_view schema_name = "NewTaxRate";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &new_rate::name, {.min_length = 1, .max_length = 100, .example = "VAT 15 %"});
    field("country", &new_rate::country,
          {.form = json::format::country, .doc = "Of the destination", .example = "ET"});
    field("category", &new_rate::category,
          {.minimum = 1, .doc = "For what is in it or below it; left out: the country's standard rate"});
    field("percentage", &new_rate::percentage, {.minimum = 0, .maximum = 100, .example = "15"});
    field("is_included", &new_rate::is_included,
          {.optional = true, .doc = "Prices contain the tax; else it is added to them"});
  }
};

struct rate_change {
  std::optional<std::string> name;
  std::optional<decimal> percentage;
  std::optional<bool> is_included;

  static constexpr std::string_view schema_name = "TaxRateChange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &rate_change::name, {.min_length = 1, .max_length = 100});
    field("percentage", &rate_change::percentage, {.minimum = 0, .maximum = 100});
    field("is_included", &rate_change::is_included);
  }
};

struct rates_query : api::page_query {
  static constexpr std::string_view schema_name = "TaxRatesQuery";
};

using create_request = api::request<none, none, new_rate>;
using update_request = api::request<id_path, none, rate_change>;

problem not_found() { return {errors::not_found, "There is no such tax rate."}; }

rate_view view_of(const db::row& row) {
  auto [id, name, country, category, basis_points, is_included] =
      row.as<std::int64_t, std::string, std::string, std::optional<std::int64_t>, int, bool>();
  return {id,          std::move(name), std::move(country), category, percentage_of(basis_points),
          is_included, basis_points};
}

awaitable<result<rate_view>> read(api::context& c, api::request<id_path> in) {
  const db::rows found = co_await c.db.query(sql::read_tax_rate, in.path.id);
  if (found.empty())
    co_return not_found();
  co_return view_of(found.front());
}

awaitable<result<rate_view>> create(api::context& c, db::transaction& tx, create_request in) {
  const new_rate& r = in.body;
  json::faults f;
  const int basis_points = read_percentage(r.percentage, "/percentage", f);
  if (!f.empty())
    co_return invalid(f.take());
  const db::rows made = co_await tx.query(sql::insert_tax_rate, r.name, r.country, r.category, basis_points,
                                          r.is_included, c.now());
  co_return view_of(made.front());
}

awaitable<result<rate_view>> lock(api::context& c, db::transaction& tx, std::int64_t id) {
  const db::rows found = co_await tx.query(sql::lock_tax_rate, id);
  if (found.empty())
    co_return not_found();
  rate_view r = view_of(found.front());
  if (auto refused = check_if_match(c, r))
    co_return std::move(*refused);
  co_return r;
}

awaitable<result<rate_view>> update(api::context& c, db::transaction& tx, update_request in) {
  rate_change& change = in.body;
  auto r = co_await lock(c, tx, in.path.id);
  if (!r)
    co_return r.error();
  json::faults f;
  if (change.name)
    r->name = std::move(*change.name);
  if (change.percentage)
    r->basis_points = read_percentage(*change.percentage, "/percentage", f);
  if (change.is_included)
    r->is_included = *change.is_included;
  if (!f.empty())
    co_return invalid(f.take());
  r->percentage = percentage_of(r->basis_points);
  co_await tx.query(sql::update_tax_rate, r->id, r->name, r->basis_points, r->is_included);
  co_return r;
}

awaitable<result<none>> remove(api::context& c, db::transaction& tx, api::request<id_path> in) {
  const auto r = co_await lock(c, tx, in.path.id);
  if (!r)
    co_return r.error();
  co_await tx.query(sql::delete_tax_rate, r->id);
  co_return none{};
}

} // namespace

api::endpoint list_tax_rates() {
  return api::get("/tax-rates/", "list_tax_rates", "The tax rates")
      .open()
      .cacheable()
      .handle(
          [](api::context& c, api::request<none, rates_query> in) -> awaitable<result<api::page<rate_view>>> {
            return list_by_id<rate_view>(c, in.query, sql::list_tax_rates, sql::list_tax_rates_backward,
                                         sql::count_tax_rates, view_of);
          });
}

api::endpoint read_tax_rate() {
  return api::get("/tax-rates/{id}/", "read_tax_rate", "A tax rate")
      .open()
      .cacheable()
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<id_path> in) -> awaitable<result<rate_view>> {
        return read(c, std::move(in));
      });
}

api::endpoint create_tax_rate() {
  return api::post("/tax-rates/", "create_tax_rate", "Make a tax rate: a country's, or a category's there")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .on_constraint({"tax_rate_key", "/category", "not_unique", "This has a rate in that country already."})
      .on_constraint(
          {"tax_rate_category_id_fkey", "/category", "unknown_reference", "There is no such category."})
      .handle([](api::context& c, db::transaction& tx, create_request in) -> awaitable<result<rate_view>> {
        return create(c, tx, std::move(in));
      });
}

api::endpoint update_tax_rate() {
  return api::patch("/tax-rates/{id}/", "update_tax_rate", "Change a tax rate, for orders to come")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .handle([](api::context& c, db::transaction& tx, update_request in) -> awaitable<result<rate_view>> {
        return update(c, tx, std::move(in));
      });
}

api::endpoint delete_tax_rate() {
  return api::del("/tax-rates/{id}/", "delete_tax_rate", "Remove a tax rate")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .handle([](api::context& c, db::transaction& tx, api::request<id_path> in) -> awaitable<result<none>> {
        return remove(c, tx, std::move(in));
      });
}

} // namespace nexus::pricing
