#include "payments/decide.hpp"

#include <gtest/gtest.h>

namespace nexus::payments {
namespace {

attempt at(attempt_status s) {
  attempt a;
  a.tx_ref = "r-1";
  a.amount = {40'000, currency::etb()};
  a.status = s;
  if (is_settled(s))
    a.captured = a.amount;
  a.refunded = s == attempt_status::refunded ? 40'000 : s == attempt_status::partially_refunded ? 10'000 : 0;
  a.refund_reserved = a.refunded;
  return a;
}

charge said(charge_state s) { return {s, "r-1", decimal::parse("400.00"), "ETB", "test", "AP1"}; }

// Every state of an attempt against everything that a provider can say, where what it says fits the attempt.
TEST(decide, every_state_against_every_word) {
  using A = attempt_status;
  using E = effect;
  // pending, success, failed, cancelled, refunded, reversed, unknown
  const std::map<A, std::array<E, 7>> table = {
      {A::pending, {E::stay, E::complete, E::fail, E::cancel, E::fail, E::fail, E::stay}},
      {A::failed, {E::stay, E::complete, E::stay, E::stay, E::stay, E::stay, E::stay}},
      {A::cancelled, {E::stay, E::complete, E::stay, E::stay, E::stay, E::stay, E::stay}},
      {A::success, {E::stay, E::stay, E::stay, E::stay, E::gone_back, E::gone_back, E::stay}},
      {A::refund_required, {E::stay, E::stay, E::stay, E::stay, E::gone_back, E::gone_back, E::stay}},
      {A::partially_refunded, {E::stay, E::stay, E::stay, E::stay, E::stay, E::gone_back, E::stay}},
      {A::refunded, {E::stay, E::stay, E::stay, E::stay, E::stay, E::stay, E::stay}},
  };
  ASSERT_EQ(table.size(), enum_names(A{}).size());
  for (const auto& [state, row] : table)
    for (std::size_t word = 0; word < row.size(); ++word) {
      const auto d = decide(at(state), said(static_cast<charge_state>(word)), false);
      EXPECT_EQ(json::name_of(d.effect), json::name_of(row[word]))
          << json::name_of(state) << " × " << enum_names(charge_state{})[word];
      if (d.effect == E::complete)
        EXPECT_EQ(d.captured, (money{40'000, currency::etb()}));
      else if (d.effect == E::gone_back)
        EXPECT_EQ(d.captured.minor, state == A::partially_refunded ? 30'000 : 40'000);
      else
        EXPECT_EQ(d.captured.minor, 0);
    }
}

struct success_row {
  const char* name;
  std::function<void(charge&)> twist;
  bool live;
  effect expected;
  std::int64_t captured;
  currency in = currency::etb();
};

TEST(decide, success_completes_only_what_was_asked_for) {
  using E = effect;
  const auto amount = [](const char* text) { return [text](charge& c) { c.amount = decimal::parse(text); }; };
  const std::vector<success_row> table = {
      {"as asked", [](charge&) {}, false, E::complete, 40'000},
      {"written otherwise", amount("400"), false, E::complete, 40'000},
      {"three digits", amount("400.000"), false, E::complete, 40'000},
      {"no mode", [](charge& c) { c.mode = ""; }, false, E::complete, 40'000},
      {"no mode, live", [](charge& c) { c.mode = ""; }, true, E::complete, 40'000},
      {"live in a live shop", [](charge& c) { c.mode = "live"; }, true, E::complete, 40'000},
      {"no reference of ours", [](charge& c) { c.tx_ref = ""; }, false, E::complete, 40'000},
      {"test in a live shop", [](charge&) {}, true, E::refund_required, 0},
      {"live in a test shop", [](charge& c) { c.mode = "live"; }, false, E::refund_required, 40'000},
      {"another reference", [](charge& c) { c.tx_ref = "r-2"; }, false, E::stay, 0},
      {"too little", amount("399.99"), false, E::refund_required, 39'999},
      {"too much", amount("400.01"), false, E::refund_required, 40'001},
      {"a hundredth of it", amount("4.00"), false, E::refund_required, 400},
      {"finer than money", amount("400.001"), false, E::refund_required, 40'000},
      {"nothing", amount("0"), false, E::refund_required, 0},
      {"less than nothing", amount("-400"), false, E::refund_required, 0},
      {"more than money holds", amount("999999999999999999"), false, E::refund_required, 0},
      {"dollars", [](charge& c) { c.currency = "USD"; }, false, E::refund_required, 40'000, currency::usd()},
      {"a currency nobody knows", [](charge& c) { c.currency = "XAU"; }, false, E::refund_required, 0},
      {"lower case", [](charge& c) { c.currency = "etb"; }, false, E::refund_required, 0},
      {"no amount", [](charge& c) { c.amount = std::nullopt; }, false, E::stay, 0},
      {"no currency", [](charge& c) { c.currency = ""; }, false, E::stay, 0},
  };
  for (const auto status : {attempt_status::pending, attempt_status::failed, attempt_status::cancelled})
    for (const auto& row : table) {
      charge c = said(charge_state::success);
      row.twist(c);
      const auto d = decide(at(status), c, row.live);
      EXPECT_EQ(json::name_of(d.effect), json::name_of(row.expected)) << row.name;
      EXPECT_EQ(d.captured, (money{row.captured, row.in})) << row.name;
      EXPECT_EQ(d.reason.empty(), row.expected == effect::complete)
          << row.name << ": a mismatch has its reason";
    }
}

TEST(decide, what_somebody_should_look_at_has_a_reason) {
  EXPECT_TRUE(decide(at(attempt_status::success), said(charge_state::success), false).reason.empty());
  EXPECT_FALSE(decide(at(attempt_status::success), said(charge_state::reversed), false).reason.empty());
  EXPECT_FALSE(decide(at(attempt_status::success), said(charge_state::failed), false).reason.empty());
  EXPECT_FALSE(
      decide(at(attempt_status::partially_refunded), said(charge_state::refunded), false).reason.empty());
  attempt on_its_way = at(attempt_status::refund_required);
  on_its_way.refund_reserved = 40'000;
  EXPECT_TRUE(decide(on_its_way, said(charge_state::refunded), false).reason.empty())
      << "it is our own refund";
  EXPECT_FALSE(decide(at(attempt_status::pending), said(charge_state::unknown), false).reason.empty());
  EXPECT_TRUE(decide(at(attempt_status::pending), said(charge_state::pending), false).reason.empty());
}

} // namespace
} // namespace nexus::payments
