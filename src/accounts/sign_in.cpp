#include "accounts/accounts.sql.hpp"
#include "accounts/endpoints.hpp"
#include "accounts/hashing.hpp"
#include "accounts/password_rules.hpp"
#include "accounts/session_tokens.hpp"

namespace nexus::accounts {

namespace {

struct credentials {
  std::string email, password;

  static constexpr std::string_view schema_name = "Credentials";
  template <class V>
  static constexpr void fields(V&& field) {
    // Not checked for its form: what cannot be an address is simply not known.
    field("email", &credentials::email, {.min_length = 1, .max_length = 254});
    field("password", &credentials::password, given_password_rule);
  }
};

struct account {
  api::principal who;
  std::string password_hash;
};

awaitable<std::optional<account>> find_account(db::session db, std::string email) {
  const db::rows found = co_await db.query(sql::find_credentials, email);
  if (found.empty())
    co_return std::nullopt;
  auto [id, address, permissions, hash] =
      found.front().as<std::int64_t, std::string, std::vector<std::string>, std::string>();
  co_return account{{id, std::move(address), std::move(permissions)}, std::move(hash)};
}

// Nullopt where the password has changed since it was checked.
awaitable<std::optional<token_pair>> open_family(services s, db::session db, const account& of,
                                                 time_point now) {
  co_return co_await db::in_transaction(db, [&](db::transaction& tx) -> awaitable<std::optional<token_pair>> {
    const db::rows current = co_await tx.query(sql::lock_current_password, of.who.user_id, of.password_hash);
    if (current.empty())
      co_return std::nullopt;
    co_return issue_pair(*s.tokens, tx, of.who, new_uuid(now), now);
  });
}

awaitable<result<token_pair>> handle(services s, api::context& c, credentials in) {
  const auto refused = [] { return problem(invalid_credentials, "Check the address and the password."); };
  const auto found = co_await find_account(c.db, in.email);
  const auto verified =
      co_await verify_password(s, found ? std::optional(found->password_hash) : std::nullopt, in.password);
  if (!verified)
    co_return verified.error();
  if (!found || !verified->matches)
    co_return refused();
  auto pair = co_await open_family(s, c.db, *found, c.now());
  if (!pair)
    co_return refused();
  if (verified->rehashed)
    co_await c.db.query(sql::rehash_password, found->who.user_id, found->password_hash, *verified->rehashed);
  forbid_caching(c);
  co_return std::move(*pair);
}

} // namespace

api::endpoint sign_in(services s) {
  return api::post("/jwt/create/", "sign_in", "Sign in")
      .anonymous()
      .describe(
          "Answers a pair of tokens: `access` for the Authorization header, `refresh` for the next pair.")
      .fails({&invalid_credentials, &errors::validation_error, &errors::service_unavailable})
      .handle(
          [s](api::context& c, api::request<none, none, credentials> in) -> awaitable<result<token_pair>> {
            return handle(s, c, std::move(in.body));
          });
}

} // namespace nexus::accounts
