#include "platform/json/decode.hpp"

#include "core/text.hpp"
#include "platform/json/format.hpp"

namespace nexus::json {

namespace {

namespace bj = boost::json;

constexpr double two_to_63 = 9223372036854775808.0;

std::string_view view(const bj::string& text) { return {text.data(), text.size()}; }

std::string_view kind_of(const bj::value& in) {
  switch (in.kind()) {
  case bj::kind::null:
    return "null";
  case bj::kind::bool_:
    return "a boolean";
  case bj::kind::string:
    return "a string";
  case bj::kind::array:
    return "an array";
  case bj::kind::object:
    return "an object";
  default:
    return "a number";
  }
}

void wrong_type(const bj::value& in, const std::string& at, std::string_view expected, faults& f) {
  f.add(at, "invalid_type", fmt::format("Expected {}, not {}.", expected, kind_of(in)));
}

std::optional<std::string_view> text_of(const bj::value& in, const std::string& at, std::string_view expected,
                                        faults& f) {
  if (const auto* text = in.if_string())
    return view(*text);
  wrong_type(in, at, expected, f);
  return std::nullopt;
}

void too_small(const std::string& at, std::int64_t minimum, faults& f) {
  f.add(at, "too_small", fmt::format("This must be at least {}.", minimum));
}
void too_large(const std::string& at, std::int64_t maximum, faults& f) {
  f.add(at, "too_large", fmt::format("This must be at most {}.", maximum));
}

// An integer between the limits, or a fault. Limits are inside the type's range.
std::optional<std::int64_t> whole_number(const bj::value& in, const std::string& at, std::int64_t minimum,
                                         std::int64_t maximum, faults& f) {
  std::int64_t value = 0;
  if (const auto* whole = in.if_int64()) {
    value = *whole;
  } else if (in.is_uint64()) { // the parser makes these only of what does not fit into int64_t
    too_large(at, maximum, f);
    return std::nullopt;
  } else if (const auto* real = in.if_double()) {
    if (*real >= two_to_63)
      too_large(at, maximum, f);
    else if (*real <= -two_to_63) // what the parser makes of -2^63 - 1 is -2^63
      too_small(at, minimum, f);
    else // 1.0 too: a client that sends it computes in floating point
      f.add(at, "not_an_integer", "This must be an integer, without a fraction or an exponent.");
    return std::nullopt;
  } else {
    wrong_type(in, at, "an integer", f);
    return std::nullopt;
  }
  if (value < minimum)
    too_small(at, minimum, f);
  else if (value > maximum)
    too_large(at, maximum, f);
  else
    return value;
  return std::nullopt;
}

struct form_check {
  format form;
  bool (*holds)(std::string_view);
  std::string_view code;
  std::string_view detail;
};
constexpr form_check form_checks[] = {
    {format::email, is_email, "invalid_email", "This is not an e-mail address."},
    {format::url, is_url, "invalid_url", "This is not an absolute http or https URL."},
    {format::country, is_country, "invalid_country", "This is not an ISO 3166-1 alpha-2 code in upper case."},
    {format::slug, is_slug, "invalid_slug",
     "Only lower-case letters, digits and single hyphens between them."},
    {format::sku, is_sku, "invalid_sku", "Only printable characters."},
};

// The first rule that the text breaks, as a fault.
bool check_text(std::string_view text, const std::string& at, const rule& r, faults& f) {
  const bool has_form = r.form != format::any && r.form != format::password;
  const auto length = static_cast<std::int64_t>(length_utf8(text));
  if (trim(text).empty() && (r.min_length >= 1 || has_form))
    f.add(at, "blank", "This may not be blank.");
  else if (length < r.min_length)
    f.add(at, "too_short", fmt::format("This must have at least {} characters.", r.min_length));
  else if (length > r.max_length)
    f.add(at, "too_long", fmt::format("This must have at most {} characters.", r.max_length));
  else {
    for (const auto& check : form_checks)
      if (check.form == r.form && !check.holds(text)) {
        f.add(at, check.code, std::string(check.detail));
        return false;
      }
    return true;
  }
  return false;
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  while (exponent-- > 0)
    power *= 10;
  return power;
}

} // namespace

void faults::add(std::string pointer, std::string_view code, std::string detail) {
  if (list_.size() < 100)
    list_.push_back({std::move(pointer), std::string(code), std::move(detail)});
}

void decode_value(const bj::value& in, const std::string& at, const rule&, bool& out, faults& f) {
  if (const auto* yes = in.if_bool())
    out = *yes;
  else
    wrong_type(in, at, "true or false", f);
}

void decode_value(const bj::value& in, const std::string& at, const rule& r, int& out, faults& f) {
  using limits = std::numeric_limits<int>;
  if (const auto value = whole_number(in, at, std::max<std::int64_t>(r.minimum, limits::min()),
                                      std::min<std::int64_t>(r.maximum, limits::max()), f))
    out = static_cast<int>(*value);
}

void decode_value(const bj::value& in, const std::string& at, const rule& r, std::int64_t& out, faults& f) {
  if (const auto value = whole_number(in, at, r.minimum, r.maximum, f))
    out = *value;
}

void decode_value(const bj::value& in, const std::string& at, const rule& r, std::string& out, faults& f) {
  auto text = text_of(in, at, "a string", f);
  if (!text)
    return;
  if (!is_storable_utf8(*text)) {
    f.add(at, "invalid_text", "This must be well-formed UTF-8 without the character U+0000.");
    return;
  }
  if (r.trim && r.form != format::password)
    text = trim(*text);
  if (check_text(*text, at, r, f))
    out.assign(*text);
}

void decode_value(const bj::value& in, const std::string& at, const rule& r, decimal& out, faults& f) {
  const auto text = text_of(in, at, R"(a decimal as a string, such as "1250.00")", f);
  if (!text)
    return;
  const auto value = decimal::parse(*text);
  if (!value) {
    f.add(at, "invalid_decimal", R"(This must be a decimal such as "1250.00", of at most 18 digits.)");
    return;
  }
  // The limits are integers, so the integers below and above tell as much: nothing can overflow.
  const std::int64_t unit = power_of_ten(value->scale);
  const std::int64_t remainder = value->units % unit;
  const std::int64_t floor = value->units / unit - (remainder < 0 ? 1 : 0);
  const std::int64_t ceiling = value->units / unit + (remainder > 0 ? 1 : 0);
  if (floor < r.minimum)
    too_small(at, r.minimum, f);
  else if (ceiling > r.maximum)
    too_large(at, r.maximum, f);
  else
    out = *value;
}

void decode_value(const bj::value& in, const std::string& at, const rule&, currency& out, faults& f) {
  const auto text = text_of(in, at, "a currency as a string", f);
  if (!text)
    return;
  if (const auto value = currency::parse(*text))
    out = *value;
  else
    f.add(at, "invalid_currency",
          R"(This must be the ISO 4217 code of a currency that the shop takes, such as "ETB".)");
}

void decode_value(const bj::value& in, const std::string& at, const rule&, uuid& out, faults& f) {
  const auto text = text_of(in, at, "a UUID as a string", f);
  if (!text)
    return;
  if (const auto value = parse_uuid(*text))
    out = *value;
  else
    f.add(at, "invalid_uuid", "This must be a UUID in its form of 36 characters.");
}

void decode_value(const bj::value& in, const std::string& at, const rule&, time_point& out, faults& f) {
  const auto text = text_of(in, at, "a time as a string", f);
  if (!text)
    return;
  if (const auto value = parse_rfc3339(*text))
    out = *value;
  else
    f.add(at, "invalid_time", R"(This must be a time as RFC 3339 has it, such as "2026-01-31T08:30:00Z".)");
}

std::optional<std::size_t> decode_name(const bj::value& in, const std::string& at,
                                       std::span<const std::string_view> names, faults& f) {
  const auto text = text_of(in, at, "a string", f);
  if (!text)
    return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), *text);
  if (found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  f.add(at, "invalid_choice", fmt::format("This must be one of: {}.", fmt::join(names, ", ")));
  return std::nullopt;
}

const bj::object* as_object(const bj::value& in, const std::string& at, faults& f) {
  const auto* object = in.if_object();
  if (object == nullptr)
    wrong_type(in, at, "an object", f);
  return object;
}

const bj::array* as_array(const bj::value& in, const std::string& at, const rule& r, faults& f) {
  const auto* array = in.if_array();
  if (array == nullptr) {
    wrong_type(in, at, "an array", f);
    return nullptr;
  }
  const auto size = static_cast<std::int64_t>(array->size());
  if (size < r.min_length) {
    f.add(at, "too_few_items", fmt::format("At least {} must be given.", r.min_length));
    return nullptr;
  }
  if (size > r.max_length) {
    f.add(at, "too_many_items", fmt::format("At most {} may be given.", r.max_length));
    return nullptr;
  }
  return array;
}

void refuse_unknown(const bj::object& in, const std::string& at, std::span<const std::string_view> known,
                    faults& f) {
  for (const auto& member : in)
    if (std::find(known.begin(), known.end(), std::string_view(member.key())) == known.end())
      f.add(child(at, member.key()), "unknown_field", "There is no such field.");
}

bool is_key(std::string_view key, const std::string& at, faults& f) {
  if (is_storable_utf8(key))
    return true;
  f.add(child(at, key), "invalid_text", "A key must be well-formed UTF-8 without the character U+0000.");
  return false;
}

std::string child(const std::string& at, std::string_view name) {
  std::string pointer;
  pointer.reserve(at.size() + name.size() + 2);
  pointer = at;
  if (at == "?")
    return pointer.append(name);
  if (at.starts_with('?'))
    return pointer.append("[").append(name).append("]");
  pointer += '/';
  for (const char c : name) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return pointer;
}

} // namespace nexus::json
