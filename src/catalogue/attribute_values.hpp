// Values of attributes, as requests name them and as they are. Internal to this folder.
#pragma once

#include "core/clock.hpp"
#include "platform/db/database.hpp"
#include "platform/json/decode.hpp"

#include <boost/json/object.hpp>

#include <variant>

namespace nexus::catalogue {

// The id of a value, or an attribute (by id or name) and a value's name: made where they are not there yet.
struct value_reference {
  struct named {
    std::variant<std::int64_t, std::string> attribute;
    std::string value;
  };
  std::variant<std::int64_t, named> to;

  static boost::json::object json_schema();
};

void decode_value(const boost::json::value& in, const std::string& at, const json::rule& r,
                  value_reference& out, json::faults& f);

struct attribute_value {
  std::int64_t id = 0, attribute_id = 0;
  std::string attribute, value; // as they are written in the catalogue
};

struct named_value {
  std::string attribute, value;
};

// Finds them, in any capitalisation, or makes them; one for each, in their order. A few statements however
// many there are: the import uses it for a whole file's.
awaitable<std::vector<attribute_value>> ensure_values(db::transaction& tx, std::vector<named_value> wanted,
                                                      time_point now);

struct located_reference {
  value_reference reference;
  std::string pointer;
};

// One for each, in their order; ids that do not exist are faults (and nullopt).
awaitable<std::vector<std::optional<attribute_value>>>
resolve(db::transaction& tx, std::vector<located_reference> wanted, time_point now, json::faults& f);

} // namespace nexus::catalogue
