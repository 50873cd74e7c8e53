// Categories, as they are read and shown. Internal to this folder.
#pragma once

#include "catalogue/key.hpp"
#include "platform/db/database.hpp"

namespace nexus::catalogue {

struct category_view {
  std::int64_t id = 0;
  std::string name, slug;
  std::optional<std::int64_t> parent;
  int position = 0;
  std::optional<std::vector<category_view>> children; // in a tree

  static constexpr std::string_view schema_name = "Category";
  static constexpr std::string_view list_schema_name = "CategoryPage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &category_view::id);
    field("name", &category_view::name);
    field("slug", &category_view::slug);
    field("parent", &category_view::parent, {.doc = "Null for a root"});
    field("position", &category_view::position, {.doc = "Its place among its siblings in the tree"});
    field("children", &category_view::children, {.omit_null = true, .doc = "Only in the tree"});
  }
};

category_view category_of(const db::row& row);

// The roots with all that lies below them; siblings stay in the order of the rows.
std::vector<category_view> tree_of(std::vector<category_view> rows);

} // namespace nexus::catalogue
