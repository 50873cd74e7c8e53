#include "platform/db/error.hpp"

#include <fmt/format.h>

namespace nexus::db {

namespace {

std::string describe(const std::string& sqlstate, const std::string& message, const std::string& statement) {
  return statement.empty() ? fmt::format("{} (SQLSTATE {})", message, sqlstate)
                           : fmt::format("{}: {} (SQLSTATE {})", statement, message, sqlstate);
}

} // namespace

error::error(std::string sqlstate, std::string message, std::string constraint, std::string statement)
    : std::runtime_error(describe(sqlstate, message, statement)), sqlstate_(std::move(sqlstate)),
      constraint_(std::move(constraint)), statement_(std::move(statement)) {}

} // namespace nexus::db
