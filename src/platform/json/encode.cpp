#include "platform/json/encode.hpp"

#include "core/text.hpp"

#include <array>
#include <charconv>

namespace nexus::json {

void append_int(std::string& out, std::int64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

namespace {

enum byte_kind : std::uint8_t { plain, escaped, slash, multibyte };

constexpr auto kinds = [] {
  std::array<byte_kind, 256> table{};
  for (std::size_t i = 0; i < 256; ++i)
    table[i] = i < 0x20 ? escaped : i < 0x80 ? plain : multibyte;
  table['"'] = escaped;
  table['\\'] = escaped;
  table['/'] = slash;
  return table;
}();

void append_escaped(std::string& out, char c) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (c) {
  case '"':
    out += "\\\"";
    break;
  case '\\':
    out += "\\\\";
    break;
  case '/':
    out += "\\/";
    break;
  case '\n':
    out += "\\n";
    break;
  case '\r':
    out += "\\r";
    break;
  case '\t':
    out += "\\t";
    break;
  default:
    out += "\\u00";
    out += hex[static_cast<unsigned char>(c) >> 4];
    out += hex[static_cast<unsigned char>(c) & 15];
  }
}

} // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0; // what lies before is in out
  const auto copy_up_to = [&](std::size_t i) { out.append(text, copied, i - copied); };
  for (std::size_t i = 0; i < text.size();) {
    const byte_kind kind = kinds[static_cast<unsigned char>(text[i])];
    if (kind == plain || (kind == slash && (i == 0 || text[i - 1] != '<'))) {
      ++i;
    } else if (kind == multibyte) {
      const std::size_t length = character_length(text.substr(i));
      if (length == 0) {
        copy_up_to(i);
        out += "\xef\xbf\xbd"; // U+FFFD
        copied = i + 1;
      }
      i += std::max<std::size_t>(length, 1);
    } else {
      copy_up_to(i);
      append_escaped(out, text[i]);
      copied = ++i;
    }
  }
  copy_up_to(text.size());
  out += '"';
}

} // namespace nexus::json
