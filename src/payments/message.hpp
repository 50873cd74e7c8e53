// A provider's JSON as a flat map of texts, numbers exactly as written: money must not pass through a double.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nexus::payments {

class message {
public:
  // nullopt for what is not one JSON object, is deeper than 32, or has a member twice.
  static std::optional<message> parse(std::string_view json);

  // The text, number or boolean at a JSON Pointer ("/data/amount"); empty where there is none, or null, or a
  // container.
  [[nodiscard]] std::string_view at(std::string_view pointer) const;
  // All texts at the pointer and below it, "amount: validation.numeric; …": Chapa's "message" is text or an
  // object.
  [[nodiscard]] std::string text_below(std::string_view pointer) const;

private:
  std::map<std::string, std::string, std::less<>> leaves_;
};

// Without keys of Chapa's ("CHASECK-…", "CHASECK_TEST-…"): what is kept for people must not open the till.
std::string mask_secrets(std::string_view text);

// What PostgreSQL can store of a message: well-formed UTF-8 without NUL, at most 8,000 bytes.
std::string storable(std::string_view text);

} // namespace nexus::payments
