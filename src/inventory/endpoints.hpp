// The module's endpoints, one a use case. Internal to this folder.
#pragma once

#include "inventory/inventory.hpp"
#include "platform/api/page.hpp"

namespace nexus::inventory {

inline constexpr std::string_view write_permission = "inventory.write";

struct variant_path {
  std::int64_t variant_id = 0;

  static constexpr std::string_view schema_name = "VariantPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("variant_id", &variant_path::variant_id, {.minimum = 1});
  }
};

// No stock row: no such variant.
inline problem no_such_variant() { return {errors::not_found, "There is no such variant."}; }

api::endpoint read_stock();
api::endpoint limit_purchases();
api::endpoint move_stock();
api::endpoint list_movements();

} // namespace nexus::inventory
