#include "accounts/session_tokens.hpp"

#include "accounts/accounts.sql.hpp"
#include "platform/crypto/crypto.hpp"

namespace nexus::accounts {

std::string stored_form(std::string_view refresh_token) { return crypto::sha256_hex(refresh_token); }

token_pair issue_pair(const token_service& tokens, db::transaction& tx, const api::principal& who,
                      const uuid& family, time_point now) {
  token_pair pair{tokens.issue_access(who, now), random_token(32)};
  tx.send(sql::insert_refresh_token, stored_form(pair.refresh), family, who.user_id, now,
          now + tokens.configured().refresh_lifetime);
  return pair;
}

void forbid_caching(api::context& c) { c.answer_headers.emplace_back("Cache-Control", "no-store"); }

awaitable<> delete_expired_tokens(db::session s, time_point now) {
  constexpr int batch = 5'000; // so that no statement runs long
  for (;;) {
    const db::rows gone = co_await s.query(sql::delete_expired_tokens, now, batch);
    if (gone.affected() < batch)
      co_return;
  }
}

} // namespace nexus::accounts
