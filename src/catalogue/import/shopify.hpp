// Shopify's product CSV (help.shopify.com, "Using CSV files to import and export products").
//
//   Handle                              groups the rows of a product; its slug
//   Title, Body (HTML), Vendor          name, description (as plain text), brand: on the product's first row
//   Product Category, else Type         "Apparel & Accessories > Clothing": nested categories
//   Status, else Published              active, draft, archived
//   Option1 … Option3 Name, Value       attributes; names on the first row alone. "Title" with "Default
//   Title": none Variant SKU, Price, Compare At Price, Inventory Qty, Image Image Src, Position, Alt Text
//   pictures; a row may carry nothing else
// The other columns are not read. The file names no currency.
#pragma once

#include "catalogue/import/layout.hpp"

namespace nexus::catalogue_import {

bool is_shopify(const csv_record& header);
std::span<const column_name> shopify_columns();
void normalise_shopify(row& r);

} // namespace nexus::catalogue_import
