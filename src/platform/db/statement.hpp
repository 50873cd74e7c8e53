// A named SQL statement. Made from .sql files by cmake/embed_sql.py: "-- name: insert_order" in
// src/orders/orders.sql becomes nexus::orders::sql::insert_order. Every connection prepares it when it first
// meets it.
#pragma once

#include <string_view>
#include <vector>

namespace nexus::db {

class statement {
public:
  // Registers itself, so that a test can prepare every statement of the program against the real schema.
  statement(std::string_view name, std::string_view text);
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

  [[nodiscard]] std::string_view name() const { return name_; } // "orders.insert_order"
  [[nodiscard]] std::string_view text() const { return text_; } // NUL-terminated
  [[nodiscard]] std::size_t id() const { return id_; }          // dense, from 0

  static const std::vector<const statement*>& all();

private:
  std::string_view name_;
  std::string_view text_;
  std::size_t id_;
};

} // namespace nexus::db
