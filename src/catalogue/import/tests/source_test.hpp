// A file's text, read to its drafts.
#pragma once

#include "catalogue/import/product_source.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace nexus::catalogue_import::testing {

struct read_file {
  std::vector<product_draft> products;
  findings found;

  // "3 price" for each fault, as line and column.
  [[nodiscard]] std::vector<std::string> fault_places() const {
    std::vector<std::string> out;
    for (const import_fault& f : found.faults())
      out.push_back(fmt::format("{} {}", f.line, f.column));
    return out;
  }
};

inline read_file read(const std::string& text) {
  read_file out;
  std::istringstream in(text);
  product_source source(in, currency::etb(), out.found);
  for (auto batch = source.next_batch(); !batch.empty(); batch = source.next_batch())
    for (product_draft& p : batch)
      out.products.push_back(std::move(p));
  return out;
}

inline bool has(const import_fault& f, std::string_view words) {
  return f.reason.find(words) != std::string::npos;
}

} // namespace nexus::catalogue_import::testing
