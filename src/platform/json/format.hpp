// The named forms of text, as rules of their own.
#pragma once

#include <string_view>

namespace nexus::json {

// One we can send mail to without quoting or SMTPUTF8: atoms and dots, "@", a domain of at least two labels;
// local part ≤ 64 bytes, whole ≤ 254 (RFC 5321 §4.5.3.1, RFC 3696 erratum 1690). Nothing that could end a
// mail header.
bool is_email(std::string_view text);

// RFC 3986 URI with scheme http or https and a host, without user information, ≤ 2048 bytes.
bool is_url(std::string_view text);

// ISO 3166-1 alpha-2, upper case, officially assigned.
bool is_country(std::string_view text);

// What core's slugify leaves as it is.
bool is_slug(std::string_view text);

// Well-formed UTF-8 without control characters or blanks at the ends.
bool is_sku(std::string_view text);

} // namespace nexus::json
