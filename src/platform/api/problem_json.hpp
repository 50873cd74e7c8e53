// RFC 9457: a problem as application/problem+json.
#pragma once

#include "core/problem.hpp"
#include "platform/http/message.hpp"

namespace nexus::api {

// instance is the request's path; request_id goes into the body so that a client can name it to the shop.
http::response problem_response(const problem& p, std::string_view instance, std::string_view request_id);

} // namespace nexus::api
