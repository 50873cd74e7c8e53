// libsodium and nothing else, by the names the rest of the program uses.
#pragma once

#include <string>
#include <string_view>

namespace nexus::crypto {

// Call once, before threads start. Throws std::runtime_error where libsodium cannot start.
void initialize();

// Lower-case hex.
std::string sha256_hex(std::string_view data);
std::string hmac_sha256_hex(std::string_view key, std::string_view data);

// A strong ETag of these bytes, quotes included: 128 bits of BLAKE2b.
std::string etag_of(std::string_view bytes);

// In constant time for equal lengths.
bool equal(std::string_view a, std::string_view b);

// Argon2id (RFC 9106), 19 MiB, t = 2, p = 1: about 22 ms. The encoded form carries its parameters.
std::string hash_password(std::string_view password);
bool verify_password(std::string_view encoded, std::string_view password);
bool needs_rehash(std::string_view encoded);

} // namespace nexus::crypto
