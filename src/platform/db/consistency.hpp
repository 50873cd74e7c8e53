// A proof that the books are true: a statement that finds every row that breaks an invariant. Modules list
// theirs, `nexus audit` runs them all.
#pragma once

#include "platform/db/statement.hpp"

#include <string_view>

namespace nexus::db {

struct consistency_check {
  std::string_view invariant;  // "stock on hand is the sum of its movements"
  const statement* violations; // no parameters; one text column: the row at fault, in words
};

} // namespace nexus::db
