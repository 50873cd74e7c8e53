#include "platform/json/schema.hpp"

#include <boost/json/parse.hpp>

#include <fmt/format.h>
#include <stdexcept>

namespace nexus::json {

namespace {

namespace bj = boost::json;

// What OpenAPI calls a form, and what of it a pattern can say (in ECMA-262's and in Python's dialect alike).
struct form_schema {
  format form;
  std::string_view format;
  std::string_view pattern;
  int max_length;
};
constexpr int no_limit = std::numeric_limits<int>::max();
constexpr form_schema form_schemas[] = {
    {format::email, "email", {}, 254},
    {format::url, "uri", {}, 2048},
    {format::country, {}, "^[A-Z]{2}$", 2},
    {format::slug, {}, "^[^\\x00-,./:-`{-\\x7f]+$", no_limit}, // ASCII: a-z, 0-9 and '-' alone
    {format::sku, {}, "^[^\\x00-\\x1f\\x7f-\\x9f]+$", no_limit},
    {format::password, "password", {}, no_limit},
};

bool is_of_type(const bj::object& schema, std::string_view type) {
  const auto* declared = schema.if_contains("type");
  if (declared == nullptr)
    return false;
  if (const auto* list = declared->if_array())
    return std::find(list->begin(), list->end(), bj::value(bj::string_view(type))) != list->end();
  return *declared == bj::value(bj::string_view(type));
}

// A rule's example is text; where the schema asks for something else it is written as JSON there.
bj::value example_of(const bj::object& schema, std::string_view example) {
  if (is_of_type(schema, "string"))
    return bj::value(bj::string_view(example));
  bj::error_code error;
  bj::value parsed = bj::parse(example, error);
  return error ? bj::value(bj::string_view(example)) : parsed;
}

} // namespace

bj::object schema_set::integer(direction d, std::string_view format, std::int64_t lowest,
                               std::int64_t highest, const rule& r) {
  bj::object schema{{"type", "integer"}, {"format", format}};
  if (d == direction::request && r.minimum > lowest)
    schema["minimum"] = r.minimum;
  if (d == direction::request && r.maximum < highest)
    schema["maximum"] = r.maximum;
  return schema;
}

bj::object schema_set::text(direction d, const rule& r) {
  const auto* known = std::find_if(std::begin(form_schemas), std::end(form_schemas),
                                   [&](const form_schema& each) { return each.form == r.form; });
  const bool has_form = known != std::end(form_schemas);
  if (d == direction::answer)
    return form(has_form ? known->format : std::string_view{}, {});
  bj::object schema = has_form ? form(known->format, known->pattern) : form({}, {});
  const bool never_blank = has_form && r.form != format::password;
  if (const int shortest = std::max(r.min_length, never_blank ? 1 : 0); shortest > 0)
    schema["minLength"] = shortest;
  schema["maxLength"] = std::min(r.max_length, has_form ? known->max_length : no_limit);
  return schema;
}

bj::object schema_set::decimal_text(direction d, const rule& r) {
  const bool never_negative = d == direction::request && r.minimum >= 0;
  return form({}, never_negative ? "^[0-9]+(\\.[0-9]+)?$" : "^-?[0-9]+(\\.[0-9]+)?$");
}

bj::object schema_set::form(std::string_view format, std::string_view pattern) {
  bj::object schema{{"type", "string"}};
  if (!format.empty())
    schema["format"] = format;
  if (!pattern.empty())
    schema["pattern"] = pattern;
  return schema;
}

bj::object schema_set::choice(std::span<const std::string_view> names) {
  bj::array list;
  for (const std::string_view name : names)
    list.emplace_back(bj::string_view(name));
  return {{"type", "string"}, {"enum", std::move(list)}};
}

bj::object schema_set::array_of(direction d, bj::object items, const rule& r) {
  bj::object schema{{"type", "array"}, {"items", std::move(items)}};
  if (d == direction::request) {
    if (r.min_length > 0)
      schema["minItems"] = r.min_length;
    schema["maxItems"] = r.max_length;
  }
  return schema;
}

bj::object schema_set::nullable(bj::object schema) {
  if (schema.empty()) // anything, null too
    return schema;
  const auto* type = schema.if_contains("type");
  if (type == nullptr || !type->is_string())
    return {{"anyOf", bj::array{std::move(schema), bj::object{{"type", "null"}}}}};
  schema["type"] = bj::array{*type, "null"};
  if (auto* names = schema.if_contains("enum"))
    names->get_array().push_back(nullptr);
  return schema;
}

void schema_set::describe(bj::object& schema, const rule& r) {
  if (!r.doc.empty())
    schema["description"] = r.doc;
  if (!r.example.empty())
    schema["examples"] = bj::array{example_of(schema, r.example)};
}

std::string schema_set::component_name(direction d, std::string_view schema_name) {
  std::string name(schema_name);
  if (d == direction::request && !name.ends_with("Request"))
    name += "Request";
  return name;
}

bool schema_set::claim(const std::string& component, direction d, std::type_index type) {
  const auto [claimed, is_new] = claims_.try_emplace(component, d, type);
  if (is_new)
    return true;
  if (claimed->second.second != type)
    throw std::logic_error(fmt::format("two types have the schema \"{}\"", component));
  if (claimed->second.first != d)
    throw std::logic_error(fmt::format("the schema \"{}\" is used in requests and in answers", component));
  return false;
}

} // namespace nexus::json
