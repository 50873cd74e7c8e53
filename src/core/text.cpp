#include "core/text.hpp"

#include <cstdint>

namespace nexus {

std::size_t character_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  const auto continues = [&](std::size_t i) { return i < s.size() && (byte(i) & 0xc0) == 0x80; };
  const std::uint8_t b = byte(0);
  if (b < 0x80)
    return 1;
  if (b >= 0xc2 && b <= 0xdf)
    return continues(1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    if (!continues(1) || !continues(2) || (b == 0xe0 && byte(1) < 0xa0) || (b == 0xed && byte(1) > 0x9f))
      return 0;
    return 3;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    if (!continues(1) || !continues(2) || !continues(3) || (b == 0xf0 && byte(1) < 0x90) ||
        (b == 0xf4 && byte(1) > 0x8f))
      return 0;
    return 4;
  }
  return 0;
}

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_slug_ascii(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

} // namespace

std::string slugify(std::string_view text) {
  static constexpr std::size_t max_bytes = 80;
  const std::string lower = to_lower_ascii(text);
  std::string slug;
  bool gap = false;
  for (std::string_view rest = lower; !rest.empty();) {
    const std::size_t length = character_length(rest);
    const bool multibyte = length > 1;
    // General Punctuation (U+2000 to U+206F) and Ethiopic punctuation (U+1361 to U+1368) part words, as
    // blanks do.
    const bool punctuation =
        length == 3 &&
        ((rest[0] == '\xe2' && (rest[1] == '\x80' || rest[1] == '\x81')) ||
         (rest[0] == '\xe1' && rest[1] == '\x8d' && static_cast<std::uint8_t>(rest[2]) >= 0xa1 &&
          static_cast<std::uint8_t>(rest[2]) <= 0xa8));
    const bool latin1_sign = length == 2 && rest[0] == '\xc2'; // U+0080 to U+00BF: no letters but ª µ º
    if ((multibyte && !punctuation && !latin1_sign) || (length == 1 && is_slug_ascii(rest.front()))) {
      if (slug.size() + length + (gap ? 1 : 0) > max_bytes)
        break;
      if (gap && !slug.empty())
        slug += '-';
      gap = false;
      slug.append(rest.substr(0, length));
    } else if (rest.front() != '\'') {
      gap = true;
    }
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  return slug;
}

bool is_storable_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = text.front() == '\0' ? 0 : character_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

std::size_t length_utf8(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text)
    count += (static_cast<std::uint8_t>(c) & 0xc0) != 0x80;
  return count;
}

std::string to_lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

} // namespace nexus
