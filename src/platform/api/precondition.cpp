#include "platform/api/precondition.hpp"

#include "core/text.hpp"
#include "platform/crypto/crypto.hpp"

#include <algorithm>

namespace nexus::api {

std::optional<problem> check_if_match(const context& c, std::string_view encoded) {
  const auto header = c.request.header("If-Match");
  if (!header || trim(*header) == "*")
    return std::nullopt;
  const std::string etag = crypto::etag_of(encoded);
  std::string_view rest = *header;
  while (!rest.empty()) { // our tags hold no comma; a weak one never matches
    const auto comma = std::min(rest.find(','), rest.size());
    if (trim(rest.substr(0, comma)) == etag)
      return std::nullopt;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return problem(errors::etag_mismatch, "It has changed since you read it: read it again, then decide.");
}

} // namespace nexus::api
