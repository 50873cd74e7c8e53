// A value out of JSON, or out of the text of a path or a query, by its field list, with every fault at once.
#pragma once

#include "core/result.hpp"
#include "platform/json/fields.hpp"

#include <boost/json/value.hpp>

#include <span>
#include <utility>

namespace nexus::json {

// The faults found so far. Pointers are JSON Pointers into the body ("/items/0/quantity").
class faults {
public:
  void add(std::string pointer, std::string_view code, std::string detail);
  [[nodiscard]] bool empty() const { return list_.empty(); }
  std::vector<field_error> take() { return std::move(list_); }

private:
  std::vector<field_error> list_; // at most 100, so that a hostile body cannot make a huge answer
};

// Parses (depth ≤ 32, well-formed UTF-8, no member twice in one object) or names why not:
// errors::malformed_request. Numbers too large for a double are infinite here; decode_value then says
// too_large.
result<boost::json::value> parse(std::string_view text);

// Scalars. Each adds a fault and leaves out as it was where the value does not fit.
void decode_value(const boost::json::value& in, const std::string& at, const rule& r, bool& out, faults& f);
void decode_value(const boost::json::value& in, const std::string& at, const rule& r, int& out, faults& f);
void decode_value(const boost::json::value& in, const std::string& at, const rule& r, std::int64_t& out,
                  faults& f);
void decode_value(const boost::json::value& in, const std::string& at, const rule& r, std::string& out,
                  faults& f);
void decode_value(const boost::json::value& in, const std::string& at, const rule& r, decimal& out,
                  faults& f);
void decode_value(const boost::json::value& in, const std::string& at, const rule& r, currency& out,
                  faults& f);
void decode_value(const boost::json::value& in, const std::string& at, const rule& r, uuid& out, faults& f);
void decode_value(const boost::json::value& in, const std::string& at, const rule& r, time_point& out,
                  faults& f);

// The index of the text among names, or a fault that lists them.
std::optional<std::size_t> decode_name(const boost::json::value& in, const std::string& at,
                                       std::span<const std::string_view> names, faults& f);
// The object's members, or nullptr and a fault.
const boost::json::object* as_object(const boost::json::value& in, const std::string& at, faults& f);
const boost::json::array* as_array(const boost::json::value& in, const std::string& at, const rule& r,
                                   faults& f);
void refuse_unknown(const boost::json::object& in, const std::string& at,
                    std::span<const std::string_view> known, faults& f);
// False and a fault where a map's key is not text that can be stored.
bool is_key(std::string_view key, const std::string& at, faults& f);
// at + "/" + name, escaped; for parameters "?name", and "?name[key]" inside.
std::string child(const std::string& at, std::string_view name);

template <class T>
void decode_any(const boost::json::value& in, const std::string& at, const rule& r, T& out, faults& f);

namespace detail {

template <class T>
class object_reader {
public:
  object_reader(const boost::json::object& in, const std::string& at, T& into, faults& f)
      : in_(in), at_(at), into_(into), faults_(f) {}

  template <std::size_t N, class C, class M>
  void operator()(const char (&name)[N], M C::* member, const rule& r = {}) {
    known_.emplace_back(name, N - 1);
    const boost::json::value* value = in_.if_contains({name, N - 1});
    if (value != nullptr)
      decode_any(*value, child(at_, {name, N - 1}), r, into_.*member, faults_);
    else if (!is_optional<M> && !r.optional)
      faults_.add(child(at_, {name, N - 1}), "required", "This field is required.");
  }
  void finish() { refuse_unknown(in_, at_, known_, faults_); }

private:
  const boost::json::object& in_;
  const std::string& at_;
  T& into_;
  faults& faults_;
  std::vector<std::string_view> known_;
};

} // namespace detail

template <class T>
void decode_any(const boost::json::value& in, const std::string& at, const rule& r, T& out, faults& f) {
  if constexpr (is_optional<T>) {
    using inner = typename T::value_type;
    if constexpr (is_optional<inner>) { // PATCH: null is a value
      inner value;
      decode_any(in, at, r, value, f);
      out = std::move(value);
    } else if (in.is_null()) {
      out.reset();
    } else {
      inner value{};
      decode_any(in, at, r, value, f);
      out = std::move(value);
    }
  } else if constexpr (is_vector<T>) {
    if (const auto* array = as_array(in, at, r, f)) {
      out.clear();
      out.reserve(array->size());
      for (std::size_t i = 0; i < array->size(); ++i) {
        rule each = r; // lengths speak of the array, the rest of its items
        each.min_length = 0;
        each.max_length = rule{}.max_length;
        decode_any((*array)[i], child(at, std::to_string(i)), each, out.emplace_back(), f);
      }
    }
  } else if constexpr (is_map<T>) {
    if (const auto* object = as_object(in, at, f))
      for (const auto& [key, value] : *object)
        if (is_key(key, at, f))
          decode_any(value, child(at, key), r, out[std::string(key)], f);
  } else if constexpr (named_enum<T>) {
    const auto names = enum_names(T{});
    if (const auto index = decode_name(in, at, names, f))
      out = static_cast<T>(*index);
  } else if constexpr (described<T>) {
    if (const auto* object = as_object(in, at, f)) {
      detail::object_reader<T> reader(*object, at, out, f);
      T::fields(reader);
      reader.finish();
    }
  } else {
    decode_value(in, at, r, out, f);
  }
}

// A body.
template <described T>
result<T> decode(const boost::json::value& in) {
  faults f;
  T out{};
  decode_any(in, std::string{}, rule{}, out, f);
  if (!f.empty())
    return problem(errors::validation_error, "The request has fields that are not valid.", f.take());
  return out;
}

// The parameters of a path or a query: each as text, in order; a name may be repeated.
// Faults: a scalar given twice is too_many_items; "name=" is an empty list for lists, an empty text for the
// rest.
using text_parameters = std::vector<std::pair<std::string, std::string>>;

// As JSON, by what each field's type asks for, so that the same checks apply: "?page_size=5" is {"page_size":
// 5}. Pointers in the faults are "?page_size" for a query.
class text_object {
public:
  text_object(const text_parameters& in, faults& f) : in_(in), faults_(f) {}

  template <std::size_t N, class C, class M>
  void operator()(const char (&name)[N], M C::*, const rule& = {}) {
    add({name, N - 1}, shape_of<M>());
  }
  boost::json::object take(bool refuse_unknown);

private:
  enum class shape { text, integer, boolean, list_of_text, list_of_integers, map_of_text, map_of_lists };
  template <class M>
  static constexpr shape shape_of() {
    if constexpr (is_optional<M>)
      return shape_of<typename M::value_type>();
    else if constexpr (is_vector<M>)
      return shape_of<typename M::value_type>() == shape::integer ? shape::list_of_integers
                                                                  : shape::list_of_text;
    else if constexpr (is_map<M>)
      return is_vector<typename M::mapped_type> ? shape::map_of_lists : shape::map_of_text;
    else if constexpr (std::is_same_v<M, bool>)
      return shape::boolean;
    else if constexpr (std::is_integral_v<M>)
      return shape::integer;
    else
      return shape::text;
  }
  void add(std::string_view name, shape s);
  static boost::json::value scalar(std::string_view text, shape s);
  static boost::json::array list(std::string_view text, shape item);
  void add_map(std::string_view name, shape s);

  const text_parameters& in_;
  faults& faults_;
  boost::json::object out_;
  std::vector<std::string> known_; // a map's as "name[" too
};

// refuse_unknown: a parameter the type does not have is a fault.
template <described T>
result<T> decode_text(const text_parameters& in, bool refuse_unknown) {
  faults f;
  text_object texts(in, f);
  T::fields(texts);
  const boost::json::value object = texts.take(refuse_unknown);
  T out{};
  decode_any(object, "?", rule{}, out, f); // child("?", name) is "?name"
  if (!f.empty())
    return problem(errors::validation_error, "The query has parameters that are not valid.", f.take());
  return out;
}

} // namespace nexus::json
