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

// The first thing in the transaction (the one lock order begins with it). Waits, up to lock_timeout, while
// another transaction holds the key. The stored answer, or nullopt: the key is ours now.
awaitable<result<std::optional<encoded_answer>>> claim(db::transaction& tx, const key& k, time_point now);

// The last: goes out with the commit.
void store(db::transaction& tx, const key& k, const encoded_answer& answer);

// Keys made before that time; for the schedule.
awaitable<> delete_old(db::session db, time_point before);

} // namespace nexus::api::idempotency
