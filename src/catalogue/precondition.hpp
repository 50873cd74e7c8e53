// If-Match (RFC 9110 §13.1.1): a change is made only to what the client has seen. Internal to this folder.
#pragma once

#include "core/text.hpp"
#include "platform/api/context.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/json/encode.hpp"

namespace nexus::catalogue {

inline bool has_if_match(const api::context& c) { return c.request.header("If-Match").has_value(); }

// current is what GET would answer now, read under the lock of the change; its ETag is that of its encoded
// bytes.
template <class View>
std::optional<problem> check_if_match(const api::context& c, const View& current) {
  const auto header = c.request.header("If-Match");
  if (!header || trim(*header) == "*")
    return std::nullopt;
  const std::string etag = crypto::etag_of(json::encode(current));
  std::string_view rest = *header;
  while (!rest.empty()) { // our tags hold no comma; a weak one never matches
    const auto comma = std::min(rest.find(','), rest.size());
    if (trim(rest.substr(0, comma)) == etag)
      return std::nullopt;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return problem(errors::etag_mismatch, "It has changed since you read it: read it again, then decide.");
}

inline problem invalid(std::vector<field_error> at) {
  return {errors::validation_error, "The request has fields that are not valid.", std::move(at)};
}

} // namespace nexus::catalogue
