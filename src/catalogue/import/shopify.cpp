#include "catalogue/import/shopify.hpp"

#include "catalogue/import/html_text.hpp"
#include "core/text.hpp"

namespace nexus::catalogue_import {

bool is_shopify(const csv_record& header) { return has_columns(header, {"Handle", "Title"}); }

std::span<const column_name> shopify_columns() {
  static constexpr std::array<column_name, 22> columns{{
      {role::slug, "Handle", true},
      {role::name, "Title", true},
      {role::description, "Body (HTML)"},
      {role::brand, "Vendor"},
      {role::category, "Product Category"},
      {role::type, "Type"},
      {role::status, "Status"},
      {role::published, "Published"},
      {role::sku, "Variant SKU"},
      {role::price, "Variant Price", true},
      {role::compare_at_price, "Variant Compare At Price"},
      {role::stock, "Variant Inventory Qty"},
      {role::option1_name, "Option1 Name"},
      {role::option1_value, "Option1 Value"},
      {role::option2_name, "Option2 Name"},
      {role::option2_value, "Option2 Value"},
      {role::option3_name, "Option3 Name"},
      {role::option3_value, "Option3 Value"},
      {role::image_url, "Image Src"},
      {role::image_alt, "Image Alt Text"},
      {role::image_position, "Image Position"},
      {role::variant_image, "Variant Image"},
  }};
  return columns;
}

void normalise_shopify(row& r) {
  r[role::description].text = html_to_text(r[role::description].text);
  if (r[role::category].text.empty())
    r[role::category] = r[role::type];
  const std::string published = to_lower_ascii(r[role::published].text);
  if (r[role::status].text.empty() && !published.empty())
    r[role::status].text = published == "false" ? "draft" : "active";
  // What Shopify writes for a product without options.
  if (r[role::option1_name].text == "Title" && r[role::option1_value].text == "Default Title")
    r[role::option1_name].text = r[role::option1_value].text = "";
}

} // namespace nexus::catalogue_import
