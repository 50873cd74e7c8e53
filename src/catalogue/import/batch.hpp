// A batch on its way into the database. Internal to write*.cpp.
#pragma once

#include "catalogue/attribute_values.hpp"
#include "catalogue/import/write.hpp"

#include <set>

namespace nexus::catalogue_import {

struct variant_in_batch {
  const variant_draft* draft = nullptr;
  std::int64_t id = 0; // 0: new
  std::vector<catalogue::attribute_value> values;
  std::string name; // "Red / Large"
};

struct product_in_batch {
  const product_draft* draft = nullptr;
  std::int64_t id = 0; // 0: new
  bool is_new = false;
  std::optional<std::int64_t> brand_id;
  std::vector<variant_in_batch> variants;

  // Shown before any variant is chosen: the first one's.
  [[nodiscard]] std::int64_t base_price() const { return variants.front().draft->price; }
};

struct known_variant {
  std::int64_t id = 0;
  std::string sku, name, product_slug;
  bool archived = false;
};

struct batch {
  db::transaction& tx;
  const layout& columns;
  time_point now;
  std::vector<product_in_batch> products;
  std::vector<known_variant> known; // of these products, or with a SKU of the file
  std::set<std::int64_t> changed;   // products of which anything was written
  outcome out;
};

// Finds the variants that are there by their SKU; leaves out those that cannot go in.
awaitable<> match_variants(batch& b);
// Their values, made where need be, and their names; leaves out those whose options another variant has.
awaitable<> name_variants(batch& b);
// The products have their ids.
awaitable<> write_variants(batch& b);

// Leaves out products that have no variants left.
void drop_empty(batch& b);

// Somebody else made it between our look and our write.
[[noreturn]] void throw_overtaken(std::string_view what);

} // namespace nexus::catalogue_import
