// Drafts into the database: a batch is one call, a few set-based statements, within the caller's transaction.
#pragma once

#include "catalogue/import/drafts.hpp"

namespace nexus::catalogue_import {

struct outcome {
  catalogue::import_report counts; // its numbers alone
  findings found;                  // what the file alone could not tell: a SKU of another product, …
};

// Drafts and columns are used until it ends. Throws what the database throws; 40001 also where another
// transaction has made the same product or variant meanwhile: run the whole again.
awaitable<outcome> write_products(db::transaction& tx, const std::vector<product_draft>& drafts,
                                  const layout& columns, time_point now);

} // namespace nexus::catalogue_import
