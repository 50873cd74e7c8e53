// A small shop to try: the products of sample_data/products.csv.
#pragma once

#include "platform/db/database.hpp"

namespace nexus::app {

// Into an empty catalogue; does nothing where there are products.
awaitable<> load_sample_data(db::session db);

} // namespace nexus::app
