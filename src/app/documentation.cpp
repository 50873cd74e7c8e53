// The API's own documentation: the OpenAPI document, and Swagger UI over it.
#include "app/services.hpp"
#include "embedded/web_files.hpp"
#include "platform/api/openapi.hpp"

#include <boost/json/serialize.hpp>

namespace nexus::app {

namespace {

std::string_view media_type_of(std::string_view name) {
  if (name.ends_with(".html"))
    return "text/html; charset=utf-8";
  if (name.ends_with(".css"))
    return "text/css; charset=utf-8";
  if (name.ends_with(".js"))
    return "text/javascript; charset=utf-8";
  return "image/png";
}

api::endpoint file_endpoint(std::string path, const embedded::file& file) {
  return api::get(std::move(path), "web_" + std::string(file.name), std::string(file.name))
      .anonymous()
      .hidden()
      .cacheable()
      .lenient_query()
      .handle([&file](api::context& c, api::request<>) -> awaitable<result<http::response>> {
        // A page that shows an API must not be framed, and loads nothing from elsewhere.
        c.answer_headers.emplace_back("Content-Security-Policy",
                                      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' "
                                      "data:; frame-ancestors 'none'");
        co_return http::response{200, std::string(media_type_of(file.name)), std::string(file.bytes), {}};
      });
}

} // namespace

std::vector<api::endpoint> documentation_routes(std::string schema) {
  std::vector<api::endpoint> all;
  for (const embedded::file& file : embedded::web_files())
    all.push_back(file_endpoint(
        "/api/docs/" + (file.name == "docs.html" ? std::string() : std::string(file.name)), file));
  all.push_back(api::get("/api/schema/", "openapi", "The OpenAPI document")
                    .anonymous()
                    .hidden()
                    .cacheable()
                    .lenient_query()
                    .handle([schema = std::move(schema)](
                                api::context&, api::request<>) -> awaitable<result<http::response>> {
                      co_return http::response{200, "application/json", schema, {}};
                    }));
  all.push_back(api::get("/", "root", "To the documentation")
                    .anonymous()
                    .hidden()
                    .lenient_query()
                    .handle([](api::context&, api::request<>) -> awaitable<result<http::response>> {
                      co_return http::response{303, {}, {}, {{"Location", "/api/docs/"}}};
                    }));
  return all;
}

std::string openapi_json(const std::vector<api::endpoint>& endpoints) {
  const api::document_info info{"Nexus",
                                "1.0.0",
                                "A headless shop. Money is a decimal string beside its currency; times are "
                                "RFC 3339 in UTC; lists are pages with "
                                "`next` and `previous`; errors are RFC 9457 problems with a stable `code`.",
                                "/", // where the document came from
                                {{"Accounts", "Registration, sign-in, oneself"},
                                 {"Catalogue", "Categories, brands, attributes, products and their variants"},
                                 {"Inventory", "Stock and its ledger"},
                                 {"Cart", "What somebody means to buy"},
                                 {"Orders", "Placed orders, which hold their stock"},
                                 {"Payment", "Paying an order"}}};
  return boost::json::serialize(api::openapi_document(info, endpoints));
}

} // namespace nexus::app
