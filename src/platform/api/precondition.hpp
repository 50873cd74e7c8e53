// If-Match (RFC 9110 §13.1.1): a change is made only to what the client has seen.
#pragma once

#include "platform/api/context.hpp"

namespace nexus::api {

// encoded: the bytes that GET would answer now, read under the lock of the change; their ETag must be among
// those of the request's If-Match. Nothing where it is, or where none is given.
std::optional<problem> check_if_match(const context& c, std::string_view encoded);

} // namespace nexus::api
