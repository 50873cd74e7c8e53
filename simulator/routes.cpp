#include "simulator/routes.hpp"

#include "simulator/pages.hpp"
#include "simulator/wire.hpp"

namespace nexus::chapa {

// Empty where an escape is broken.
std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    path.remove_prefix(1); // '/'
    const auto end = std::min(path.find('/'), path.size());
    auto segment = http::percent_decode(path.substr(0, end));
    if (!segment)
      return {};
    if (!segment->empty())
      out.push_back(std::move(*segment));
    path.remove_prefix(end);
  }
  return out;
}

http::response json_response(int status, const boost::json::value& body) {
  return {.status = status, .content_type = "application/json", .body = to_json_text(body)};
}

http::response html_response(int status, std::string body) {
  return {.status = status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(body),
          .headers = {
              {"Cache-Control", "no-store"},
              {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"},
              {"Referrer-Policy", "no-referrer"},
              {"X-Content-Type-Options", "nosniff"}}};
}

http::response answer(service& s, const http::request& r) {
  std::vector<std::string> segments = split_path(r.path);
  const std::string first = segments.empty() ? "" : segments.front();
  if (!segments.empty())
    segments.erase(segments.begin());
  if (first == "v1")
    return answer_api(s, r, segments);
  if (first == "checkout")
    return answer_checkout(s, r, segments);
  if (first == "_control")
    return answer_control(s, r, segments);
  if (first.empty() || first == "transactions")
    return answer_watch(s, r, segments);
  return html_response(404, pages::not_found());
}

} // namespace nexus::chapa
