// A mail as RFC 5322 and RFC 2045 write it: multipart/alternative, UTF-8 in quoted-printable, CRLF. Nothing
// that came from a customer can add a header.
#pragma once

#include "core/clock.hpp"

#include <string>
#include <string_view>

namespace nexus::notifications {

struct mail {
  std::string from_name, from; // from and to are bare addresses
  std::string to;
  std::string subject;
  std::string text, html; // UTF-8
  std::string message_id; // without the angle brackets: "task-7.receipt@example.et"
  time_point date;
};

// Throws std::invalid_argument where an address or the Message-ID is not one that can stand in a header.
std::string to_message(const mail& m);

// local@domain of printable ASCII without blanks, angle brackets, quotes, commas and the like, at most 254
// bytes.
bool is_mail_address(std::string_view text);

// A header's text: as it is where it is short ASCII, else RFC 2047 encoded words, folded.
std::string encode_header(std::string_view text);

// "Sun, 22 Nov 2026 16:49:44 +0000"
std::string mail_date(time_point at);

} // namespace nexus::notifications
