#include "catalogue/endpoints.hpp"
#include "catalogue/precondition.hpp"
#include "catalogue/products.hpp"
#include "catalogue/variant_path.hpp"
#include "catalogue/variants.sql.hpp"

namespace nexus::catalogue {

namespace {

struct variant_change {
  std::optional<std::string> sku;
  std::optional<std::optional<decimal>> price, compare_at_price;
  std::optional<std::vector<value_reference>> attribute_values;
  std::optional<std::optional<std::string>> image;
  std::optional<int> weight_grams;

  static constexpr std::string_view schema_name = "VariantChange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("sku", &variant_change::sku, {.min_length = 1, .max_length = 100, .form = json::format::sku});
    field("price", &variant_change::price,
          {.minimum = 0, .maximum = highest_price, .doc = "Null: the product's base price"});
    field("compare_at_price", &variant_change::compare_at_price, {.minimum = 0, .maximum = highest_price});
    field("attribute_values", &variant_change::attribute_values, {.max_length = 20, .doc = "All of them"});
    field("image", &variant_change::image, {.form = json::format::url});
    field("weight_grams", &variant_change::weight_grams, {.minimum = 0, .maximum = 1'000'000'000});
  }
};

using update_request = api::request<variant_path, none, variant_change>;

struct row_of_variant {
  std::int64_t id = 0;
  std::string sku, name;
  std::int64_t price = 0;
  std::optional<std::int64_t> compare_at_price;
  bool follows_base_price = false;
  std::optional<std::string> image;
  int weight_grams = 0;
};

row_of_variant read_row(const db::row& row) {
  auto [id, sku, name, price, before, follows, image, weight] =
      row.as<std::int64_t, std::string, std::string, std::int64_t, std::optional<std::int64_t>, bool,
             std::optional<std::string>, int>();
  return {id, std::move(sku), std::move(name), price, before, follows, std::move(image), weight};
}

void apply_prices(const variant_change& change, const locked_product& product, row_of_variant& v,
                  json::faults& f) {
  const currency of = product.base_price.currency;
  if (change.price) {
    v.follows_base_price = !change.price->has_value();
    v.price = v.follows_base_price ? product.base_price.minor : read_price(**change.price, of, "/price", f);
  }
  if (change.compare_at_price) {
    v.compare_at_price.reset();
    if (*change.compare_at_price)
      v.compare_at_price = read_price(**change.compare_at_price, of, "/compare_at_price", f);
  }
}

awaitable<> check_sku(db::transaction& tx, const variant_change& change, const row_of_variant& v,
                      json::faults& f) {
  if (!change.sku || *change.sku == v.sku)
    co_return;
  const std::vector<std::string> skus{*change.sku};
  if (!(co_await tx.query(sql::taken_skus, skus)).empty())
    f.add("/sku", "not_unique", "Another variant has this SKU.");
}

// The values that the variant shall have, known to be those of no other one of the product.
awaitable<std::vector<attribute_value>> read_values(db::transaction& tx, std::vector<value_reference> wanted,
                                                    const locked_product& product, std::int64_t variant_id,
                                                    time_point now, json::faults& f) {
  std::vector<located_reference> located;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    located.push_back({std::move(wanted[i]), fmt::format("/attribute_values/{}", i)});
  const auto resolved = co_await resolve(tx, std::move(located), now, f);
  std::vector<attribute_value> values;
  std::vector<std::int64_t> combination;
  for (const auto& v : resolved)
    if (v) {
      values.push_back(*v);
      combination.push_back(v->id);
    }
  check_attributes(values, "", f);
  std::sort(combination.begin(), combination.end());
  const db::rows others = co_await tx.query(sql::read_combinations, product.id);
  for (const db::row row : others)
    if (row.get<std::int64_t>(0) != variant_id && row.get<std::vector<std::int64_t>>(1) == combination)
      f.add("/attribute_values", "not_unique", "Another variant of the product has these values.");
  co_return values;
}

void send_values(db::transaction& tx, std::int64_t variant_id, const std::vector<attribute_value>& values) {
  std::vector<std::int64_t> variant_ids, attribute_ids, value_ids;
  std::vector<int> positions;
  for (const attribute_value& v : values) {
    variant_ids.push_back(variant_id);
    attribute_ids.push_back(v.attribute_id);
    value_ids.push_back(v.id);
    positions.push_back(static_cast<int>(positions.size()));
  }
  tx.send(sql::delete_variant_values, variant_id);
  if (!values.empty())
    tx.send(sql::insert_variant_values, variant_ids, attribute_ids, value_ids, positions);
}

awaitable<result<variant_view>> update(api::context& c, db::transaction& tx, update_request in) {
  auto& change = in.body;
  const auto product = co_await lock_product(tx, key_of(in.path.id));
  if (!product)
    co_return no_such_product();
  const db::rows found = co_await tx.query(sql::lock_variant, product->id, in.path.variant_id);
  if (found.empty())
    co_return no_such_variant();
  row_of_variant v = read_row(found.front());
  if (auto refused = co_await check_variant_if_match(c, tx, *product, v.id))
    co_return std::move(*refused);

  json::faults f;
  apply_prices(change, *product, v, f);
  co_await check_sku(tx, change, v, f);
  std::vector<attribute_value> values;
  if (change.attribute_values)
    values = co_await read_values(tx, std::move(*change.attribute_values), *product, v.id, c.now(), f);
  if (!f.empty())
    co_return invalid(f.take());
  if (change.sku)
    v.sku = std::move(*change.sku);
  if (change.image)
    v.image = std::move(*change.image);
  if (change.weight_grams)
    v.weight_grams = *change.weight_grams;
  if (change.attribute_values) {
    v.name = variant_name(values);
    send_values(tx, v.id, values);
  }
  co_await tx.query(sql::update_variant, v.id, v.sku, v.name, v.price, v.compare_at_price,
                    v.follows_base_price, v.image, v.weight_grams);
  refresh_price_ranges(tx, {product->id}, c.now());
  const auto variants = co_await read_variants(tx, product->id, product->base_price.currency);
  const auto changed =
      std::find_if(variants.begin(), variants.end(), [&](const auto& r) { return r.view.id == v.id; });
  co_return changed->view;
}

} // namespace

api::endpoint update_variant() {
  return api::patch("/products/{id}/variants/{variant_id}/", "update_variant", "Change a variant")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .on_constraint(combination_taken)
      .on_constraint({"variant_sku_key", "/sku", "not_unique", "Another variant has this SKU."})
      .handle([](api::context& c, db::transaction& tx, update_request in) -> awaitable<result<variant_view>> {
        return update(c, tx, std::move(in));
      });
}

} // namespace nexus::catalogue
