#include "catalogue/attribute_values.hpp"

#include "catalogue/slugs.hpp"
#include "catalogue/taxonomy.sql.hpp"

namespace nexus::catalogue {

namespace {

namespace bj = boost::json;

constexpr json::rule id_rule{.minimum = 1};
constexpr json::rule name_rule{.min_length = 1, .max_length = 100};
constexpr std::array<std::string_view, 2> named_fields{"attribute", "value"};

void decode_named(const bj::object& in, const std::string& at, value_reference::named& out, json::faults& f) {
  for (const std::string_view field : named_fields)
    if (!in.contains(field))
      f.add(json::child(at, field), "required", "This field is required.");
  if (const auto* attribute = in.if_contains("attribute")) {
    if (attribute->is_number())
      json::decode_value(*attribute, json::child(at, "attribute"), id_rule,
                         out.attribute.emplace<std::int64_t>(), f);
    else
      json::decode_value(*attribute, json::child(at, "attribute"), name_rule,
                         out.attribute.emplace<std::string>(), f);
  }
  if (const auto* value = in.if_contains("value"))
    json::decode_value(*value, json::child(at, "value"), name_rule, out.value, f);
  json::refuse_unknown(in, at, named_fields, f);
}

// place: 1 is the first, as WITH ORDINALITY counts.
std::size_t index_of(const db::row& row) { return static_cast<std::size_t>(row.get<std::int64_t>(0) - 1); }

constexpr int attempts = 20; // each ends the race with those who made the same, or tries another slug

awaitable<> ensure_attributes(db::transaction& tx, const std::vector<named_value>& wanted,
                              std::vector<attribute_value>& out, time_point now) {
  std::vector<std::string> names;
  for (const named_value& w : wanted)
    names.push_back(w.attribute);
  for (int attempt = 1;; ++attempt) {
    const db::rows found = co_await tx.query(sql::find_attributes, names);
    for (const db::row row : found) {
      attribute_value& to = out[index_of(row)];
      to.attribute_id = row.get<std::int64_t>(1);
      to.attribute = row.get<std::string>(2);
    }
    std::vector<std::string> missing, slugs;
    for (std::size_t i = 0; i < out.size(); ++i)
      if (out[i].attribute_id == 0) {
        missing.push_back(names[i]);
        slugs.push_back(slug_candidate(slug_base(names[i], "attribute"), attempt));
      }
    if (missing.empty())
      co_return;
    if (attempt == attempts)
      throw std::runtime_error("no slug could be found for the attribute " + missing.front());
    co_await tx.query(sql::ensure_attributes, missing, slugs, now);
  }
}

} // namespace

boost::json::object value_reference::json_schema() {
  const bj::object id{{"type", "integer"}, {"format", "int64"}, {"minimum", 1}};
  const bj::object text{{"type", "string"}, {"minLength", 1}, {"maxLength", 100}};
  const bj::object named{{"type", "object"},
                         {"properties", {{"attribute", {{"anyOf", bj::array{text, id}}}}, {"value", text}}},
                         {"required", bj::array{"attribute", "value"}},
                         {"additionalProperties", false}};
  return {{"anyOf", bj::array{id, named}}};
}

void decode_value(const bj::value& in, const std::string& at, const json::rule&, value_reference& out,
                  json::faults& f) {
  if (in.is_number())
    json::decode_value(in, at, id_rule, out.to.emplace<std::int64_t>(), f);
  else if (const auto* object = in.if_object())
    decode_named(*object, at, out.to.emplace<value_reference::named>(), f);
  else
    f.add(at, "invalid_type", R"(Expected the id of a value, or {"attribute": …, "value": …}.)");
}

awaitable<std::vector<attribute_value>> ensure_values(db::transaction& tx, std::vector<named_value> wanted,
                                                      time_point now) {
  std::vector<attribute_value> out(wanted.size());
  if (wanted.empty())
    co_return out;
  co_await ensure_attributes(tx, wanted, out, now);
  std::vector<std::int64_t> attribute_ids;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    attribute_ids.push_back(out[i].attribute_id);
    values.push_back(wanted[i].value);
  }
  for (int attempt = 1;; ++attempt) {
    const db::rows found = co_await tx.query(sql::find_values, attribute_ids, values);
    for (const db::row row : found) {
      attribute_value& to = out[index_of(row)];
      to.id = row.get<std::int64_t>(1);
      to.value = row.get<std::string>(2);
    }
    std::vector<std::int64_t> missing_of;
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < out.size(); ++i)
      if (out[i].id == 0) {
        missing_of.push_back(attribute_ids[i]);
        missing.push_back(values[i]);
      }
    if (missing.empty())
      co_return out;
    if (attempt == attempts)
      throw std::runtime_error("the attribute value cannot be made: " + missing.front());
    co_await tx.query(sql::ensure_values, missing_of, missing);
  }
}

namespace {

// The names of the attributes that references give by id; unknown ones are missing.
awaitable<std::unordered_map<std::int64_t, std::string>>
attribute_names(db::transaction& tx, const std::vector<located_reference>& wanted) {
  std::vector<std::int64_t> ids;
  for (const auto& w : wanted)
    if (const auto* named = std::get_if<value_reference::named>(&w.reference.to))
      if (const auto* id = std::get_if<std::int64_t>(&named->attribute))
        ids.push_back(*id);
  std::unordered_map<std::int64_t, std::string> names;
  if (ids.empty())
    co_return names;
  const db::rows found = co_await tx.query(sql::read_attribute_names, ids);
  for (const db::row row : found)
    names[row.get<std::int64_t>(0)] = row.get<std::string>(1);
  co_return names;
}

struct split {
  std::vector<std::int64_t> ids;
  std::vector<named_value> names;
  std::vector<std::size_t> index_of_id, index_of_name; // where in the request
};

split split_up(const std::vector<located_reference>& wanted,
               const std::unordered_map<std::int64_t, std::string>& names, json::faults& f) {
  split out;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (const auto* id = std::get_if<std::int64_t>(&wanted[i].reference.to)) {
      out.ids.push_back(*id);
      out.index_of_id.push_back(i);
      continue;
    }
    const auto& named = std::get<value_reference::named>(wanted[i].reference.to);
    const auto* name = std::get_if<std::string>(&named.attribute);
    if (name == nullptr) {
      const auto known = names.find(std::get<std::int64_t>(named.attribute));
      if (known == names.end()) {
        f.add(wanted[i].pointer + "/attribute", "unknown_reference", "There is no such attribute.");
        continue;
      }
      name = &known->second;
    }
    out.names.push_back({*name, named.value});
    out.index_of_name.push_back(i);
  }
  return out;
}

} // namespace

awaitable<std::vector<std::optional<attribute_value>>>
resolve(db::transaction& tx, std::vector<located_reference> wanted, time_point now, json::faults& f) {
  std::vector<std::optional<attribute_value>> out(wanted.size());
  const auto names = co_await attribute_names(tx, wanted);
  split parts = split_up(wanted, names, f);
  if (!parts.ids.empty()) {
    const db::rows found = co_await tx.query(sql::read_attribute_values, parts.ids);
    for (const db::row row : found) {
      auto [place, id, attribute_id, attribute, value] =
          row.as<std::int64_t, std::int64_t, std::int64_t, std::string, std::string>();
      out[parts.index_of_id[static_cast<std::size_t>(place - 1)]] =
          attribute_value{id, attribute_id, std::move(attribute), std::move(value)};
    }
    for (const std::size_t i : parts.index_of_id)
      if (!out[i])
        f.add(wanted[i].pointer, "unknown_reference", "There is no attribute value of this id.");
  }
  auto made = co_await ensure_values(tx, std::move(parts.names), now);
  for (std::size_t i = 0; i < made.size(); ++i)
    out[parts.index_of_name[i]] = std::move(made[i]);
  co_return out;
}

} // namespace nexus::catalogue
