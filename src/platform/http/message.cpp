#include "platform/http/message.hpp"

#include <algorithm>

namespace nexus::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string_view trim_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Cuts the text up to the next separator off its front; separators within a quoted string do not count.
std::string_view cut(std::string_view& text, char separator) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (quoted && text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      quoted = !quoted;
    else if (!quoted && text[at] == separator)
      break;
  }
  at = std::min(at, text.size());
  const auto piece = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return trim_blanks(piece);
}

// RFC 9110, 12.4.2: "0" or "1" with at most three decimals, in thousandths; -1 for anything else.
int parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
      (text.size() > 1 && text[1] != '.'))
    return -1;
  int value = text[0] - '0';
  for (std::size_t i = 2; i < 5; ++i) {
    const char digit = i < text.size() ? text[i] : '0';
    if (digit < '0' || digit > '9')
      return -1;
    value = value * 10 + (digit - '0');
  }
  return value <= 1000 ? value : -1;
}

// How closely the range names the type: 0 not at all, 1 "*/*", 2 "text/*", 3 "text/html".
int closeness(std::string_view range, std::string_view media_type) {
  if (range == "*/*")
    return 1;
  const auto type = media_type.substr(0, media_type.find('/') + 1);
  if (range.ends_with("/*"))
    return same_ignoring_case(range.substr(0, range.size() - 1), type) ? 2 : 0;
  return same_ignoring_case(range, media_type) ? 3 : 0;
}

} // namespace

std::string_view to_string(method m) {
  switch (m) {
  case method::get:
    return "GET";
  case method::head:
    return "HEAD";
  case method::post:
    return "POST";
  case method::put:
    return "PUT";
  case method::patch:
    return "PATCH";
  case method::delete_:
    return "DELETE";
  case method::options:
    return "OPTIONS";
  case method::other:
    break;
  }
  return "OTHER";
}

std::optional<std::string_view> request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_ignoring_case(key, name))
      return value;
  return std::nullopt;
}

std::optional<std::string> percent_decode(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && form) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!query.empty()) {
    const auto piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(piece.size() + 1, query.size()));
    if (piece.empty())
      continue;
    const auto equals = piece.find('=');
    auto name = percent_decode(piece.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? "" : piece.substr(equals + 1), true);
    if (!name || !value)
      return std::nullopt;
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

// The range that names the type most closely decides, wherever it stands (RFC 9110, 12.5.1); one with
// parameters of its own ("text/html;level=1") counts a little less than one without. What is not well-formed
// is passed over.
int accept_quality(std::string_view accept, std::string_view media_type) {
  if (trim_blanks(accept).empty())
    return 1000;
  int best_rank = 0;
  int best_quality = 0;
  while (!accept.empty()) {
    auto element = cut(accept, ',');
    const int close = closeness(cut(element, ';'), media_type);
    int quality = 1000;
    bool parameters = false;
    while (!element.empty()) {
      const auto parameter = cut(element, ';');
      if (parameter.size() >= 2 && lower(parameter[0]) == 'q' && parameter[1] == '=')
        quality = parse_quality(parameter.substr(2));
      else
        parameters = parameters || !parameter.empty();
    }
    const int rank = close * 2 - (parameters ? 1 : 0);
    if (close == 0 || quality < 0 || rank < best_rank)
      continue;
    best_quality = rank > best_rank ? quality : std::max(quality, best_quality);
    best_rank = rank;
  }
  return best_quality;
}

} // namespace nexus::http
