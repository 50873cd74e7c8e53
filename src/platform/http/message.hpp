// A request as it came and a response as it goes; no Beast in here, so that few files pay for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexus::http {

enum class method { get, head, post, put, patch, delete_, options, other };

std::string_view to_string(method m);

// Views into the connection's buffer: valid until the handler has ended.
struct request {
  http::method method = method::other;
  std::string_view method_name; // as sent
  std::string_view target;      // as sent: path and query
  std::string_view path;        // before '?', still percent-encoded
  std::string_view query;       // after '?', still percent-encoded
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  std::string peer; // the client's address, without its port

  // The first of that name (any case), or nullopt.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

struct response {
  int status = 200;
  std::string content_type; // empty: no Content-Type (and no body)
  std::string body;
  // Beside Content-Type, Content-Length, Date and Connection, which the server writes.
  std::vector<std::pair<std::string, std::string>> headers;
};

// "a%20b" -> "a b"; '+' is a blank where form says so. nullopt where an escape is broken.
std::optional<std::string> percent_decode(std::string_view text, bool form = false);
// Everything but A-Z a-z 0-9 - . _ ~
std::string percent_encode(std::string_view text);
// "a=1&b=%20" decoded, in order (also application/x-www-form-urlencoded). nullopt where an escape is broken.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

// The quality that an Accept header gives to a media type, 0 to 1000; 1000 where the header is empty.
int accept_quality(std::string_view accept, std::string_view media_type);

} // namespace nexus::http
