// What the endpoints of variants share. Internal to this folder.
#pragma once

#include "catalogue/products.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/api/page.hpp"

namespace nexus::catalogue {

struct variant_path {
  std::string id;
  std::int64_t variant_id = 0;

  static constexpr std::string_view schema_name = "ProductVariantPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &variant_path::id, {.min_length = 1, .max_length = 200, .doc = "The product's id or slug"});
    field("variant_id", &variant_path::variant_id, {.minimum = 1});
  }
};

struct variants_query : api::page_query {
  static constexpr std::string_view schema_name = "VariantsQuery";
};

// By its name: two attributes can have the same value.
inline constexpr api::constraint_rule combination_taken{"variant_combination_key", "/attribute_values",
                                                        "not_unique",
                                                        "Another variant of the product has this name."};

// If-Match against the variant, which is locked.
awaitable<std::optional<problem>> check_variant_if_match(const api::context& c, db::transaction& tx,
                                                         locked_product product, std::int64_t variant_id);

} // namespace nexus::catalogue
