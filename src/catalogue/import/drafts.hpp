// Rows become products: what each product of the file is to be, checked as far as the file alone can tell.
#pragma once

#include "catalogue/import/findings.hpp"
#include "catalogue/import/layout.hpp"
#include "core/money.hpp"

#include <set>

namespace nexus::catalogue_import {

struct option {
  std::string name, value; // "Color", "Red"
};

struct variant_draft {
  int line = 0;
  std::string sku;
  std::vector<option> options;
  std::int64_t price = 0; // minor units of the product's currency
  std::optional<std::int64_t> compare_at_price;
  std::optional<int> stock; // pieces on hand; nullopt: the file does not say
  std::string image_url;    // may be empty
};

struct image_draft {
  std::string url, alt_text;
  int position = 0; // as the file has it; the draft's images stand in order
};

struct product_draft {
  int line = 0;
  std::string slug, name;
  std::string description, brand;    // empty: the file does not say
  std::vector<std::string> category; // the path, outermost first
  std::string status;                // "active", "draft", "archived"; empty: the file does not say
  nexus::currency currency;
  std::vector<variant_draft> variants; // never empty
  std::vector<image_draft> images;
};

// Limits are the API's own.
inline constexpr std::size_t max_variants = 2'000; // of a product
inline constexpr std::size_t max_images = 250;

// "Ocean Blue" -> "ocean-blue"; what would be cut at 80 bytes ends in a hash instead, so that two long
// handles do not become one. Empty where nothing is left.
std::string slug_of(std::string_view handle);

// "ocean-blue.red.large", at most 100 characters, the same for the same product and options.
std::string made_sku(std::string_view slug, const std::vector<option>& options);

// Takes rows in the file's order; a product is ready when a row of another begins. Faults leave out their
// row; those of the product itself (its first row's name, brand, …) leave out the product.
class draft_builder {
public:
  draft_builder(const layout& columns, nexus::currency currency, findings& found)
      : columns_(columns), currency_(currency), found_(found) {}

  std::optional<product_draft> add(const row& r);
  std::optional<product_draft> finish();

private:
  void begin(const row& r);
  bool read_product(const row& r);
  void add_row(const row& r);
  bool read_variant(const row& r, variant_draft& v);
  bool read_options(const row& r, variant_draft& v);
  bool check_combination(const row& r, const variant_draft& v);
  bool read_sku(const row& r, variant_draft& v);
  bool read_stock(const row& r, variant_draft& v);
  bool read_image(const row& r, std::optional<image_draft>& i);
  std::optional<std::int64_t> read_price(const row& r, role is);
  bool read_category(const row& r);
  bool check_length(const row& r, role is, std::size_t limit);
  bool check_url(const row& r, role is);
  bool fault(const row& r, role is, std::string reason); // false, for `return fault(…)`

  const layout& columns_;
  nexus::currency currency_;
  findings& found_;

  std::string handle_; // of the product under way
  bool under_way_ = false;
  bool left_out_ = false;
  product_draft product_;
  std::array<std::string, option_count> option_names_;
  std::map<std::string, int> combinations_; // of the product's options -> line
  std::map<std::string, int> skus_;
  std::unordered_map<std::string, int> begun_; // slugs of the file -> line
};

} // namespace nexus::catalogue_import
