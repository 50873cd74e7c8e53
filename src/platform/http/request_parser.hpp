// One connection's incoming bytes and the request they make, without a socket. Internal to this folder.
//
// Beast reads the grammar; here stand the limits and the rules of RFC 9112 that Beast leaves to its caller.
// Where the RFC lets a server choose between mending a request and refusing it, it is refused: what two
// programs on the way may read differently is how requests are smuggled.
#pragma once

#include "core/problem.hpp"
#include "platform/http/message.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace nexus::http {

class request_parser {
public:
  enum class progress { header_incomplete, body_incomplete, complete, refused };

  request_parser(std::size_t header_bytes, std::size_t body_bytes, std::string peer);
  ~request_parser();

  // Where the next bytes go (never empty), and how many came. room() may move the buffer, so not while a
  // handler looks at message().
  [[nodiscard]] std::span<char> room();
  void commit(std::size_t bytes);

  // Goes on with what has come. After complete or refused: next() or discard().
  progress parse();
  [[nodiscard]] const error_kind& refusal() const;

  // The client will not send its body before it is told to go on (Expect: 100-continue), and none of it is
  // here.
  [[nodiscard]] bool awaits_continue() const;

  // Complete only when parse() says so; before, what is known of it.
  [[nodiscard]] const request& message() const;
  [[nodiscard]] bool keep_alive() const;

  // There are bytes that no complete request has used.
  [[nodiscard]] bool has_input() const;
  void next();    // forgets the request, keeps what came behind it
  void discard(); // forgets everything

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace nexus::http
