// Products from a CSV file: our own columns, or Shopify's product export (docs/import.md).
//
// An import adds and changes; it never removes. Products are known by their slug, variants by their SKU, so
// the same file again changes nothing. Rows with faults are left out and reported; the others go in.
#pragma once

#include "core/clock.hpp"
#include "core/money.hpp"
#include "platform/db/database.hpp"

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <vector>

namespace nexus::catalogue {

// One thing wrong with the file.
struct import_fault {
  int line = 0;       // from 1, as an editor shows it
  std::string column; // the header's name; empty where the whole row or file is meant
  std::string reason; // a sentence for the person who made the file
  friend bool operator==(const import_fault&, const import_fault&) = default;
};

struct import_options {
  bool strict = false;      // one fault anywhere, and nothing goes in
  nexus::currency currency; // of prices whose file names none
  // Bytes read and bytes in all (0 where that is unknown), after every batch.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};
};

struct import_report {
  bool imported = true; // false: strict, and there were faults
  int products_created = 0, products_updated = 0, products_unchanged = 0;
  int variants_created = 0, variants_updated = 0, variants_unchanged = 0;
  int stock_changed = 0; // variants whose stock on hand was set to another number
  int brands_created = 0, categories_created = 0;
  // The first 1,000 of each, in the order of the file's batches, and how many there were.
  std::vector<import_fault> faults, warnings;
  int faults_in_all = 0, warnings_in_all = 0;
};

// Reads the stream to its end, on the loop's thread: for programs that do nothing else, or a server that is
// not yet open. Products are written as they are read, some hundreds a transaction; strict: all in one. What
// a file can do wrong stands in the report; what is thrown is the database's (then the batches before are in,
// and the import may be run again).
awaitable<import_report> import_products(db::session db, std::istream& file, import_options options,
                                         time_point now);

} // namespace nexus::catalogue
