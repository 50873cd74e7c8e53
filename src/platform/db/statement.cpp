#include "platform/db/statement.hpp"

namespace nexus::db {

namespace {

// A function's own, because statements register themselves before main().
std::vector<const statement*>& registered() {
  static std::vector<const statement*> list;
  return list;
}

} // namespace

statement::statement(std::string_view name, std::string_view text)
    : name_(name), text_(text), id_(registered().size()) {
  registered().push_back(this);
}

const std::vector<const statement*>& statement::all() { return registered(); }

} // namespace nexus::db
