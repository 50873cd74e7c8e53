#include "platform/crypto/crypto.hpp"

#include <sodium.h>
#include <stdexcept>

namespace nexus::crypto {

namespace {

constexpr unsigned long long argon_operations = 2;
constexpr std::size_t argon_memory = 19 * 1024 * 1024;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex(const unsigned char* data, std::size_t size) {
  std::string text(size * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), data, size);
  text.pop_back();
  return text;
}

} // namespace

void initialize() {
  if (sodium_init() < 0)
    throw std::runtime_error("libsodium cannot start: no source of random numbers?");
}

std::string sha256_hex(std::string_view data) {
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, bytes(data), data.size());
  return hex(digest, sizeof digest);
}

std::string hmac_sha256_hex(std::string_view key, std::string_view data) {
  crypto_auth_hmacsha256_state state; // this form takes a key of any length
  unsigned char digest[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256_init(&state, bytes(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes(data), data.size());
  crypto_auth_hmacsha256_final(&state, digest);
  return hex(digest, sizeof digest);
}

std::string etag_of(std::string_view data) {
  unsigned char digest[16];
  crypto_generichash(digest, sizeof digest, bytes(data), data.size(), nullptr, 0);
  return '"' + hex(digest, sizeof digest) + '"';
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hash_password(std::string_view password) {
  std::string encoded(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(encoded.data(), password.data(), password.size(), argon_operations, argon_memory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw std::runtime_error("out of memory while hashing a password");
  encoded.resize(std::strlen(encoded.c_str()));
  return encoded;
}

bool verify_password(std::string_view encoded, std::string_view password) {
  return crypto_pwhash_str_verify(std::string(encoded).c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(std::string_view encoded) {
  return crypto_pwhash_str_needs_rehash(std::string(encoded).c_str(), argon_operations, argon_memory) != 0;
}

} // namespace nexus::crypto
