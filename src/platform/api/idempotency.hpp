// Idempotency-Key: the first answer is stored in the transaction of its effect and replayed for 24 hours.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/db/database.hpp"

#include <optional>
#include <string>

namespace nexus::api::idempotency {

struct key {
  std::string scope; // who and what: the user (or "guest"), method and path
  std::string value; // 1 to 255 characters, as sent
  std::string request_sha256;
};

// nullopt where the request has no such header; a problem where it has a bad one.
result<std::optional<key>> read(const context& c, const endpoint& e);

// For an endpoint that keeps its answers itself, because it does many requests in one transaction.
result<std::optional<key>> read(const context& c);

// What is stored of these keys, and when; queued. Rows: read_stored().
db::asked ask_stored(db::transaction& tx, const std::vector<const key*>& keys);
struct stored_answer {
  std::size_t position = 0; // in the keys asked for
  std::string request_sha256;
  std::string body;
  time_point created_at;
};
std::vector<stored_answer> read_stored(const db::rows& found);
// A key's answer counts for so long.
inline constexpr std::chrono::hours kept_for{24};

// The answers of many requests, all 201 and JSON; queued, to go out with the commit. outdated: keys whose
// stored answer counts no more. Keys that another transaction has stored meanwhile violate
// idempotency_key_pkey.
struct kept_answer {
  const key* of;
  std::string_view body;
};
void store_all(db::transaction& tx, const std::vector<kept_answer>& answers,
               const std::vector<const key*>& outdated, time_point now);

// The first thing in the transaction (the one lock order begins with it). Waits, up to lock_timeout, while
// another transaction holds the key. The stored answer, or nullopt: the key is ours now.
awaitable<result<std::optional<encoded_answer>>> claim(db::transaction& tx, const key& k, time_point now);

// The last: goes out with the commit.
void store(db::transaction& tx, const key& k, const encoded_answer& answer);

// Keys made before that time; for the schedule.
awaitable<> delete_old(db::session db, time_point before);

} // namespace nexus::api::idempotency
