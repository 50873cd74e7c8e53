// Looks after what is not settled, though nobody calls: webhooks and callbacks may all be lost, and we may
// have been away.
#pragma once

#include "payments/settle.hpp"

namespace nexus::payments {

// One round, bounded in time: every attempt, refund and unknown reference that is due, the longest due first,
// in batches of which some run at once. An attempt is asked for until it is settled, or its session and a
// while after it are over; then it is closed at the provider and here. Each is put off before it is asked
// for, so many nodes may do this at once, and one that dies over it loses nothing.
awaitable<> reconcile(db::session db, const till& t, const clock& clock);

} // namespace nexus::payments
