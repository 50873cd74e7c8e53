#include "platform/json/decode.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

namespace nexus::json {

namespace {

namespace bj = boost::json;

// Boost.JSON's own handler, and a count of the members as written: a DOM keeps one of two members of the same
// name in silence, so the count after it shows that there were two.
class counting_handler {
public:
  static constexpr std::size_t max_object_size = bj::object::max_size();
  static constexpr std::size_t max_array_size = bj::array::max_size();
  static constexpr std::size_t max_key_size = bj::string::max_size();
  static constexpr std::size_t max_string_size = bj::string::max_size();

  bj::value_stack stack;
  std::size_t members = 0;

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) { return true; }
  bool on_object_end(std::size_t n, bj::error_code&) {
    members += n;
    stack.push_object(n);
    return true;
  }
  bool on_array_begin(bj::error_code&) { return true; }
  bool on_array_end(std::size_t n, bj::error_code&) {
    stack.push_array(n);
    return true;
  }
  bool on_key_part(bj::string_view s, std::size_t, bj::error_code&) {
    stack.push_chars(s);
    return true;
  }
  bool on_key(bj::string_view s, std::size_t, bj::error_code&) {
    stack.push_key(s);
    return true;
  }
  bool on_string_part(bj::string_view s, std::size_t, bj::error_code&) {
    stack.push_chars(s);
    return true;
  }
  bool on_string(bj::string_view s, std::size_t, bj::error_code&) {
    stack.push_string(s);
    return true;
  }
  bool on_number_part(bj::string_view, bj::error_code&) { return true; }
  bool on_int64(std::int64_t i, bj::string_view, bj::error_code&) {
    stack.push_int64(i);
    return true;
  }
  bool on_uint64(std::uint64_t u, bj::string_view, bj::error_code&) {
    stack.push_uint64(u);
    return true;
  }
  bool on_double(double d, bj::string_view, bj::error_code&) {
    stack.push_double(d);
    return true;
  }
  bool on_bool(bool b, bj::error_code&) {
    stack.push_bool(b);
    return true;
  }
  bool on_null(bj::error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }
};

std::size_t count_members(const bj::value& in) {
  std::size_t count = 0;
  if (const auto* object = in.if_object()) {
    count = object->size();
    for (const auto& member : *object)
      count += count_members(member.value());
  } else if (const auto* array = in.if_array()) {
    for (const auto& item : *array)
      count += count_members(item);
  }
  return count;
}

problem malformed(std::string detail) { return {errors::malformed_request, std::move(detail)}; }

} // namespace

result<boost::json::value> parse(std::string_view text) {
  if (text.empty())
    return malformed("The body is empty; JSON is expected.");
  bj::parse_options options;
  options.max_depth = 32;
  bj::basic_parser<counting_handler> parser(options);
  parser.handler().stack.reset();
  bj::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read < text.size())
    error = bj::error::extra_data;
  if (error)
    return malformed(fmt::format("The body is not valid JSON: {} at byte {}.", error.message(), read));
  bj::value value = parser.handler().stack.release();
  if (count_members(value) != parser.handler().members)
    return malformed("The body is not valid JSON: an object has the same member twice.");
  return value;
}

} // namespace nexus::json
