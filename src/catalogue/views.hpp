// What the catalogue answers. Internal to this folder.
#pragma once

#include "core/clock.hpp"
#include "core/money.hpp"
#include "platform/json/fields.hpp"

namespace nexus::catalogue {

enum class product_status { draft, active, archived };
constexpr std::array<std::string_view, 3> enum_names(product_status) {
  return {"draft", "active", "archived"};
}

struct named_reference {
  std::int64_t id = 0;
  std::string name, slug;

  static constexpr std::string_view schema_name = "NamedReference";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &named_reference::id);
    field("name", &named_reference::name);
    field("slug", &named_reference::slug);
  }
};

struct price_range {
  money min, max;

  static constexpr std::string_view schema_name = "PriceRange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("min", &price_range::min);
    field("max", &price_range::max);
  }
};

struct main_image {
  std::string url, alt_text;

  static constexpr std::string_view schema_name = "MainImage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("url", &main_image::url);
    field("alt_text", &main_image::alt_text);
  }
};

struct image_view {
  std::int64_t id = 0;
  std::string url, alt_text;
  int position = 0;

  static constexpr std::string_view schema_name = "ProductImage";
  static constexpr std::string_view list_schema_name = "ProductImagePage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &image_view::id);
    field("url", &image_view::url);
    field("alt_text", &image_view::alt_text);
    field("position", &image_view::position, {.doc = "The first image is the main one"});
  }
};

// A product in a list.
struct product_card {
  std::int64_t id = 0;
  std::string slug, name;
  std::optional<named_reference> brand;
  std::vector<named_reference> categories;
  money base_price;
  nexus::currency currency;
  catalogue::price_range price_range;
  std::optional<catalogue::main_image> main_image;
  bool is_available = false;
  product_status status = product_status::active;
  time_point created_at;
  std::int64_t relevance = 0; // for the cursor; not shown

  static constexpr std::string_view schema_name = "ProductCard";
  static constexpr std::string_view list_schema_name = "ProductPage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &product_card::id);
    field("slug", &product_card::slug);
    field("name", &product_card::name);
    field("brand", &product_card::brand);
    field("categories", &product_card::categories);
    field("base_price", &product_card::base_price);
    field("currency", &product_card::currency);
    field("price_range", &product_card::price_range,
          {.doc = "Of its variants; the base price where it has none"});
    field("main_image", &product_card::main_image);
    field("is_available", &product_card::is_available, {.doc = "A variant can be bought now"});
    field("status", &product_card::status);
    field("created_at", &product_card::created_at);
  }
};

struct value_view {
  std::int64_t id = 0;
  std::string value;
  friend bool operator==(const value_view&, const value_view&) = default;

  static constexpr std::string_view schema_name = "AttributeValue";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &value_view::id);
    field("value", &value_view::value);
  }
};

// An attribute as the variants of one product use it.
struct attribute_use {
  std::int64_t id = 0;
  std::string name;
  std::vector<value_view> values;

  static constexpr std::string_view schema_name = "ProductAttribute";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &attribute_use::id);
    field("name", &attribute_use::name);
    field("values", &attribute_use::values, {.doc = "Those that its variants have"});
  }
};

struct variant_value {
  std::string attribute, value;

  static constexpr std::string_view schema_name = "VariantAttributeValue";
  template <class V>
  static constexpr void fields(V&& field) {
    field("attribute", &variant_value::attribute, {.example = "Color"});
    field("value", &variant_value::value, {.example = "Red"});
  }
};

struct variant_view {
  std::int64_t id = 0;
  std::string sku, name;
  money price;
  std::optional<money> compare_at_price;
  nexus::currency currency;
  int available = 0;
  std::vector<variant_value> attribute_values;
  std::optional<std::string> image;
  int weight_grams = 0;

  static constexpr std::string_view schema_name = "Variant";
  static constexpr std::string_view list_schema_name = "VariantPage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &variant_view::id);
    field("sku", &variant_view::sku);
    field("name", &variant_view::name, {.example = "Red / Large"});
    field("price", &variant_view::price);
    field("compare_at_price", &variant_view::compare_at_price);
    field("currency", &variant_view::currency);
    field("available", &variant_view::available, {.doc = "Pieces that can be bought now"});
    field("attribute_values", &variant_view::attribute_values);
    field("image", &variant_view::image);
    field("weight_grams", &variant_view::weight_grams, {.doc = "Of one piece, as shipping counts it"});
  }
};

// A product, whole.
struct product_view : product_card {
  std::string description;
  time_point updated_at;
  std::vector<image_view> images;
  std::vector<attribute_use> attributes;
  std::vector<variant_view> variants;

  static constexpr std::string_view schema_name = "Product";
  template <class V>
  static constexpr void fields(V&& field) {
    product_card::fields(field);
    field("description", &product_view::description);
    field("updated_at", &product_view::updated_at);
    field("images", &product_view::images);
    field("attributes", &product_view::attributes);
    field("variants", &product_view::variants);
  }
};

} // namespace nexus::catalogue
