// The JSON Schema (2020-12, as OpenAPI 3.1 uses it) of a type, from its field list.
//
// A type's schema differs by direction: a request's says all that decoding checks and refuses other members;
// an answer's promises no more than what encoding writes, so that fields may be added. So a described type
// has up to two components: "Product" for answers and "ProductRequest" for requests ("Request" is not added
// where the name ends so already).
#pragma once

#include "platform/json/fields.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <span>
#include <typeindex>
#include <typeinfo>
#include <utility>

namespace nexus::json {

enum class direction { request, answer };

class schema_set {
public:
  // A $ref for described types (the type is added), the schema itself for others.
  // Throws std::logic_error where two types, or both directions of one, claim the same component.
  template <class T>
  boost::json::object of(direction d, const rule& r = {});

  [[nodiscard]] const boost::json::object& components() const { return components_; }

private:
  static boost::json::object integer(direction d, std::string_view format, std::int64_t lowest,
                                     std::int64_t highest, const rule& r);
  static boost::json::object text(direction d, const rule& r);
  static boost::json::object decimal_text(direction d, const rule& r);
  // Text of a fixed form; format or pattern may be empty.
  static boost::json::object form(std::string_view format, std::string_view pattern);
  static boost::json::object choice(std::span<const std::string_view> names);
  static boost::json::object array_of(direction d, boost::json::object items, const rule& r);
  static boost::json::object nullable(boost::json::object schema);
  static void describe(boost::json::object& schema, const rule& r);
  static std::string component_name(direction d, std::string_view schema_name);

  // True where the component is new and must be built.
  bool claim(const std::string& component, direction d, std::type_index type);

  template <class T>
  struct builder {
    schema_set& set;
    direction d;
    boost::json::object properties;
    boost::json::array required;

    template <std::size_t N, class C, class M>
    void operator()(const char (&name)[N], M C::*, const rule& r = {}) {
      boost::json::object schema = set.template of<M>(d, r);
      describe(schema, r);
      const boost::json::string_view key(name, N - 1);
      properties[key] = std::move(schema);
      const bool may_miss =
          d == direction::request ? is_optional<M> || r.optional : is_optional<M> && r.omit_null;
      if (!may_miss)
        required.emplace_back(key);
    }
  };

  boost::json::object components_;
  std::map<std::string, std::pair<direction, std::type_index>> claims_;
};

template <class T>
boost::json::object schema_set::of(direction d, const rule& r) {
  if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_integral_v<T>) {
    return integer(d, sizeof(T) > 4 ? "int64" : "int32", std::numeric_limits<T>::min(),
                   std::numeric_limits<T>::max(), r);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return text(d, r);
  } else if constexpr (std::is_same_v<T, money> || std::is_same_v<T, decimal>) {
    return decimal_text(d, r);
  } else if constexpr (std::is_same_v<T, currency>) {
    return form({}, "^[A-Z]{3}$");
  } else if constexpr (std::is_same_v<T, uuid>) {
    return form("uuid", {});
  } else if constexpr (std::is_same_v<T, time_point>) {
    return form("date-time", {});
  } else if constexpr (std::is_same_v<T, raw>) {
    return {};
  } else if constexpr (named_enum<T>) {
    return choice(enum_names(T{}));
  } else if constexpr (is_optional<T>) {
    using inner = typename T::value_type;
    if constexpr (is_optional<inner>)
      return of<inner>(d, r);
    else if (d == direction::answer && r.omit_null)
      return of<inner>(d, r);
    else
      return nullable(of<inner>(d, r));
  } else if constexpr (is_vector<T>) {
    rule each = r; // as in decoding: lengths speak of the array, the rest of its items
    each.min_length = 0;
    each.max_length = rule{}.max_length;
    return array_of(d, of<typename T::value_type>(d, each), r);
  } else if constexpr (is_map<T>) {
    return {{"type", "object"}, {"additionalProperties", of<typename T::mapped_type>(d, r)}};
  } else if constexpr (requires {
                         { T::json_schema() } -> std::same_as<boost::json::object>;
                       }) {
    return T::json_schema();
  } else {
    static_assert(described<T>, "give the type a field list");
    const std::string name = component_name(d, T::schema_name);
    if (claim(name, d, typeid(T))) {
      builder<T> b{*this, d, {}, {}};
      T::fields(b);
      boost::json::object schema{{"type", "object"}, {"properties", std::move(b.properties)}};
      if (!b.required.empty())
        schema["required"] = std::move(b.required);
      if (d == direction::request)
        schema["additionalProperties"] = false;
      components_[name] = std::move(schema);
    }
    return {{"$ref", "#/components/schemas/" + name}};
  }
}

} // namespace nexus::json
