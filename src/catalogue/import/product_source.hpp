// A file, product by product: finds out its format, reads no further than it must.
#pragma once

#include "catalogue/import/drafts.hpp"

namespace nexus::catalogue_import {

class product_source {
public:
  product_source(std::istream& in, nexus::currency currency, findings& found);
  product_source(const product_source&) = delete; // its parts point at each other
  product_source& operator=(const product_source&) = delete;

  // Whole products, until there are enough for a transaction; empty at the end.
  std::vector<product_draft> next_batch();
  // Once a batch was there.
  [[nodiscard]] const layout& columns() const { return layout_.value(); }
  [[nodiscard]] std::uint64_t bytes_read() const { return reader_.bytes_read(); }

private:
  void read_header();
  bool check_header(const csv_record& header);
  std::optional<row> next_row();
  std::optional<product_draft> next_product();

  csv_reader reader_;
  nexus::currency currency_;
  findings& found_;
  std::optional<layout> layout_;
  void (*normalise_)(row&) = nullptr;
  std::optional<draft_builder> builder_; // none: the header was no good, or the end is reached
};

} // namespace nexus::catalogue_import
