#include "accounts/accounts.sql.hpp"
#include "accounts/endpoints.hpp"
#include "accounts/hashing.hpp"
#include "accounts/password_rules.hpp"

namespace nexus::accounts {

namespace {

struct password_change {
  std::string current_password, new_password;

  static constexpr std::string_view schema_name = "PasswordChange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("current_password", &password_change::current_password, given_password_rule);
    field("new_password", &password_change::new_password, new_password_rule);
  }
};

problem not_valid(std::vector<field_error> faults) {
  return {errors::validation_error, "The request has fields that are not valid.", std::move(faults)};
}

problem wrong_password() {
  return not_valid({{"/current_password", "incorrect", "This is not the current password."}});
}

// False where the password has changed since it was checked.
awaitable<bool> change(db::session db, std::int64_t user_id, std::string from, std::string to,
                       time_point now) {
  co_return co_await db::in_transaction(db, [&](db::transaction& tx) -> awaitable<bool> {
    const db::rows changed = co_await tx.query(sql::change_password, user_id, from, to);
    if (changed.empty())
      co_return false;
    tx.send(sql::end_all_families, user_id, now);
    co_return true;
  });
}

awaitable<result<none>> handle(services s, api::context& c, password_change in) {
  const std::int64_t user_id = c.principal->user_id;
  if (auto faults = check_password(in.new_password, c.principal->email, "/new_password"); !faults.empty())
    co_return not_valid(std::move(faults));
  const db::rows found = co_await c.db.query(sql::find_password_hash, user_id);
  if (found.empty())
    co_return problem(errors::not_authenticated, "There is no such account any more.");
  const auto current = found.front().get<std::string>(0);
  const auto verified = co_await verify_password(s, current, in.current_password);
  if (!verified)
    co_return verified.error();
  if (!verified->matches)
    co_return wrong_password();
  const auto hash = co_await hash_password(s, in.new_password);
  if (!hash)
    co_return hash.error();
  if (!co_await change(c.db, user_id, current, *hash, c.now()))
    co_return wrong_password();
  co_return none{};
}

} // namespace

api::endpoint set_password(services s) {
  return api::post("/users/set_password/", "set_password", "Change the password")
      .signed_in()
      .describe("Ends every session of the account: their refresh tokens are void, sign in again.")
      .fails({&errors::validation_error, &errors::service_unavailable})
      .handle([s](api::context& c, api::request<none, none, password_change> in) -> awaitable<result<none>> {
        return handle(s, c, std::move(in.body));
      });
}

} // namespace nexus::accounts
