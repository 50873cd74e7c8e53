// Which column of a file means what. Both formats become the same row of cells; what follows knows no format.
#pragma once

#include "catalogue/import/csv.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexus::catalogue_import {

enum class role : std::uint8_t {
  slug, // rows of the same slug (Shopify: Handle) are one product
  name,
  description,
  brand,
  category, // "Clothing > Shirts"
  type,     // Shopify's, where there is no category
  status,   // draft, active, archived
  published,
  currency,
  sku,
  price,
  compare_at_price,
  stock,
  option1_name,
  option1_value,
  option2_name,
  option2_value,
  option3_name,
  option3_value,
  image_url,
  image_alt,
  image_position,
  variant_image,
};
inline constexpr std::size_t role_count = static_cast<std::size_t>(role::variant_image) + 1;
inline constexpr int option_count = 3;

constexpr role option_name(int i) { return static_cast<role>(static_cast<int>(role::option1_name) + 2 * i); }
constexpr role option_value(int i) {
  return static_cast<role>(static_cast<int>(role::option1_value) + 2 * i);
}

struct cell {
  std::string text; // without blanks at its ends; empty where the file has no such column
  int line = 0;
};

struct row {
  int line = 0;
  // A row that the CSV reader found faulty: reported already; only its slug is of use.
  bool bad = false;
  std::array<cell, role_count> cells;

  cell& operator[](role r) { return cells[static_cast<std::size_t>(r)]; }
  const cell& operator[](role r) const { return cells[static_cast<std::size_t>(r)]; }
};

struct column_name {
  role is;
  std::string_view name;
  bool required = false;
};

class layout {
public:
  // The header's columns by their names, in any capitalisation. missing(): those that are required and not
  // there.
  layout(std::span<const column_name> known, const csv_record& header);

  // As the file writes it; the format's own name where the file has no such column.
  [[nodiscard]] std::string_view name(role r) const { return names_[static_cast<std::size_t>(r)]; }
  [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }
  [[nodiscard]] const std::vector<std::string>& unknown() const { return unknown_; }
  [[nodiscard]] const std::optional<std::string>& repeated() const { return repeated_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }

  [[nodiscard]] row read(const csv_record& record) const;

private:
  std::size_t columns_;
  std::array<std::optional<std::size_t>, role_count> index_;
  std::array<std::string, role_count> names_;
  std::vector<std::string> missing_, unknown_;
  std::optional<std::string> repeated_;
};

bool has_columns(const csv_record& header, std::initializer_list<std::string_view> names);

} // namespace nexus::catalogue_import
