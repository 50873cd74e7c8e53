// The books of refunds. Each of these runs in the caller's transaction and takes, in this order: the
// attempt's advisory lock, variants and the order (in orders), the payment's row.
#pragma once

#include "payments/refund.hpp"
#include "payments/settle.hpp"

namespace nexus::payments {

inline constexpr error_kind payment_not_captured{"payment_not_captured", 409, "No money was taken"};
inline constexpr error_kind refund_exceeds_captured{"refund_exceeds_captured", 409,
                                                    "More would go back than was taken"};

struct refund_wish {
  std::optional<money> amount; // none: all that is left
  std::string reason;
  refund_origin origin = refund_origin::staff;
  std::optional<std::int64_t> by;
  std::vector<orders::returned_pieces> restock;
};

// Reserves the money and stores the intent; the task that tells the provider is enqueued with it. Refuses
// with not_found, payment_not_captured, refund_exceeds_captured, validation_error, or as orders::take_back
// does.
awaitable<result<refund>> open_refund(db::transaction& tx, const till& t, std::string tx_ref,
                                      refund_wish wish, time_point now);

// The order was cancelled after it was paid: each of its payments is refund_required, and a refund of all
// that is left is opened. Locks one attempt after the other, by tx_ref.
awaitable<> open_refunds_of_order(db::session db, const till& t, uuid order_id, time_point now);

// A payment whose locks the caller holds, in the state that `a` shows, has become refund_required: opens the
// refund of all of it where the shop is configured so.
void open_automatic_refund(db::transaction& tx, const till& t, const attempt& a, const money& captured,
                           time_point now);

// The provider gave back what is not yet reserved of a settled attempt, without us (refunded or reversed
// there). The caller holds the attempt's advisory lock alone.
awaitable<> book_gone_back(db::transaction& tx, const till& t, attempt a, std::string reason, time_point now);

// Applies what the provider says of a refund; answers it as it is then.
awaitable<refund> move_refund(db::transaction& tx, const till& t, uuid id, refund_news news,
                              std::string detail, time_point now);

} // namespace nexus::payments
