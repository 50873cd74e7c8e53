#include "tasks/error_text.hpp"

#include "core/text.hpp"

namespace nexus::tasks {

namespace {

constexpr std::size_t longest_error = 1'000; // bytes

} // namespace

std::string text_of(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

std::string storable(std::string text) {
  if (!is_storable_utf8(text))
    return "an error whose text is not UTF-8";
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t length = character_length(std::string_view(text).substr(end));
    if (end + length > longest_error)
      break;
    end += length;
  }
  text.resize(end);
  return text;
}

} // namespace nexus::tasks
