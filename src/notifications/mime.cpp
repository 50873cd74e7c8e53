#include "notifications/mime.hpp"

#include "core/text.hpp"

namespace nexus::notifications {

namespace {

std::string base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) {
      return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u;
    };
    const unsigned group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += digits[group >> 18 & 63];
    out += digits[group >> 12 & 63];
    out += i + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? digits[group & 63] : '=';
  }
  return out;
}

// Quoted-printable (RFC 2045 §6.7): what is ASCII stays readable, in lines of at most 76.
std::string quoted_printable(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
      continue;
    const bool at_end = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    // A blank at a line's end may be lost on the way; a dot alone on its line ends a mail in SMTP.
    const bool plain =
        c == ' ' || c == '\t' ? !at_end : c > ' ' && c < 0x7f && c != '=' && !(c == '.' && column == 0);
    if (column + (plain ? 1 : 3) > 75) {
      out += "=\r\n";
      column = 0;
    }
    if (plain) {
      out += c;
      column += 1;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'=', hex[byte >> 4], hex[byte & 15]};
      column += 3;
    }
  }
  return out + "\r\n"; // this one belongs to the boundary after it
}

// Controls become blanks (a line break would begin another header), what is not UTF-8 becomes U+FFFD.
std::string header_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else if (static_cast<unsigned char>(text.front()) < 0x20 || text.front() == 0x7f)
      out += ' ';
    else
      out += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return std::string(trim(out));
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// A name before an address: as a quoted string, or encoded words.
std::string display_name(std::string_view text) {
  const std::string name = header_text(text);
  if (!is_ascii(name) || name.size() > 60 || name.find("=?") != std::string::npos)
    return encode_header(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + "\"";
}

void check(const mail& m) {
  if (!is_mail_address(m.from) || !is_mail_address(m.to))
    throw std::invalid_argument("mail: not an address that can be written to");
  if (!is_mail_address(m.message_id))
    throw std::invalid_argument("mail: not a Message-ID");
}

std::string part(std::string_view boundary, std::string_view type, std::string_view text) {
  return fmt::format(
      "--{}\r\nContent-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
      boundary, type, quoted_printable(text));
}

} // namespace

bool is_mail_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > 254)
    return false;
  if (text.find('@') != at)
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("<>()[]\\,;:\"").find(c) == std::string_view::npos;
  });
}

std::string encode_header(std::string_view raw) {
  const std::string text = header_text(raw);
  if (is_ascii(text) && text.size() <= 60 && text.find("=?") == std::string::npos)
    return text;
  // 42 bytes are 56 of base64; with its frame and "Subject: " a line stays under the 78 that RFC 5322 wants,
  // and a word under the 75 of RFC 2047 §2.
  constexpr std::size_t bytes_a_word = 42;
  std::string out, word;
  const auto flush = [&] {
    out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + base64(word) + "?=";
    word.clear();
  };
  std::string_view rest = text;
  while (!rest.empty()) { // a character is never split between words
    const std::size_t length = std::max<std::size_t>(character_length(rest), 1);
    if (word.size() + length > bytes_a_word)
      flush();
    word += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  flush();
  return out;
}

std::string mail_date(time_point at) {
  static constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
                     days[std::chrono::weekday(day).c_encoding()], unsigned(date.day()),
                     months[unsigned(date.month()) - 1], int(date.year()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::string to_message(const mail& m) {
  check(m);
  // In quoted-printable no "=" is followed by "_": the boundary cannot be in a part.
  const std::string boundary =
      "=_nexus_" + std::to_string(m.text.size()) + "_" + std::to_string(m.html.size());
  std::string out;
  out += "From: " + (m.from_name.empty() ? "" : display_name(m.from_name) + " ") + "<" + m.from + ">\r\n";
  out += "To: <" + m.to + ">\r\n";
  out += "Subject: " + encode_header(m.subject) + "\r\n";
  out += "Date: " + mail_date(m.date) + "\r\n";
  out += "Message-ID: <" + m.message_id + ">\r\n";
  out += "Auto-Submitted: auto-generated\r\n";
  out += "MIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n";
  out += part(boundary, "text/plain", m.text) + part(boundary, "text/html", m.html);
  out += "--" + boundary + "--\r\n";
  return out;
}

} // namespace nexus::notifications
