#include "accounts/accounts.sql.hpp"
#include "accounts/endpoints.hpp"
#include "accounts/session_tokens.hpp"

namespace nexus::accounts {

namespace {

struct token_body {
  std::string token;

  static constexpr std::string_view schema_name = "AnyToken";
  template <class V>
  static constexpr void fields(V&& field) {
    field("token", &token_body::token,
          {.min_length = 1, .max_length = 4'096, .doc = "An access or a refresh token"});
  }
};

struct valid {
  static constexpr std::string_view schema_name = "ValidToken";
  template <class V>
  static constexpr void fields(V&&) {}
};

awaitable<result<valid>> handle(services s, api::context& c, std::string token) {
  if (token.find('.') != std::string::npos) { // a JWT, which a refresh token is not
    if (const auto who = s.tokens->authenticate(token, c.now()); !who)
      co_return who.error();
    co_return valid{};
  }
  const db::rows alive = co_await c.db.query(sql::is_refresh_token_alive, stored_form(token), c.now());
  if (!alive.front().get<bool>(0))
    co_return problem(errors::not_authenticated, "The token is not valid.");
  co_return valid{};
}

} // namespace

api::endpoint verify_token(services s) {
  return api::post("/jwt/verify/", "verify_token", "Whether a token is valid")
      .anonymous()
      .fails({&errors::not_authenticated, &errors::token_expired, &errors::validation_error})
      .handle([s](api::context& c, api::request<none, none, token_body> in) -> awaitable<result<valid>> {
        return handle(s, c, std::move(in.body.token));
      });
}

} // namespace nexus::accounts
