#include "core/ids.hpp"

#include <cstring>
#include <sodium.h>
#include <stdexcept>

namespace nexus {

namespace {

// libsodium is thread-safe only after sodium_init, which may be called more than once.
void fill_random(void* out, std::size_t bytes) {
  static const bool ready = sodium_init() >= 0;
  if (!ready)
    throw std::runtime_error("libsodium has no source of randomness");
  randombytes_buf(out, bytes);
}

} // namespace

uuid new_uuid(time_point now) {
  uuid id;
  fill_random(id.data, sizeof id.data);
  const auto ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
  for (int i = 0; i < 6; ++i)
    id.data[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id.data[6] = static_cast<std::uint8_t>((id.data[6] & 0x0f) | 0x70);
  id.data[8] = static_cast<std::uint8_t>((id.data[8] & 0x3f) | 0x80);
  return id;
}

void append(std::string& out, const uuid& id) {
  static constexpr char digits[] = "0123456789abcdef";
  char text[36];
  char* to = text;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      *to++ = '-';
    *to++ = digits[id.data[i] >> 4];
    *to++ = digits[id.data[i] & 15];
  }
  out.append(text, sizeof text);
}

std::string to_string(const uuid& id) {
  std::string text;
  text.reserve(36);
  append(text, id);
  return text;
}

namespace {
int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}
} // namespace

std::optional<uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36)
    return std::nullopt;
  uuid id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      if (text[at++] != '-')
        return std::nullopt;
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0)
      return std::nullopt;
    id.data[i] = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return id;
}

std::string random_code(std::size_t length) {
  static constexpr std::string_view alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
  // Bytes from 248 = 8 * 31 on are thrown away, so that every symbol is equally likely.
  constexpr std::size_t fair = 256 / alphabet.size() * alphabet.size();
  std::string code;
  code.reserve(length);
  while (code.size() < length) {
    std::uint8_t bytes[16];
    fill_random(bytes, sizeof bytes);
    for (const std::uint8_t byte : bytes)
      if (byte < fair && code.size() < length)
        code += alphabet[byte % alphabet.size()];
  }
  return code;
}

std::string random_token(std::size_t bytes) {
  std::string raw(bytes, '\0');
  fill_random(raw.data(), raw.size());
  std::string text(sodium_base64_encoded_len(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(raw.data()), raw.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.resize(std::strlen(text.c_str()));
  return text;
}

} // namespace nexus
