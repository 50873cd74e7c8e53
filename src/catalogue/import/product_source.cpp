#include "catalogue/import/product_source.hpp"

#include "catalogue/import/native.hpp"
#include "catalogue/import/shopify.hpp"
#include "core/text.hpp"

namespace nexus::catalogue_import {

namespace {

// A transaction's worth: short enough that nobody waits for its locks.
constexpr std::size_t batch_products = 200;
constexpr std::size_t batch_variants = 1'000;

bool is_blank(const csv_record& record) {
  return std::all_of(record.fields.begin(), record.fields.end(),
                     [](const csv_field& f) { return trim(f.text).empty(); });
}

} // namespace

product_source::product_source(std::istream& in, nexus::currency currency, findings& found)
    : reader_(in), currency_(currency), found_(found) {
  read_header();
}

void product_source::read_header() {
  const auto header = reader_.next();
  if (!header) {
    if (const auto& why = reader_.fatal())
      found_.fault(why->line, "", why->reason);
    else
      found_.fault(1, "", "The file is empty.");
    return;
  }
  if (header->error) {
    found_.fault(header->error->line, "", header->error->reason);
    return;
  }
  if (is_shopify(*header)) {
    layout_.emplace(shopify_columns(), *header);
    normalise_ = normalise_shopify;
  } else if (is_native(*header)) {
    layout_.emplace(native_columns(), *header);
    normalise_ = normalise_native;
  }
  if (check_header(*header))
    builder_.emplace(*layout_, currency_, found_);
}

bool product_source::check_header(const csv_record& header) {
  const int before = found_.fault_count();
  const auto fault = [&](std::string_view column, std::string reason) {
    found_.fault(header.line, column, std::move(reason));
  };
  if (!layout_) {
    const bool semicolons = header.fields.front().text.find(';') != std::string::npos;
    fault(
        "",
        semicolons
            ? "The columns must be separated by commas, not semicolons."
            : "The first line must name the columns: ours (name, price, …) or Shopify's (Handle, Title, …).");
    return false;
  }
  for (const std::string& name : layout_->missing())
    fault(name, "The column is missing.");
  if (layout_->repeated())
    fault(*layout_->repeated(), "The column is there twice.");
  if (normalise_ ==
      normalise_native) // Shopify's files have columns that we do not read; in ours it is a typo
    for (const std::string& name : layout_->unknown())
      fault(name, name.empty() ? "A column without a name." : "There is no such column.");
  return found_.fault_count() == before;
}

std::optional<row> product_source::next_row() {
  while (auto record = reader_.next()) {
    if (is_blank(*record))
      continue;
    const auto beyond =
        std::find_if(record->fields.begin() +
                         static_cast<std::ptrdiff_t>(std::min(record->fields.size(), layout_->columns())),
                     record->fields.end(), [](const csv_field& f) { return !trim(f.text).empty(); });
    if (!record->error && beyond != record->fields.end())
      record->error = {beyond->line, beyond->column,
                       fmt::format("The row has {} columns, the first line {}.", record->fields.size(),
                                   layout_->columns())};
    row r = layout_->read(*record);
    normalise_(r);
    if (record->error)
      found_.fault(record->error->line, "",
                   fmt::format("{} (At character {} of the line. The row is left out.)",
                               record->error->reason, record->error->column));
    return r;
  }
  return std::nullopt;
}

std::optional<product_draft> product_source::next_product() {
  while (builder_) {
    if (const auto r = next_row()) {
      if (auto product = builder_->add(*r))
        return product;
      continue;
    }
    auto last = builder_->finish();
    builder_.reset();
    if (const auto& why = reader_.fatal())
      found_.fault(why->line, "", why->reason + " The file was not read any further.");
    return last;
  }
  return std::nullopt;
}

std::vector<product_draft> product_source::next_batch() {
  std::vector<product_draft> out;
  for (std::size_t variants = 0; out.size() < batch_products && variants < batch_variants;) {
    auto product = next_product();
    if (!product)
      break;
    variants += product->variants.size();
    out.push_back(std::move(*product));
  }
  return out;
}

} // namespace nexus::catalogue_import
