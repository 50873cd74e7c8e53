// A refund on its way to the provider and through it: one step at a time, again until it is final.
#pragma once

#include "payments/refund_book.hpp"

namespace nexus::payments {

// Tells the provider of a refund that it has not heard of, asks what became of one that it may have; books
// what it says. No transaction is open while we talk. Safe to call at any time, by anybody, at once: what the
// provider may have heard is asked for before it is told again, under the same reference, and only when it
// does not know it. Answers the refund as it is then; nullopt where there is none.
awaitable<std::optional<refund>> look_after_refund(db::session db, const till& t, uuid id,
                                                   const clock& clock);

} // namespace nexus::payments
