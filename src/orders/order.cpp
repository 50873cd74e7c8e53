#include "orders/order.hpp"

#include "orders/orders.hpp"

namespace nexus::orders {

namespace {

constexpr transition to(order_status s, stock_effect e = stock_effect::none) { return {s, e, nullptr}; }
constexpr transition no(const error_kind& why) { return {std::nullopt, stock_effect::none, &why}; }
constexpr transition done() { return {}; } // it is so already

using enum order_status;
using enum stock_effect;

// Rows: the state it is in. Columns: complete, expire, cancel, ship, deliver, refund, withdraw.
//  - An unpaid order gives its stock back when it expires or is cancelled.
//  - An expired one that is paid after all takes its stock again, if it is there.
//  - Pieces leave the house when the order is shipped.
//  - Refunding what has not left the house frees it. So does withdrawing it: it is cancelled until its money
//  is
//    back, then refunded.
constexpr transition table[7][7] = {
    /* pending   */ {to(completed), to(expired, release), to(cancelled, release), no(order_not_paid),
                     no(order_not_paid), no(order_not_paid), to(cancelled, release)},
    /* completed */
    {done(), done(), no(order_already_paid), to(shipped, leave), no(order_not_shipped), to(refunded, release),
     to(cancelled, release)},
    /* shipped   */
    {done(), done(), no(order_already_shipped), done(), to(delivered), to(refunded),
     no(order_already_shipped)},
    /* delivered */
    {done(), done(), no(order_already_shipped), done(), done(), to(refunded), no(order_already_shipped)},
    /* expired   */
    {to(completed, take_again), done(), no(order_expired), no(order_expired), no(order_expired),
     no(order_not_paid), no(order_expired)},
    /* cancelled */
    {no(order_cancelled), done(), done(), no(order_cancelled), no(order_cancelled), to(refunded), done()},
    /* refunded  */
    {no(order_refunded), done(), no(order_refunded), no(order_refunded), no(order_refunded), done(),
     no(order_refunded)},
};

} // namespace

transition next(order_status from, order_event event) {
  return table[static_cast<std::size_t>(from)][static_cast<std::size_t>(event)];
}

payment_status payment_after_refund(order_status s, std::int64_t total, std::int64_t paid,
                                    std::int64_t refunded) {
  const std::int64_t left = paid - refunded;
  if (left == 0)
    return payment_status::refunded;
  if (s != completed && s != shipped && s != delivered)
    return payment_status::refund_required;
  return left >= total ? payment_status::success : payment_status::partially_refunded;
}

} // namespace nexus::orders
