// What a batch of accepted orders writes, set by set.
#pragma once

#include "orders/placement.hpp"

namespace nexus::orders {

struct batch_writes {
  std::vector<order> orders;
  std::vector<uuid> carts; // they have become those
  std::vector<api::idempotency::kept_answer> answers;
  std::vector<const api::idempotency::key*> outdated_keys;
  std::vector<pricing::use> uses; // of promotions
};

// Queued, to go out with the commit: orders, lines, what is held and its ledger, the carts' end, tasks,
// answers.
void write(db::transaction& tx, const tasks::outbox& outbox, const batch_writes& w, time_point now);

} // namespace nexus::orders
