// UUIDs: carts, orders, payments. Version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits, so that
// rows made together lie together in an index and nobody can guess the next one.
#pragma once

#include "core/clock.hpp"

#include <boost/uuid/uuid.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace nexus {

using uuid = boost::uuids::uuid;

uuid new_uuid(time_point now);

// 36 characters, lower case.
std::string to_string(const uuid& id);
void append(std::string& out, const uuid& id);

// Accepts the 36-character form alone, in either case.
std::optional<uuid> parse_uuid(std::string_view text);

// length characters of A-Z2-9 without those people confuse (I, L, O, 0, 1): 31 symbols, about 4.95 bits each.
std::string random_code(std::size_t length);

// bytes random bytes, as unpadded base64url.
std::string random_token(std::size_t bytes);

} // namespace nexus
