#include "orders/allocation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nexus::orders {
namespace {

using stock = std::vector<inventory::level>;

TEST(Allocate, NamesEveryLineThatIsShort) {
  stock levels{{1, 5, 0}, {2, 5, 4}, {3, 1, 0}};
  const std::vector<std::vector<wanted_line>> orders{{{1, 5}, {2, 2}, {3, 2}, {9, 1}}};
  const auto decisions = allocate(levels, orders);
  ASSERT_EQ(decisions[0].size(), 3U);
  EXPECT_EQ(decisions[0][0].variant_id, 2);
  EXPECT_EQ(decisions[0][0].requested, 2);
  EXPECT_EQ(decisions[0][0].available, 1);
  EXPECT_EQ(decisions[0][2].variant_id, 9);
  EXPECT_EQ(decisions[0][2].available, 0);
  EXPECT_EQ(levels[0].reserved, 0) << "all or nothing";
}

TEST(Allocate, ServesASmallOrderBehindOneTooLarge) {
  stock levels{{1, 3, 0}};
  const std::vector<std::vector<wanted_line>> orders{{{1, 2}}, {{1, 2}}, {{1, 1}}};
  const auto decisions = allocate(levels, orders);
  EXPECT_TRUE(decisions[0].empty());
  EXPECT_FALSE(decisions[1].empty());
  EXPECT_TRUE(decisions[2].empty());
  EXPECT_EQ(levels[0].reserved, 3);
}

TEST(Allocate, JudgesLinesOfOneVariantByTheirSum) {
  stock levels{{1, 3, 0}};
  const std::vector<std::vector<wanted_line>> orders{{{1, 2}, {1, 2}}};
  EXPECT_EQ(allocate(levels, orders)[0].size(), 2U);
  EXPECT_EQ(levels[0].reserved, 0);
}

TEST(Allocate, DoesNotOverflow) {
  stock levels{{1, std::numeric_limits<int>::max(), 0}};
  const int most = std::numeric_limits<int>::max();
  const std::vector<std::vector<wanted_line>> orders{{{1, most}, {1, most}}};
  EXPECT_FALSE(allocate(levels, orders)[0].empty());
}

RC_GTEST_PROP(AllocateProperty, NeverMoreThanThereIsAndFirstComeFirstServed, ()) {
  stock levels;
  for (std::int64_t id = 1; id <= 4; ++id) {
    const int on_hand = *rc::gen::inRange(0, 12);
    levels.push_back({id, on_hand, *rc::gen::inRange(0, on_hand + 1)});
  }
  const stock before = levels;
  std::vector<std::vector<wanted_line>> orders(static_cast<std::size_t>(*rc::gen::inRange(0, 12)));
  for (auto& lines : orders)
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i)
      lines.push_back({*rc::gen::inRange<std::int64_t>(1, 6), *rc::gen::inRange(1, 5)});
  const auto decisions = allocate(levels, orders);

  // The same by the plainest reading of the rule: one after the other, each all or nothing.
  std::map<std::int64_t, int> left;
  for (const auto& level : before)
    left[level.variant_id] = level.available();
  for (std::size_t i = 0; i < orders.size(); ++i) {
    std::map<std::int64_t, int> wants;
    for (const wanted_line& line : orders[i])
      wants[line.variant_id] += line.quantity;
    const bool fits = std::all_of(wants.begin(), wants.end(), [&](const auto& w) {
      return left.contains(w.first) && w.second <= left[w.first];
    });
    RC_ASSERT(decisions[i].empty() == fits);
    if (fits)
      for (const auto& [id, quantity] : wants)
        left[id] -= quantity;
  }
  for (const auto& level : levels) {
    RC_ASSERT(level.reserved >= 0 && level.reserved <= level.on_hand);
    RC_ASSERT(level.available() == left[level.variant_id]);
  }
}

// Limits by order and by customer beside the stock: the tightest bound counts, and what a customer has had
// before counts only where there is a limit for customers.
RC_GTEST_PROP(AllocateProperty, KeepsWithinEveryBound, ()) {
  const auto any = [](int from, int until) { return *rc::gen::resize(100, rc::gen::inRange(from, until)); };
  stock levels;
  for (std::int64_t id = 1; id <= 4; ++id) {
    const int on_hand = any(0, 30);
    inventory::level l{id, on_hand, any(0, on_hand + 1)};
    if (any(0, 2) == 0)
      l.max_per_order = any(1, 6);
    if (any(0, 2) == 0)
      l.max_per_customer = any(1, 9);
    levels.push_back(l);
  }
  std::map<int, purchases> had; // by customer
  for (int n = any(1, 25); n > 0; --n) {
    const int customer = any(0, 3);
    std::vector<wanted_line> lines;
    std::map<std::int64_t, int> wants;
    for (int i = any(1, 5); i > 0; --i) {
      lines.push_back({any(1, 6), any(1, 4)});
      wants[lines.back().variant_id] += lines.back().quantity;
    }
    const stock before = levels;
    const decision d = allocate(levels, lines, had[customer]);
    std::vector<std::size_t> short_of;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::int64_t id = lines[i].variant_id;
      const bool is_known = id <= 4;
      const inventory::level l = is_known ? before[static_cast<std::size_t>(id - 1)] : inventory::level{};
      const int wanted = wants[id];
      const bool fits = is_known && wanted <= l.available() &&
                        (!l.max_per_order || wanted <= *l.max_per_order) &&
                        (!l.max_per_customer || wanted + had[customer][id] <= *l.max_per_customer);
      if (!fits)
        short_of.push_back(i);
    }
    RC_ASSERT(d.size() == short_of.size());
    for (std::size_t i = 0; i < d.size(); ++i) {
      RC_ASSERT(d[i].line == short_of[i]);
      RC_ASSERT(d[i].requested == wants[d[i].variant_id]);
      RC_ASSERT(d[i].available >= 0 && d[i].available < d[i].requested);
    }
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const int taken = d.empty() && wants.contains(levels[i].variant_id) ? wants[levels[i].variant_id] : 0;
      RC_ASSERT(levels[i].reserved == before[i].reserved + taken);
      RC_ASSERT(levels[i].reserved <= levels[i].on_hand);
    }
    if (d.empty())
      for (const auto& [id, quantity] : wants)
        had[customer][id] += quantity;
  }
}

} // namespace
} // namespace nexus::orders
