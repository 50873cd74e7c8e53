#include "platform/api/page.hpp"

namespace nexus::api {

result<cursor> read_cursor(const page_query& q, std::size_t key_parts) {
  if (!q.cursor)
    return cursor{};
  auto c = decode_cursor(*q.cursor);
  if (!c || c->key.size() != key_parts)
    return problem(errors::validation_error, "The query has parameters that are not valid.",
                   {{"?cursor", "invalid_cursor", "Take cursors from next and previous of this list."}});
  return std::move(*c);
}

std::string page_url(const context& c, const cursor& to) {
  std::string url(c.public_url);
  url += c.request.path;
  url += '?';
  if (const auto parameters = http::parse_query(c.request.query))
    for (const auto& [name, value] : *parameters) {
      if (name == "cursor")
        continue;
      url += http::percent_encode(name);
      url += '=';
      url += http::percent_encode(value);
      url += '&';
    }
  url += "cursor=";
  url += encode(to);
  return url;
}

} // namespace nexus::api
