#include "pricing/proportion.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace nexus::pricing {
namespace {

using amounts = std::vector<std::int64_t>;
__extension__ using wide = __int128;

TEST(Proportion, RoundsHalfUp) {
  EXPECT_EQ(proportion(100, 1'500, 10'000), 15);
  EXPECT_EQ(proportion(110, 1'500, 10'000), 17) << "16.5";
  EXPECT_EQ(proportion(109, 1'500, 10'000), 16) << "16.35";
  EXPECT_EQ(proportion(1, 5'000, 10'000), 1) << "0.5";
  EXPECT_EQ(proportion(0, 5'000, 10'000), 0);
  EXPECT_EQ(proportion(std::int64_t{1} << 62, 10'000, 10'000), std::int64_t{1} << 62);
}

TEST(Split, GivesTheRestToThoseThatLostMost) {
  EXPECT_EQ(split(100, amounts{1, 1, 1}), (amounts{34, 33, 33}));
  EXPECT_EQ(split(10, amounts{5, 3, 1}), (amounts{6, 3, 1})) << "5.56, 3.33, 1.11";
  EXPECT_EQ(split(7, amounts{0, 2, 0}), (amounts{0, 7, 0}));
  EXPECT_EQ(split(0, amounts{0, 0}), (amounts{0, 0}));
  EXPECT_EQ(split(1, amounts{3, 5, 4}), (amounts{0, 1, 0}));
}

rc::Gen<std::int64_t> amount() {
  return rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 50),
                        rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 50));
}

RC_GTEST_PROP(SplitProperty, AllIsGivenOutAndNobodyIsOffByOne, ()) {
  const auto weights = *rc::gen::container<amounts>(amount());
  const std::int64_t sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  const std::int64_t whole =
      sum == 0 ? 0 : *rc::gen::oneOf(amount(), rc::gen::inRange<std::int64_t>(0, sum + 1));
  const amounts parts = split(whole, weights);
  RC_ASSERT(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) == whole);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    // |part − whole × weight ÷ sum| < 1, without a division
    const wide off = wide{parts[i]} * sum - wide{whole} * weights[i];
    RC_ASSERT(sum == 0 || (off < sum && -off < sum));
    RC_ASSERT(weights[i] != 0 || parts[i] == 0);
    if (whole <= sum)
      RC_ASSERT(parts[i] <= weights[i]);
  }
}

RC_GTEST_PROP(SplitProperty, ALargerWeightNeverGetsLess, ()) {
  const auto weights =
      *rc::gen::nonEmpty(rc::gen::container<amounts>(rc::gen::inRange<std::int64_t>(1, 1'000)));
  const amounts parts = split(*rc::gen::inRange<std::int64_t>(0, 100'000), weights);
  for (std::size_t i = 0; i < weights.size(); ++i)
    for (std::size_t k = 0; k < weights.size(); ++k)
      if (weights[i] > weights[k])
        RC_ASSERT(parts[i] >= parts[k]);
}

} // namespace
} // namespace nexus::pricing
