#include "catalogue/endpoints.hpp"
#include "catalogue/name_cursor.hpp"
#include "catalogue/precondition.hpp"
#include "catalogue/slugs.hpp"
#include "catalogue/taxonomy.sql.hpp"
#include "catalogue/views.hpp"
#include "core/text.hpp"

#include <set>

namespace nexus::catalogue {

namespace {

constexpr json::rule name_rule{.min_length = 1, .max_length = 100};

struct attribute_view {
  std::int64_t id = 0;
  std::string name, slug;
  std::vector<value_view> values;

  static constexpr std::string_view schema_name = "Attribute";
  static constexpr std::string_view list_schema_name = "AttributePage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &attribute_view::id);
    field("name", &attribute_view::name);
    field("slug", &attribute_view::slug);
    field("values", &attribute_view::values);
  }
};

struct new_value {
  std::string value;

  static constexpr std::string_view schema_name = "NewAttributeValue";
  template <class V>
  static constexpr void fields(V&& field) {
    field("value", &new_value::value, name_rule);
  }
};

struct new_attribute {
  std::string name;
  std::vector<std::string> values;

  static constexpr std::string_view schema_name = "NewAttribute";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &new_attribute::name, name_rule);
    field("values", &new_attribute::values, {.max_length = 1'000, .optional = true});
  }
};

struct attribute_change {
  std::optional<std::string> name;

  static constexpr std::string_view schema_name = "AttributeChange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &attribute_change::name, name_rule);
  }
};

struct attributes_query : api::page_query {
  static constexpr std::string_view schema_name = "AttributesQuery";
};

using list_request = api::request<none, attributes_query>;
using create_request = api::request<none, none, new_attribute>;
using update_request = api::request<key_path, none, attribute_change>;
using add_value_request = api::request<key_path, none, new_value>;

constexpr api::constraint_rule name_taken{"attribute_name_key", "/name", "not_unique",
                                          "Another attribute has this name."};

problem not_found() { return {errors::not_found, "There is no such attribute."}; }

attribute_view attribute_of(const db::row& row) {
  auto [id, name, slug, value_ids, values] =
      row.as<std::int64_t, std::string, std::string, std::vector<std::int64_t>, std::vector<std::string>>();
  attribute_view out{id, std::move(name), std::move(slug), {}};
  for (std::size_t i = 0; i < value_ids.size(); ++i)
    out.values.push_back({value_ids[i], std::move(values[i])});
  return out;
}

awaitable<result<api::page<attribute_view>>> list(api::context& c, list_request in) {
  return list_by_name<attribute_view>(c, in.query, sql::list_attributes, sql::list_attributes_backward,
                                      sql::count_attributes, attribute_of);
}

awaitable<result<attribute_view>> read(db::queryable& db, key wanted) {
  const db::rows found = co_await db.query(sql::read_attribute, wanted.id, wanted.slug);
  if (found.empty())
    co_return not_found();
  co_return attribute_of(found.front());
}

// Blank, too long, or there twice (however it is capitalised).
void check_values(const std::vector<std::string>& values, json::faults& f) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string at = fmt::format("/values/{}", i);
    if (values[i].empty())
      f.add(at, "blank", "This may not be blank.");
    else if (length_utf8(values[i]) > 100)
      f.add(at, "too_long", "This must have at most 100 characters.");
    else if (!seen.insert(to_lower_ascii(values[i])).second)
      f.add(at, "not_unique", "This value is there already.");
  }
}

awaitable<result<attribute_view>> create(api::context& c, db::transaction& tx, create_request in) {
  auto& body = in.body;
  json::faults f;
  check_values(body.values, f);
  if (!f.empty())
    co_return invalid(f.take());
  attribute_view out{0, std::move(body.name), {}, {}};
  while (out.id == 0) {
    out.slug = co_await free_slug(tx, sql::taken_attribute_slugs, slug_base(out.name, "attribute"));
    const db::rows made = co_await tx.query(sql::insert_attribute, out.name, out.slug, c.now());
    if (!made.empty())
      out.id = made.front().get<std::int64_t>(0);
  }
  if (!body.values.empty()) {
    const db::rows made = co_await tx.query(sql::insert_attribute_values, out.id, body.values);
    for (const db::row row : made)
      out.values.push_back({row.get<std::int64_t>(0), row.get<std::string>(1)});
  }
  co_return out;
}

// Locked, and as the client has seen it.
awaitable<result<attribute_view>> lock(api::context& c, db::transaction& tx, key wanted) {
  if ((co_await tx.query(sql::lock_attribute, wanted.id, wanted.slug)).empty())
    co_return not_found();
  auto attribute = co_await read(tx, wanted);
  if (attribute)
    if (auto refused = check_if_match(c, *attribute))
      co_return std::move(*refused);
  co_return attribute;
}

awaitable<result<attribute_view>> update(api::context& c, db::transaction& tx, update_request in) {
  auto attribute = co_await lock(c, tx, key_of(in.path.id));
  if (!attribute)
    co_return attribute.error();
  if (in.body.name)
    attribute->name = std::move(*in.body.name);
  co_await tx.query(sql::update_attribute, attribute->id, attribute->name);
  co_return attribute;
}

awaitable<result<none>> remove(api::context& c, db::transaction& tx, api::request<key_path> in) {
  const auto attribute = co_await lock(c, tx, key_of(in.path.id));
  if (!attribute)
    co_return attribute.error();
  const db::rows used = co_await tx.query(sql::attribute_is_used, attribute->id);
  if (used.front().get<bool>(0))
    co_return problem(attribute_in_use, "Take it from its variants first.");
  co_await tx.query(sql::delete_attribute, attribute->id);
  co_return none{};
}

awaitable<result<value_view>> add_value(api::context&, db::transaction& tx, add_value_request in) {
  const key wanted = key_of(in.path.id);
  const db::rows found = co_await tx.query(sql::lock_attribute, wanted.id, wanted.slug);
  if (found.empty())
    co_return not_found();
  const std::vector<std::string> values{in.body.value};
  const db::rows made =
      co_await tx.query(sql::insert_attribute_values, found.front().get<std::int64_t>(0), values);
  co_return value_view{made.front().get<std::int64_t>(0), std::move(in.body.value)};
}

} // namespace

api::endpoint list_attributes() {
  return api::get("/attributes/", "list_attributes", "The attributes with their values, by name")
      .open()
      .cacheable()
      .handle([](api::context& c, list_request in) -> awaitable<result<api::page<attribute_view>>> {
        return list(c, std::move(in));
      });
}

api::endpoint read_attribute() {
  return api::get("/attributes/{id}/", "read_attribute", "An attribute by its id or slug")
      .open()
      .cacheable()
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<key_path> in) -> awaitable<result<attribute_view>> {
        return read(c.db, key_of(in.path.id));
      });
}

api::endpoint create_attribute() {
  return api::post("/attributes/", "create_attribute", "Make an attribute, with values or without")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .on_constraint(name_taken)
      .on_constraint({"attribute_value_key", "/values", "not_unique", "One of the values is there twice."})
      .handle(
          [](api::context& c, db::transaction& tx, create_request in) -> awaitable<result<attribute_view>> {
            return create(c, tx, std::move(in));
          });
}

api::endpoint update_attribute() {
  return api::patch("/attributes/{id}/", "update_attribute", "Rename an attribute")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .on_constraint(name_taken)
      .handle(
          [](api::context& c, db::transaction& tx, update_request in) -> awaitable<result<attribute_view>> {
            return update(c, tx, std::move(in));
          });
}

api::endpoint delete_attribute() {
  return api::del("/attributes/{id}/", "delete_attribute", "Remove an attribute that no variant has")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch, &attribute_in_use})
      .on_constraint(
          {"variant_attribute_value_known", "", "", "A variant has just been given a value of it."})
      .handle([](api::context& c, db::transaction& tx, api::request<key_path> in) -> awaitable<result<none>> {
        return remove(c, tx, std::move(in));
      });
}

api::endpoint add_attribute_value() {
  return api::post("/attributes/{id}/values/", "add_attribute_value", "Add a value to an attribute")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .fails({&errors::not_found})
      .on_constraint({"attribute_value_key", "/value", "not_unique", "The attribute has this value already."})
      .handle(
          [](api::context& c, db::transaction& tx, add_value_request in) -> awaitable<result<value_view>> {
            return add_value(c, tx, std::move(in));
          });
}

} // namespace nexus::catalogue
