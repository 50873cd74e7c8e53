#include "pricing/proportion.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace nexus::pricing {

namespace {
__extension__ using wide = __int128; // a product of two amounts
} // namespace

std::int64_t proportion(std::int64_t amount, std::int64_t part, std::int64_t whole) {
  assert(amount >= 0 && part >= 0 && whole > 0);
  return static_cast<std::int64_t>((wide{amount} * part * 2 + whole) / (wide{whole} * 2));
}

std::vector<std::int64_t> split(std::int64_t amount, std::span<const std::int64_t> weights) {
  std::vector<std::int64_t> parts(weights.size(), 0);
  const wide sum = std::accumulate(weights.begin(), weights.end(), wide{0});
  assert(amount == 0 || sum > 0);
  if (amount == 0 || sum == 0)
    return parts;
  std::vector<wide> lost(weights.size());
  std::int64_t given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const wide exact = wide{amount} * weights[i]; // in units of 1 / sum
    parts[i] = static_cast<std::int64_t>(exact / sum);
    lost[i] = exact % sum;
    given += parts[i];
  }
  std::vector<std::size_t> by_loss(weights.size());
  std::iota(by_loss.begin(), by_loss.end(), std::size_t{0});
  std::sort(by_loss.begin(), by_loss.end(),
            [&](std::size_t a, std::size_t b) { return lost[a] != lost[b] ? lost[a] > lost[b] : a < b; });
  for (std::size_t i = 0; given < amount; ++i, ++given)
    ++parts[by_loss[i]];
  return parts;
}

} // namespace nexus::pricing
