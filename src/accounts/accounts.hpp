// Accounts: registration, sign-in, tokens, and who a token speaks for.
#pragma once

#include "core/clock.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/async/offload.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace nexus::accounts {

// An unknown address, a wrong password and an account that is closed look alike.
inline constexpr error_kind invalid_credentials{"invalid_credentials", 401,
                                                "The e-mail address or the password is wrong"};

struct settings {
  std::string secret_key; // at least 32 bytes; signs the access tokens (HS256)
  std::chrono::seconds access_lifetime{15 * 60};
  std::chrono::seconds refresh_lifetime{14 * 24 * 3600};
};

// Access tokens: JWT, HS256 whatever the token's own header says, with sub, email, perms, iat, exp, iss, aud.
class token_service final : public api::authenticator {
public:
  // Throws std::invalid_argument where the key is too short.
  explicit token_service(settings s);
  ~token_service() override;
  [[nodiscard]] std::string issue_access(const api::principal& p, time_point now) const;
  [[nodiscard]] result<api::principal> authenticate(std::string_view token, time_point now) const override;
  [[nodiscard]] const settings& configured() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

struct services {
  const token_service* tokens;
  offload* passwords; // Argon2id runs here
};

// Under /auth.
std::vector<api::endpoint> routes(const services& s);

// The nexus createsuperuser command: makes the account, or gives an existing one all permissions and the new
// password. A problem (validation_error) where the address or the password is not good enough.
awaitable<result<none>> create_superuser(db::session s, std::string email, std::string password,
                                         time_point now);

// Refresh tokens that can no longer be used; for the schedule.
awaitable<> delete_expired_tokens(db::session s, time_point now);

} // namespace nexus::accounts
