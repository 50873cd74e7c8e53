#include "catalogue/import/native.hpp"

namespace nexus::catalogue_import {

bool is_native(const csv_record& header) { return has_columns(header, {"name", "price"}); }

std::span<const column_name> native_columns() {
  static constexpr std::array<column_name, 20> columns{{
      {role::slug, "slug"},
      {role::name, "name", true},
      {role::description, "description"},
      {role::brand, "brand"},
      {role::category, "category"},
      {role::status, "status"},
      {role::sku, "sku"},
      {role::price, "price", true},
      {role::compare_at_price, "compare_at_price"},
      {role::currency, "currency"},
      {role::stock, "stock"},
      {role::option1_name, "option1_name"},
      {role::option1_value, "option1_value"},
      {role::option2_name, "option2_name"},
      {role::option2_value, "option2_value"},
      {role::option3_name, "option3_name"},
      {role::option3_value, "option3_value"},
      {role::image_url, "image_url"},
      {role::image_alt, "image_alt"},
      {role::variant_image, "variant_image_url"},
  }};
  return columns;
}

void normalise_native(row& r) {
  if (r[role::slug].text.empty())
    r[role::slug].text = r[role::name].text;
}

} // namespace nexus::catalogue_import
