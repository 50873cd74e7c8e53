// From a request to its answer: routing, access, idempotency, the transaction, problems, headers, the log
// line.
#pragma once

#include "platform/api/router.hpp"
#include "platform/db/database.hpp"
#include "platform/http/server.hpp"

#include <functional>
#include <memory>

namespace nexus::api {

struct dispatch_options {
  const api::router* router = nullptr;
  const api::authenticator* authenticator = nullptr;
  const nexus::clock* clock = nullptr;
  std::string public_url;
  // After each request: the endpoint (null where none was found), the status, the seconds it took.
  std::function<void(const endpoint*, int status, double seconds)> observe;
};

// The handler of one loop's listener. Never throws.
http::handler make_handler(std::shared_ptr<const dispatch_options> options, db::database& db);

// What the server answers where no request could be read.
http::response refuse(const error_kind& kind);

} // namespace nexus::api
