#include "platform/api/cursor.hpp"

#include "core/text.hpp"

namespace nexus::api {

namespace {
constexpr char separator = '\x1f';
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
} // namespace

std::string encode(const cursor& c) {
  std::string raw(1, c.backward ? 'p' : 'n');
  for (const std::string& part : c.key) {
    raw += separator;
    raw += part;
  }
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char ch : raw) {
    bits = (bits << 8) | static_cast<std::uint8_t>(ch);
    have += 8;
    while (have >= 6) {
      have -= 6;
      out += alphabet[(bits >> have) & 63];
    }
  }
  if (have > 0)
    out += alphabet[(bits << (6 - have)) & 63];
  return out;
}

std::optional<cursor> decode_cursor(std::string_view text) {
  if (text.empty() || text.size() > 1'000)
    return std::nullopt;
  std::string raw;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char ch : text) {
    const auto digit = alphabet.find(ch);
    if (digit == std::string_view::npos)
      return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have >= 8) {
      have -= 8;
      raw += static_cast<char>((bits >> have) & 255);
    }
  }
  if (raw.empty() || (raw[0] != 'n' && raw[0] != 'p') || !is_storable_utf8(raw))
    return std::nullopt;
  cursor out{raw[0] == 'p', {}};
  for (std::size_t at = 1; at < raw.size();) {
    if (raw[at] != separator)
      return std::nullopt;
    const auto end = std::min(raw.find(separator, at + 1), raw.size());
    out.key.push_back(raw.substr(at + 1, end - at - 1));
    at = end;
  }
  return out;
}

} // namespace nexus::api
