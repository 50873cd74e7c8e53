#include "orders/order.hpp"

#include "orders/orders.hpp"

namespace nexus::orders {

namespace {

constexpr transition to(order_status s, stock_effect e = stock_effect::none) { return {s, e, nullptr}; }
constexpr transition no(const error_kind& why) { return {std::nullopt, stock_effect::none, &why}; }
constexpr transition done() { return {}; } // it is so already

using enum order_status;
using enum stock_effect;

// Rows: the state it is in. Columns: complete, expire, cancel, ship, deliver, refund.
//  - An unpaid order gives its stock back when it expires or is cancelled.
//  - An expired one that is paid after all takes its stock again, if it is there.
//  - Pieces leave the house when the order is shipped.
//  - Refunding what has not left the house frees it.
constexpr transition table[7][6] = {
    /* pending   */ {to(completed), to(expired, release), to(cancelled, release), no(order_not_paid),
                     no(order_not_paid), no(order_not_paid)},
    /* completed */
    {done(), done(), no(order_already_paid), to(shipped, leave), no(order_not_shipped),
     to(refunded, release)},
    /* shipped   */ {done(), done(), no(order_already_shipped), done(), to(delivered), to(refunded)},
    /* delivered */ {done(), done(), no(order_already_shipped), done(), done(), to(refunded)},
    /* expired   */
    {to(completed, take_again), done(), no(order_expired), no(order_expired), no(order_expired),
     no(order_not_paid)},
    /* cancelled */
    {no(order_cancelled), done(), done(), no(order_cancelled), no(order_cancelled), no(order_not_paid)},
    /* refunded  */
    {no(order_refunded), done(), no(order_refunded), no(order_refunded), no(order_refunded), done()},
};

} // namespace

transition next(order_status from, order_event event) {
  return table[static_cast<std::size_t>(from)][static_cast<std::size_t>(event)];
}

} // namespace nexus::orders
