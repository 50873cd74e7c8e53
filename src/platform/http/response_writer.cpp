#include "platform/http/response_writer.hpp"

#include <array>
#include <charconv>
#include <fmt/format.h>

namespace nexus::http {
namespace {

bool has_content(int status) { return status >= 200 && status != 204 && status != 304; }

void append_number(std::string& out, std::size_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

// A line break in a value (a Location built from user input) would begin a header of the client's choice: RFC
// 9110, 5.5 has CR, LF and NUL replaced by a blank.
void append_value(std::string& out, std::string_view value) {
  static constexpr std::string_view breaks{"\r\n\0", 3};
  const auto begin = out.size();
  out += value;
  if (value.find_first_of(breaks) == std::string_view::npos)
    return;
  for (auto at = out.find_first_of(breaks, begin); at != std::string::npos;
       at = out.find_first_of(breaks, at))
    out[at] = ' ';
}

} // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 206:
    return "Partial Content";
  case 301:
    return "Moved Permanently";
  case 302:
    return "Found";
  case 303:
    return "See Other";
  case 304:
    return "Not Modified";
  case 307:
    return "Temporary Redirect";
  case 308:
    return "Permanent Redirect";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 402:
    return "Payment Required";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 406:
    return "Not Acceptable";
  case 408:
    return "Request Timeout";
  case 409:
    return "Conflict";
  case 410:
    return "Gone";
  case 412:
    return "Precondition Failed";
  case 413:
    return "Content Too Large";
  case 415:
    return "Unsupported Media Type";
  case 416:
    return "Range Not Satisfiable";
  case 422:
    return "Unprocessable Content";
  case 428:
    return "Precondition Required";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 501:
    return "Not Implemented";
  case 502:
    return "Bad Gateway";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  default:
    return "";
  }
}

std::string http_date(std::time_t at) {
  static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&at, &utc);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[static_cast<std::size_t>(utc.tm_wday)],
                     utc.tm_mday, months[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

void response_writer::append_head(std::string& out, const response& r, form f) {
  if (const std::time_t now = std::time(nullptr); now != second_) {
    second_ = now;
    date_line_ = "Date: " + http_date(now) + "\r\n";
  }
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(r.status));
  out += ' ';
  out += reason_phrase(r.status);
  out += "\r\n";
  out += date_line_;
  if (!r.content_type.empty()) {
    out += "Content-Type: ";
    append_value(out, r.content_type);
    out += "\r\n";
  }
  if (has_content(r.status)) {
    out += "Content-Length: ";
    append_number(out, r.body.size());
    out += "\r\n";
  }
  out += f.keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  for (const auto& [name, value] : r.headers) {
    append_value(out, name);
    out += ": ";
    append_value(out, value);
    out += "\r\n";
  }
  out += "\r\n";
}

std::string_view response_writer::body_of(const response& r, form f) {
  return f.head || !has_content(r.status) ? std::string_view{} : std::string_view{r.body};
}

} // namespace nexus::http
