#include "orders/orders.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nexus::orders {
namespace {

// Every state × event, once more and by hand: what the table must say.
// "-" nothing to do, "!code" a refusal, else the new state and its effect on the stock.
constexpr const char* expected[7][7] = {
    {"completed", "expired release", "cancelled release", "!order_not_paid", "!order_not_paid",
     "!order_not_paid", "cancelled release"},
    {"-", "-", "!order_already_paid", "shipped leave", "!order_not_shipped", "refunded release",
     "cancelled release"},
    {"-", "-", "!order_already_shipped", "-", "delivered", "refunded", "!order_already_shipped"},
    {"-", "-", "!order_already_shipped", "-", "-", "refunded", "!order_already_shipped"},
    {"completed take_again", "-", "!order_expired", "!order_expired", "!order_expired", "!order_not_paid",
     "!order_expired"},
    {"!order_cancelled", "-", "-", "!order_cancelled", "!order_cancelled", "refunded", "-"},
    {"!order_refunded", "-", "!order_refunded", "!order_refunded", "!order_refunded", "-", "!order_refunded"},
};

std::string in_words(const transition& t) {
  constexpr std::string_view effects[] = {"", " release", " take_again", " leave"};
  if (t.to)
    return std::string(json::name_of(*t.to)) + std::string(effects[static_cast<std::size_t>(t.stock)]);
  return t.refusal == nullptr ? "-" : "!" + std::string(t.refusal->code);
}

TEST(OrderLife, EveryStateAndEvent) {
  for (std::size_t from = 0; from < 7; ++from)
    for (std::size_t event = 0; event < 7; ++event)
      EXPECT_EQ(in_words(next(static_cast<order_status>(from), static_cast<order_event>(event))),
                expected[from][event])
          << json::name_of(static_cast<order_status>(from)) << " × "
          << json::name_of(static_cast<order_event>(event));
}

TEST(OrderLife, StockIsFreedOnlyOnceOnEveryPath) {
  // From any state, after an event that frees the stock no further event frees or ships it, unless it was
  // taken again.
  for (std::size_t from = 0; from < 7; ++from)
    for (std::size_t first = 0; first < 7; ++first) {
      const auto t = next(static_cast<order_status>(from), static_cast<order_event>(first));
      if (!t.to || t.stock != stock_effect::release)
        continue;
      for (std::size_t second = 0; second < 7; ++second) {
        const auto u = next(*t.to, static_cast<order_event>(second));
        EXPECT_NE(u.stock, stock_effect::release);
        EXPECT_NE(u.stock, stock_effect::leave);
      }
    }
}

// Whatever happens to an order in whatever sequence: it holds its pieces exactly while it is pending or
// completed, and they leave the house exactly once, as it is shipped.
RC_GTEST_PROP(OrderLifeProperty, HoldsItsPiecesWhileItLives, ()) {
  const auto events = *rc::gen::container<std::vector<int>>(rc::gen::resize(100, rc::gen::inRange(0, 7)));
  order_status status = order_status::pending;
  int held = 1, gone = 0;
  for (const int event : events) {
    const transition t = next(status, static_cast<order_event>(event));
    RC_ASSERT(t.to.has_value() || t.stock == stock_effect::none);
    if (!t.to)
      continue;
    RC_ASSERT(*t.to != status);
    status = *t.to;
    held += t.stock == stock_effect::take_again ? 1 : 0;
    held -= t.stock == stock_effect::release || t.stock == stock_effect::leave ? 1 : 0;
    gone += t.stock == stock_effect::leave ? 1 : 0;
    const bool lives = status == order_status::pending || status == order_status::completed;
    RC_ASSERT(held == (lives ? 1 : 0));
    RC_ASSERT(gone <= 1);
    RC_ASSERT((status != order_status::shipped && status != order_status::delivered) || gone == 1);
  }
}

TEST(OrderLife, WhatPaymentsSayAfterMoneyWentBack) {
  using enum order_status;
  const struct {
    order_status status;
    std::int64_t paid, refunded;
    payment_status expected;
  } rows[] = {
      {completed, 100, 100, payment_status::refunded},
      {completed, 100, 1, payment_status::partially_refunded},
      {completed, 200, 100, payment_status::success}, // it was paid twice, and one of them went back
      {completed, 200, 99, payment_status::success},
      {completed, 200, 101, payment_status::partially_refunded},
      {shipped, 100, 30, payment_status::partially_refunded},
      {delivered, 100, 100, payment_status::refunded},
      {cancelled, 100, 30, payment_status::refund_required},
      {cancelled, 100, 100, payment_status::refunded},
      {expired, 100, 1, payment_status::refund_required},
      {expired, 100, 100, payment_status::refunded},
      {pending, 99, 1, payment_status::refund_required},
      {pending, 99, 99, payment_status::refunded},
  };
  for (const auto& r : rows)
    EXPECT_EQ(payment_after_refund(r.status, 100, r.paid, r.refunded), r.expected)
        << json::name_of(r.status) << " " << r.paid << " " << r.refunded;
}

} // namespace
} // namespace nexus::orders
