// If-Match (RFC 9110 §13.1.1): a change is made only to what the client has seen. Internal to this folder.
#pragma once

#include "platform/api/precondition.hpp"
#include "platform/json/encode.hpp"

namespace nexus::catalogue {

inline bool has_if_match(const api::context& c) { return c.request.header("If-Match").has_value(); }

// current is what GET would answer now, read under the lock of the change.
template <class View>
std::optional<problem> check_if_match(const api::context& c, const View& current) {
  return has_if_match(c) ? api::check_if_match(c, json::encode(current)) : std::nullopt;
}

inline problem invalid(std::vector<field_error> at) {
  return {errors::validation_error, "The request has fields that are not valid.", std::move(at)};
}

} // namespace nexus::catalogue
