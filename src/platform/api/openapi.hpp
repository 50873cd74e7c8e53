// The OpenAPI 3.1 document of a table of endpoints.
#pragma once

#include "platform/api/endpoint.hpp"

#include <boost/json/object.hpp>

namespace nexus::api {

struct document_info {
  std::string title, version, description, server_url;
  std::vector<std::pair<std::string, std::string>> tags; // name, description; in order
};

boost::json::object openapi_document(const document_info& info, std::span<const endpoint> endpoints);

} // namespace nexus::api
