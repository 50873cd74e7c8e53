#include "accounts/accounts.sql.hpp"
#include "accounts/endpoints.hpp"
#include "accounts/session_tokens.hpp"

namespace nexus::accounts {

api::endpoint sign_out() {
  return api::post("/logout/", "sign_out", "Sign out")
      .anonymous()
      .describe("Ends every session that came from the same sign-in. An unknown token is no error: it is as "
                "good as "
                "ended (RFC 7009 §2.2). Access tokens live on until they expire.")
      .fails({&errors::validation_error})
      .handle([](api::context& c, db::transaction& tx,
                 api::request<none, none, refresh_body> in) -> awaitable<result<none>> {
        const std::string stored = stored_form(in.body.refresh);
        co_await tx.query(sql::lock_token_owner, stored);
        tx.send(sql::end_family, stored, c.now());
        co_return none{};
      });
}

} // namespace nexus::accounts
