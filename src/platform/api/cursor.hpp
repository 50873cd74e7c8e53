// Keyset cursors: where a page ends, opaque to the client.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::api {

struct cursor {
  bool backward = false;        // the page before the key, else the one after
  std::vector<std::string> key; // the ordering's columns, then the id
};

// base64url; decode gives nullopt for anything encode did not make, or longer than 1,000 characters.
std::string encode(const cursor& c);
std::optional<cursor> decode_cursor(std::string_view text);

} // namespace nexus::api
