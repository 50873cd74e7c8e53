#include "accounts/accounts.sql.hpp"
#include "accounts/endpoints.hpp"
#include "accounts/session_tokens.hpp"

namespace nexus::accounts {

namespace {

// The end of a family must be committed although the answer is a 401, so the problem is this transaction's
// value.
awaitable<result<token_pair>> rotate(const token_service& tokens, db::transaction& tx, std::string stored,
                                     time_point now) {
  const auto refused = [] { return problem(errors::not_authenticated, "The refresh token is not valid."); };
  const db::rows owner = co_await tx.query(sql::lock_token_owner, stored);
  if (owner.empty())
    co_return refused();
  const db::rows token = co_await tx.query(sql::find_refresh_token, stored);
  if (token.empty())
    co_return refused();
  auto [id, email, permissions, is_active] =
      owner.front().as<std::int64_t, std::string, std::vector<std::string>, bool>();
  const auto [family, expires_at, used, revoked] = token.front().as<uuid, time_point, bool, bool>();
  if (revoked || !is_active)
    co_return refused();
  if (used) { // stolen, from us or by us: nobody keeps the session
    tx.send(sql::end_family, stored, now);
    co_return refused();
  }
  if (now >= expires_at)
    co_return problem(errors::token_expired, "The refresh token has expired: sign in again.");
  tx.send(sql::use_refresh_token, stored, now);
  co_return issue_pair(tokens, tx, {id, std::move(email), std::move(permissions)}, family, now);
}

awaitable<result<token_pair>> handle(services s, api::context& c, refresh_body in) {
  const std::string stored = stored_form(in.refresh);
  const time_point now = c.now();
  auto pair = co_await db::in_transaction(
      c.db, [&](db::transaction& tx) { return rotate(*s.tokens, tx, stored, now); });
  forbid_caching(c);
  co_return pair;
}

} // namespace

api::endpoint refresh(services s) {
  return api::post("/jwt/refresh/", "refresh_tokens", "A new pair of tokens")
      .anonymous()
      .describe("The refresh token is good for one use. A used one that comes again ends every session that "
                "came from "
                "the same sign-in.")
      .fails({&errors::not_authenticated, &errors::token_expired, &errors::validation_error})
      .handle(
          [s](api::context& c, api::request<none, none, refresh_body> in) -> awaitable<result<token_pair>> {
            return handle(s, c, std::move(in.body));
          });
}

} // namespace nexus::accounts
