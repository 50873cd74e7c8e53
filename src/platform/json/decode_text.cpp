#include "platform/json/decode.hpp"

namespace nexus::json {

namespace {

namespace bj = boost::json;

// The key in "name[key]", nullopt where the parameter is not written so.
std::optional<std::string_view> key_in(std::string_view parameter, std::string_view name) {
  parameter.remove_prefix(name.size());
  if (parameter.size() < 3 || parameter.front() != '[' || parameter.back() != ']')
    return std::nullopt;
  parameter.remove_prefix(1);
  parameter.remove_suffix(1);
  if (parameter.find_first_of("[]") != std::string_view::npos)
    return std::nullopt;
  return parameter;
}

// Digits and at most a '-'. What is none becomes a double that decode_value refuses for the right reason.
bj::value integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument)
    return std::numeric_limits<double>::quiet_NaN();
  if (error == std::errc::result_out_of_range)
    return text.front() == '-' ? -std::numeric_limits<double>::infinity()
                               : std::numeric_limits<double>::infinity();
  return value;
}

} // namespace

bj::value text_object::scalar(std::string_view text, shape s) {
  if (s == shape::integer)
    return integer(text);
  if (s == shape::boolean && (text == "true" || text == "1"))
    return true;
  if (s == shape::boolean && (text == "false" || text == "0"))
    return false;
  return bj::value(bj::string_view(text));
}

bj::array text_object::list(std::string_view text, shape item) {
  bj::array items;
  while (!text.empty()) {
    const auto comma = text.find(',');
    items.push_back(scalar(text.substr(0, comma), item));
    if (comma == std::string_view::npos)
      break;
    text.remove_prefix(comma + 1);
    if (text.empty()) // "a," ends in an item that is empty
      items.push_back(scalar({}, item));
  }
  return items;
}

void text_object::add_map(std::string_view name, shape s) {
  known_.push_back(std::string(name) + '[');
  bj::object entries;
  for (const auto& [parameter, text] : in_) {
    const bool bare = parameter == name;
    if (!bare && !parameter.starts_with(known_.back()))
      continue;
    const auto key = bare ? std::nullopt : key_in(parameter, name);
    if (!key) {
      faults_.add(child("?", name), "invalid_type", fmt::format("Write it as {}[key]=value.", name));
    } else if (s == shape::map_of_lists) {
      auto& items = entries.emplace(*key, bj::array{}).first->value().get_array();
      for (auto& item : list(text, shape::text))
        items.push_back(std::move(item));
    } else if (!entries.emplace(*key, bj::string_view(text)).second) {
      faults_.add(child("?", parameter), "too_many_items", "Give this parameter once.");
    }
  }
  if (!entries.empty())
    out_[name] = std::move(entries);
}

void text_object::add(std::string_view name, shape s) {
  known_.emplace_back(name);
  if (s == shape::map_of_text || s == shape::map_of_lists) {
    add_map(name, s);
    return;
  }
  const bool is_list = s == shape::list_of_text || s == shape::list_of_integers;
  bj::array items;
  bool given = false;
  for (const auto& [parameter, text] : in_) {
    if (parameter != name)
      continue;
    if (is_list) {
      for (auto& item : list(text, s == shape::list_of_integers ? shape::integer : shape::text))
        items.push_back(std::move(item));
    } else if (given) {
      faults_.add(child("?", name), "too_many_items", "Give this parameter once.");
    } else {
      out_[name] = scalar(text, s);
    }
    given = true;
  }
  if (is_list && given)
    out_[name] = std::move(items);
}

bj::object text_object::take(bool refuse_unknown) {
  if (refuse_unknown)
    for (const auto& [parameter, text] : in_) {
      const bool known = std::any_of(known_.begin(), known_.end(), [&](const std::string& name) {
        return parameter == name || (name.ends_with('[') && parameter.starts_with(name));
      });
      if (!known)
        faults_.add(child("?", parameter), "unknown_parameter", "There is no such parameter.");
    }
  return std::move(out_);
}

} // namespace nexus::json
