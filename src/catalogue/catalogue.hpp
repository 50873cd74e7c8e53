// The catalogue: categories, brands, attributes, products and their variants.
#pragma once

#include "core/money.hpp"
#include "core/result.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/db/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::catalogue {

inline constexpr std::string_view write_permission = "catalogue.write";

inline constexpr error_kind category_cycle{"category_cycle", 422, "A category cannot lie below itself"};
inline constexpr error_kind category_in_use{"category_in_use", 409,
                                            "The category has subcategories or products"};
inline constexpr error_kind brand_in_use{"brand_in_use", 409, "Products are of this brand"};
inline constexpr error_kind attribute_in_use{"attribute_in_use", 409,
                                             "Variants have values of this attribute"};
// A product's currency is that of its variants' own prices.
inline constexpr error_kind currency_in_use{"currency_in_use", 409,
                                            "Variants have prices in the product's currency"};

// In major units: a cart of 200 items of 10,000 pieces each still sums up within 64 bits.
inline constexpr std::int64_t highest_price = 1'000'000'000;

// A variant as a cart shows it: live (not archived) and of an active product.
struct offer {
  std::int64_t variant_id = 0;
  std::int64_t product_id = 0;
  std::string sku;
  std::string product_name;
  std::string product_slug;
  std::string variant_name; // "Red / Large"; empty for a product's one plain variant
  money price;
  std::optional<std::string> image_url;
  int available = 0; // at the time of reading; only a lock makes it sure
};

// The offers among these variants, by ascending id. One statement.
awaitable<std::vector<offer>> find_offers(db::queryable& db, std::vector<std::int64_t> variant_ids);

// Under /catalogue.
std::vector<api::endpoint> routes();

} // namespace nexus::catalogue
