// One request on its way through: what a handler may use.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "platform/db/database.hpp"
#include "platform/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexus::api {

// Who asks. Permissions are names such as "catalogue.write"; "*" holds them all.
struct principal {
  std::int64_t user_id = 0;
  std::string email;
  std::vector<std::string> permissions;

  [[nodiscard]] bool may(std::string_view permission) const;
};

// Turns a bearer token into who it speaks for: not_authenticated or token_expired where it does not.
class authenticator {
public:
  virtual ~authenticator() = default;
  [[nodiscard]] virtual result<principal> authenticate(std::string_view token, time_point now) const = 0;
};

struct context {
  const http::request& request;
  db::session db; // autocommit; counts into usage
  const nexus::clock& clock;
  std::string_view public_url; // no '/' at its end
  std::string request_id = {};
  std::optional<api::principal> principal = {};
  std::vector<std::pair<std::string, std::string>> answer_headers = {};

  [[nodiscard]] time_point now() const { return clock.now(); }
  [[nodiscard]] bool may(std::string_view permission) const {
    return principal && principal->may(permission);
  }
};

} // namespace nexus::api
