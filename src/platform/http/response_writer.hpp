// A response's head as bytes. Internal to this folder.
#pragma once

#include "platform/http/message.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace nexus::http {

// "OK" for 200; empty for a status it does not know.
std::string_view reason_phrase(int status);

// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::time_t at);

// One a loop, for the Date is formatted once a second.
class response_writer {
public:
  // What the request asks of the response's form.
  struct form {
    bool keep_alive = true;
    bool head = false; // a HEAD request: Content-Length says what a GET's body would have been
  };

  // Appends everything up to the blank line. The body, as much of it as goes out, is body_of().
  void append_head(std::string& out, const response& r, form f);

  // The bytes that follow the head: none for HEAD, 1xx, 204 and 304 (RFC 9112, 6.3).
  [[nodiscard]] static std::string_view body_of(const response& r, form f);

private:
  std::time_t second_ = -1;
  std::string date_line_;
};

} // namespace nexus::http
