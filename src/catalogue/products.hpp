// Products and variants, as they are read and written. Internal to this folder.
#pragma once

#include "catalogue/attribute_values.hpp"
#include "catalogue/catalogue.hpp"
#include "catalogue/key.hpp"
#include "catalogue/views.hpp"
#include "platform/api/context.hpp"

namespace nexus::catalogue {

// ---- Reading

// A variant with what its answer does not show.
struct variant_row {
  variant_view view;
  std::vector<std::int64_t> attribute_ids, value_ids; // parallel to view.attribute_values
};

// The live variants of a product, in its currency. One statement.
awaitable<std::vector<variant_row>> read_variants(db::queryable& db, std::int64_t product_id, currency of);

// Two statements; sees_all: also drafts and what is archived.
awaitable<std::optional<product_view>> read_product(db::queryable& db, key wanted, bool sees_all);

// The attributes that these variants use, in the order of their first use, each with its values in that
// order.
std::vector<attribute_use> attributes_of(const std::vector<variant_row>& variants);

// The product's id where the caller may see it.
awaitable<std::optional<std::int64_t>> find_product(const api::context& c, db::queryable& db, key wanted);

problem no_such_product();
problem no_such_variant();

// ---- Writing

struct locked_product {
  std::int64_t id = 0;
  std::string name, slug, description;
  std::optional<std::int64_t> brand_id;
  money base_price;
  product_status status = product_status::active;
};

// FOR UPDATE: what is below a product (variants, images) changes under its lock alone.
awaitable<std::optional<locked_product>> lock_product(db::transaction& tx, key wanted);

// The same with If-Match checked against the product's page.
awaitable<result<locked_product>> lock_matching_product(const api::context& c, db::transaction& tx,
                                                        key wanted);

// In minor units; a fault where the currency has fewer digits, or it does not fit.
std::int64_t read_price(const decimal& amount, currency of, std::string_view pointer, json::faults& f);

// A brand or categories that do not exist are faults (unknown_reference at /brand, /categories/1); the others
// cannot be deleted until the transaction ends.
awaitable<> check_references(db::transaction& tx, std::optional<std::int64_t> brand,
                             std::vector<std::int64_t> categories, json::faults& f);

// price_min and price_max from the live variants: after every change of variants or prices. Queued;
// set-based.
void refresh_price_ranges(db::transaction& tx, const std::vector<std::int64_t>& product_ids, time_point now);

struct new_variant {
  std::string sku;
  std::optional<decimal> price, compare_at_price;
  std::vector<value_reference> attribute_values;
  std::optional<std::string> image;
  int stock = 0;
  int weight_grams = 0;

  static constexpr std::string_view schema_name = "NewVariant";
  template <class V>
  static constexpr void fields(V&& field) {
    field("sku", &new_variant::sku, {.min_length = 1, .max_length = 100, .form = json::format::sku});
    field("price", &new_variant::price,
          {.minimum = 0,
           .maximum = highest_price,
           .doc = "Left out: the product's base price, also when that changes"});
    field("compare_at_price", &new_variant::compare_at_price,
          {.minimum = 0, .maximum = highest_price, .doc = "What it cost before"});
    field("attribute_values", &new_variant::attribute_values,
          {.max_length = 20,
           .optional = true,
           .doc = "Ids of values, or attribute (name or id) with value; those that do not exist are made"});
    field("image", &new_variant::image, {.form = json::format::url});
    field("stock", &new_variant::stock,
          {.minimum = 0,
           .maximum = 1'000'000'000,
           .optional = true,
           .doc = "Pieces in the house from the start; more than 0 needs inventory.write"});
    field("weight_grams", &new_variant::weight_grams,
          {.minimum = 0,
           .maximum = 1'000'000'000,
           .optional = true,
           .doc = "Of one piece, as shipping counts it"});
  }
};

struct variant_place {
  std::string pointer; // of the variant in the body: "" or "/variants/3"
};

// "Red / Large"
std::string variant_name(const std::vector<attribute_value>& values);

// Two values of one attribute cannot be had at once: false and a fault at the second.
bool check_attributes(const std::vector<attribute_value>& values, const std::string& pointer,
                      json::faults& f);

// Adds the variants to the locked product, with their stock, and refreshes its prices. Their ids, in their
// order; empty where faults were found (sku or combination not unique, unknown references, prices): then
// nothing may be committed.
awaitable<std::vector<std::int64_t>> add_variants(db::transaction& tx, locked_product product,
                                                  std::vector<new_variant> variants,
                                                  std::vector<variant_place> places,
                                                  std::optional<std::int64_t> user_id, time_point now,
                                                  json::faults& f);

// Opening stock is inventory's to give: a problem where the caller may not.
std::optional<problem> check_may_stock(const api::context& c, const std::vector<new_variant>& variants);

} // namespace nexus::catalogue
