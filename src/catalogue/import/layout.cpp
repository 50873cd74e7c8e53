#include "catalogue/import/layout.hpp"

#include "core/text.hpp"

#include <set>

namespace nexus::catalogue_import {

namespace {

std::string key_of(std::string_view header) { return to_lower_ascii(trim(header)); }

std::set<std::string> keys_of(const csv_record& header) {
  std::set<std::string> keys;
  for (const csv_field& f : header.fields)
    keys.insert(key_of(f.text));
  return keys;
}

} // namespace

layout::layout(std::span<const column_name> known, const csv_record& header)
    : columns_(header.fields.size()) {
  std::unordered_map<std::string, const column_name*> by_key;
  for (const column_name& c : known) {
    by_key[key_of(c.name)] = &c;
    names_[static_cast<std::size_t>(c.is)] = c.name;
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const std::string_view name = trim(header.fields[i].text);
    const auto found = by_key.find(key_of(name));
    if (found == by_key.end()) {
      unknown_.emplace_back(name);
      continue;
    }
    if (!seen.insert(found->first).second)
      repeated_ = name;
    index_[static_cast<std::size_t>(found->second->is)] = i;
    names_[static_cast<std::size_t>(found->second->is)] = name;
  }
  for (const column_name& c : known)
    if (c.required && !index_[static_cast<std::size_t>(c.is)])
      missing_.emplace_back(c.name);
}

row layout::read(const csv_record& record) const {
  row out;
  out.line = record.line;
  out.bad = record.error.has_value();
  for (std::size_t r = 0; r < role_count; ++r) {
    out.cells[r].line = record.line;
    // Spreadsheets leave out empty cells at the end of a row.
    if (!index_[r] || *index_[r] >= record.fields.size())
      continue;
    const csv_field& f = record.fields[*index_[r]];
    out.cells[r] = {std::string(trim(f.text)), f.line};
  }
  return out;
}

bool has_columns(const csv_record& header, std::initializer_list<std::string_view> names) {
  const std::set<std::string> keys = keys_of(header);
  return std::all_of(names.begin(), names.end(),
                     [&](std::string_view name) { return keys.contains(key_of(name)); });
}

} // namespace nexus::catalogue_import
