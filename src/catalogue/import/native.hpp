// Our own columns (docs/import.md).
#pragma once

#include "catalogue/import/layout.hpp"

namespace nexus::catalogue_import {

bool is_native(const csv_record& header);
std::span<const column_name> native_columns();

// A row without a slug has that of its name.
void normalise_native(row& r);

} // namespace nexus::catalogue_import
