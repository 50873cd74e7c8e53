#include "catalogue/categories.hpp"
#include "catalogue/endpoints.hpp"
#include "catalogue/precondition.hpp"
#include "catalogue/slugs.hpp"
#include "catalogue/taxonomy.sql.hpp"

namespace nexus::catalogue {

namespace {

constexpr int max_position = 1'000'000;

struct new_category {
  std::string name;
  std::optional<std::string> slug;
  std::optional<std::int64_t> parent;
  int position = 0;

  static constexpr std::string_view schema_name = "NewCategory";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &new_category::name, {.min_length = 1, .max_length = 100});
    field("slug", &new_category::slug,
          {.form = json::format::slug, .doc = "Made from the name where left out"});
    field("parent", &new_category::parent, {.minimum = 1, .doc = "Left out or null: a root"});
    field("position", &new_category::position, {.minimum = 0, .maximum = max_position, .optional = true});
  }
};

struct category_change {
  std::optional<std::string> name, slug;
  std::optional<std::optional<std::int64_t>> parent;
  std::optional<int> position;

  static constexpr std::string_view schema_name = "CategoryChange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &category_change::name, {.min_length = 1, .max_length = 100});
    field("slug", &category_change::slug, {.form = json::format::slug});
    field("parent", &category_change::parent,
          {.minimum = 1, .doc = "Moves it with all below it; null: a root"});
    field("position", &category_change::position, {.minimum = 0, .maximum = max_position});
  }
};

using create_request = api::request<none, none, new_category>;
using update_request = api::request<key_path, none, category_change>;

constexpr api::constraint_rule unknown_parent{"category_parent_id_fkey", "/parent", "unknown_reference",
                                              "There is no such category."};

problem not_found() { return {errors::not_found, "There is no such category."}; }

awaitable<result<category_view>> create(api::context& c, db::transaction& tx, create_request in) {
  auto& body = in.body;
  json::faults f;
  check_slug(body.slug, f);
  if (!f.empty())
    co_return invalid(f.take());
  for (;;) {
    std::string slug =
        body.slug ? *body.slug
                  : co_await free_slug(tx, sql::taken_category_slugs, slug_base(body.name, "category"));
    const db::rows made =
        co_await tx.query(sql::insert_category, body.parent, body.name, slug, body.position, c.now());
    if (!made.empty())
      co_return category_view{made.front().get<std::int64_t>(0),
                              std::move(body.name),
                              std::move(slug),
                              body.parent,
                              body.position,
                              {}};
    if (body.slug)
      co_return invalid({slug_taken()});
  }
}

// The problem of moving the category below parent, if there is one. The tree is locked.
awaitable<std::optional<problem>> check_move(db::transaction& tx, std::int64_t id,
                                             std::optional<std::int64_t> parent) {
  if (!parent)
    co_return std::nullopt;
  const db::rows cycle = co_await tx.query(sql::is_below, *parent, id);
  if (!cycle.front().get<bool>(0))
    co_return std::nullopt;
  co_return problem(category_cycle, "The new parent is the category itself, or lies below it.",
                    {{"/parent", "category_cycle", "This category lies below the one that would move."}});
}

awaitable<result<category_view>> update(api::context& c, db::transaction& tx, update_request in) {
  auto& body = in.body;
  json::faults f;
  check_slug(body.slug, f);
  if (!f.empty())
    co_return invalid(f.take());
  if (body.parent)
    tx.send(sql::lock_category_tree);
  const key wanted = key_of(in.path.id);
  const db::rows found = co_await tx.query(sql::lock_category, wanted.id, wanted.slug);
  if (found.empty())
    co_return not_found();
  category_view category = category_of(found.front());
  if (auto refused = check_if_match(c, category))
    co_return std::move(*refused);
  if (body.parent) {
    if (auto refused = co_await check_move(tx, category.id, *body.parent))
      co_return std::move(*refused);
    category.parent = *body.parent;
  }
  if (body.name)
    category.name = std::move(*body.name);
  if (body.slug)
    category.slug = std::move(*body.slug);
  category.position = body.position.value_or(category.position);
  co_await tx.query(sql::update_category, category.id, category.parent, category.name, category.slug,
                    category.position);
  co_return category;
}

awaitable<result<none>> remove(api::context& c, db::transaction& tx, api::request<key_path> in) {
  const key wanted = key_of(in.path.id);
  const db::rows found = co_await tx.query(sql::lock_category, wanted.id, wanted.slug);
  if (found.empty())
    co_return not_found();
  const category_view category = category_of(found.front());
  if (auto refused = check_if_match(c, category))
    co_return std::move(*refused);
  const db::rows used =
      co_await tx.query(sql::category_is_used, category.id); // its row is locked: none can come
  if (used.front().get<bool>(0))
    co_return problem(category_in_use, "Move its subcategories and products first.");
  co_await tx.query(sql::delete_category, category.id);
  co_return none{};
}

} // namespace

api::endpoint create_category() {
  return api::post("/categories/", "create_category", "Make a category")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .on_constraint(unknown_parent)
      .handle(
          [](api::context& c, db::transaction& tx, create_request in) -> awaitable<result<category_view>> {
            return create(c, tx, std::move(in));
          });
}

api::endpoint update_category() {
  return api::patch("/categories/{id}/", "update_category", "Rename or move a category")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch, &category_cycle})
      .on_constraint(unknown_parent)
      .on_constraint({"category_slug_key", "/slug", "not_unique", "Another one has this slug."})
      .handle(
          [](api::context& c, db::transaction& tx, update_request in) -> awaitable<result<category_view>> {
            return update(c, tx, std::move(in));
          });
}

api::endpoint delete_category() {
  return api::del("/categories/{id}/", "delete_category",
                  "Remove a category without subcategories or products")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch, &category_in_use})
      .handle([](api::context& c, db::transaction& tx, api::request<key_path> in) -> awaitable<result<none>> {
        return remove(c, tx, std::move(in));
      });
}

} // namespace nexus::catalogue
