#include "platform/api/idempotency.hpp"

#include "core/text.hpp"
#include "platform/api/idempotency.sql.hpp"
#include "platform/crypto/crypto.hpp"

namespace nexus::api::idempotency {

result<std::optional<key>> read(const context& c, const endpoint& e) {
  if (!e.is_idempotent)
    return std::optional<key>{};
  return read(c);
}

result<std::optional<key>> read(const context& c) {
  const auto header = c.request.header("Idempotency-Key");
  if (!header)
    return std::optional<key>{};
  const std::string_view value = trim(*header);
  if (value.empty() || value.size() > 255 || !is_storable_utf8(value))
    return problem(errors::malformed_request, "Idempotency-Key must have 1 to 255 characters.");
  key k;
  k.scope = c.principal ? "user " + std::to_string(c.principal->user_id) : std::string("guest");
  k.scope += ' ';
  k.scope += http::to_string(c.request.method);
  k.scope += ' ';
  k.scope += c.request.path.ends_with('/') ? c.request.path : std::string(c.request.path) + '/';
  k.value = value;
  k.request_sha256 = crypto::sha256_hex(c.request.body);
  return std::optional(std::move(k));
}

awaitable<result<std::optional<encoded_answer>>> claim(db::transaction& tx, const key& k, time_point now) {
  const auto busy = problem(errors::idempotency_in_progress, "Ask again in a moment, with the same key.");
  bool waited_too_long = false;
  db::rows claimed;
  try {
    claimed = co_await tx.query(sql::claim_key, k.scope, k.value, k.request_sha256, now);
  } catch (const db::error& e) {
    if (!e.lock_timeout())
      throw;
    waited_too_long = true;
  }
  if (waited_too_long)
    co_return busy;
  if (!claimed.empty())
    co_return std::optional<encoded_answer>{};
  const db::rows stored = co_await tx.query(sql::read_answer, k.scope, k.value);
  if (stored.empty())
    co_return busy;
  const auto [sha256, status, content_type, body] =
      stored.front()
          .as<std::string, std::optional<int>, std::optional<std::string>, std::optional<std::string>>();
  if (sha256 != k.request_sha256)
    co_return problem(errors::idempotency_key_reused, "Take a new key for a new request.");
  if (!status)
    co_return busy;
  co_return std::optional(encoded_answer{*status, content_type.value_or(""), body.value_or("")});
}

void store(db::transaction& tx, const key& k, const encoded_answer& answer) {
  tx.send(sql::store_answer, k.scope, k.value, answer.status, answer.content_type, answer.body);
}

db::asked ask_stored(db::transaction& tx, const std::vector<const key*>& keys) {
  std::vector<std::string_view> scopes, values;
  for (const key* k : keys) {
    scopes.push_back(k->scope);
    values.push_back(k->value);
  }
  return tx.ask(sql::read_answers, scopes, values);
}

std::vector<stored_answer> read_stored(const db::rows& found) {
  std::vector<stored_answer> out;
  for (const db::row row : found) {
    auto [position, sha256, body, created_at] = row.as<std::int64_t, std::string, std::string, time_point>();
    out.push_back({static_cast<std::size_t>(position - 1), std::move(sha256), std::move(body), created_at});
  }
  return out;
}

void store_all(db::transaction& tx, const std::vector<kept_answer>& answers,
               const std::vector<const key*>& outdated, time_point now) {
  std::vector<std::string_view> scopes, values, digests, bodies;
  for (const key* k : outdated) {
    scopes.push_back(k->scope);
    values.push_back(k->value);
  }
  if (!outdated.empty())
    tx.send(sql::delete_answers, scopes, values);
  scopes.clear();
  values.clear();
  for (const kept_answer& a : answers) {
    scopes.push_back(a.of->scope);
    values.push_back(a.of->value);
    digests.push_back(a.of->request_sha256);
    bodies.push_back(a.body);
  }
  if (!answers.empty())
    tx.send(sql::insert_answers, scopes, values, digests, bodies, now);
}

awaitable<> delete_old(db::session db, time_point before) { co_await db.query(sql::delete_old_keys, before); }

} // namespace nexus::api::idempotency
