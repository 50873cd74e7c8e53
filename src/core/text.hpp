// Small rules about text that several modules share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nexus {

// "Ocean Blue Shirt" -> "ocean-blue-shirt": lower case ASCII letters, digits and single hyphens; letters of
// other scripts are kept as they are (Ge'ez has no case), everything else becomes a hyphen. At most 80 bytes,
// never cut inside a character. Empty where nothing of the text is left.
std::string slugify(std::string_view text);

// Bytes of the well-formed UTF-8 character at the front (RFC 3629: no surrogates, no overlong forms), 0 where
// there is none. The text must not be empty.
std::size_t character_length(std::string_view text);

// Well-formed UTF-8 (no surrogates, no overlong forms) without NUL, which PostgreSQL cannot store.
bool is_storable_utf8(std::string_view text);

// Without ASCII blanks at both ends.
std::string_view trim(std::string_view text);

// Number of code points of well-formed UTF-8.
std::size_t length_utf8(std::string_view text);

// ASCII letters in lower case; the rest as it is.
std::string to_lower_ascii(std::string_view text);

// & < > " ' replaced, for text put into HTML.
std::string escape_html(std::string_view text);

} // namespace nexus
