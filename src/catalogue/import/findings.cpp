#include "catalogue/import/findings.hpp"

namespace nexus::catalogue_import {

namespace {

constexpr std::size_t kept = 1'000;

void keep(std::vector<import_fault>& in, import_fault f) {
  if (in.size() < kept)
    in.push_back(std::move(f));
}

} // namespace

void findings::fault(int line, std::string_view column, std::string reason) {
  ++fault_count_;
  keep(faults_, {line, std::string(column), std::move(reason)});
}

void findings::warn(int line, std::string_view column, std::string reason) {
  ++warning_count_;
  keep(warnings_, {line, std::string(column), std::move(reason)});
}

void findings::add(const findings& more) {
  for (const import_fault& f : more.faults_)
    keep(faults_, f);
  for (const import_fault& f : more.warnings_)
    keep(warnings_, f);
  fault_count_ += more.fault_count_;
  warning_count_ += more.warning_count_;
}

} // namespace nexus::catalogue_import
