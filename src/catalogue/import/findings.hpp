// What is wrong with a file, counted in full and kept in part, so that a file of a million bad rows stays
// small.
#pragma once

#include "catalogue/import/import.hpp"

namespace nexus::catalogue_import {

using catalogue::import_fault;

class findings {
public:
  void fault(int line, std::string_view column, std::string reason);
  // Something was imported otherwise than it was written.
  void warn(int line, std::string_view column, std::string reason);
  void add(const findings& more);

  [[nodiscard]] const std::vector<import_fault>& faults() const { return faults_; }
  [[nodiscard]] const std::vector<import_fault>& warnings() const { return warnings_; }
  [[nodiscard]] int fault_count() const { return fault_count_; }
  [[nodiscard]] int warning_count() const { return warning_count_; }

private:
  std::vector<import_fault> faults_, warnings_;
  int fault_count_ = 0, warning_count_ = 0;
};

} // namespace nexus::catalogue_import
