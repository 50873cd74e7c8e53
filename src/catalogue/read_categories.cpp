#include "catalogue/categories.hpp"
#include "catalogue/endpoints.hpp"
#include "catalogue/name_cursor.hpp"
#include "catalogue/taxonomy.sql.hpp"

namespace nexus::catalogue {

namespace {

struct categories_query : api::page_query {
  bool tree = false;

  static constexpr std::string_view schema_name = "CategoriesQuery";
  template <class V>
  static constexpr void fields(V&& field) {
    api::page_query::fields(field);
    field("tree", &categories_query::tree,
          {.optional = true, .doc = "The roots with their children, all of them on one page"});
  }
};

using list_request = api::request<none, categories_query>;

awaitable<result<api::page<category_view>>> list(api::context& c, list_request in) {
  if (!in.query.tree)
    co_return co_await list_by_name<category_view>(
        c, in.query, sql::list_categories, sql::list_categories_backward, sql::count_categories, category_of);
  const db::rows found = co_await c.db.query(sql::read_category_tree);
  std::vector<category_view> all;
  all.reserve(static_cast<std::size_t>(found.size()));
  for (const db::row row : found)
    all.push_back(category_of(row));
  api::page<category_view> out;
  if (in.query.count)
    out.count = found.size();
  out.results = tree_of(std::move(all));
  co_return out;
}

awaitable<result<category_view>> read(api::context& c, api::request<key_path> in) {
  const key wanted = key_of(in.path.id);
  const db::rows found = co_await c.db.query(sql::read_category, wanted.id, wanted.slug);
  if (found.empty())
    co_return problem(errors::not_found, "There is no such category.");
  co_return category_of(found.front());
}

} // namespace

category_view category_of(const db::row& row) {
  auto [id, name, slug, parent, position] =
      row.as<std::int64_t, std::string, std::string, std::optional<std::int64_t>, int>();
  return {id, std::move(name), std::move(slug), parent, position, {}};
}

std::vector<category_view> tree_of(std::vector<category_view> rows) {
  std::unordered_map<std::int64_t, std::vector<std::size_t>> below; // 0: the roots
  for (std::size_t i = 0; i < rows.size(); ++i)
    below[rows[i].parent.value_or(0)].push_back(i);
  const auto gather = [&](const auto& self, std::int64_t parent) -> std::vector<category_view> {
    std::vector<category_view> out;
    const auto children = below.find(parent);
    if (children == below.end())
      return out;
    for (const std::size_t i : children->second) {
      out.push_back(std::move(rows[i]));
      out.back().children = self(self, out.back().id);
    }
    return out;
  };
  return gather(gather, 0);
}

api::endpoint list_categories() {
  return api::get("/categories/", "list_categories", "The categories, flat by name or as a tree")
      .open()
      .cacheable()
      .handle([](api::context& c, list_request in) -> awaitable<result<api::page<category_view>>> {
        return list(c, std::move(in));
      });
}

api::endpoint read_category() {
  return api::get("/categories/{id}/", "read_category", "A category by its id or slug")
      .open()
      .cacheable()
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<key_path> in) -> awaitable<result<category_view>> {
        return read(c, std::move(in));
      });
}

} // namespace nexus::catalogue
