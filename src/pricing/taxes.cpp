// The tax of a rate is made of the sum of all that it applies to, once an order, and split over the lines: so
// the figure is the one that an accountant finds on the invoice, and the lines still add up to it.
#include "pricing/goods.hpp"
#include "pricing/proportion.hpp"

#include <numeric>

namespace nexus::pricing {

namespace {

const tax_rate* standard_rate(const basket& b, std::span<const tax_rate> rates) {
  for (const tax_rate& r : rates)
    if (r.country == b.country && !r.category_id)
      return &r;
  return nullptr;
}

// The nearest category with a rate decides; of two that are equally near the higher rate.
const tax_rate* rate_of(const basket& b, const basket_line& line, std::span<const tax_rate> rates) {
  const tax_rate* best = nullptr;
  int nearest = 0;
  for (const tax_rate& r : rates) {
    if (r.country != b.country || !r.category_id)
      continue;
    for (const category& c : line.categories) {
      if (c.id != *r.category_id)
        continue;
      const bool better = best == nullptr || c.distance < nearest ||
                          (c.distance == nearest &&
                           std::pair(r.basis_points, -r.id) > std::pair(best->basis_points, -best->id));
      if (better) {
        best = &r;
        nearest = c.distance;
      }
    }
  }
  return best != nullptr ? best : standard_rate(b, rates);
}

} // namespace

std::vector<taxed> tax(const basket& b, const goods& of, std::int64_t shipping,
                       std::span<const tax_rate> rates) {
  std::vector<const tax_rate*> rate_of_part;
  for (const good& g : of)
    rate_of_part.push_back(rate_of(b, *g.line, rates));
  rate_of_part.push_back(standard_rate(b, rates));
  std::vector<taxed> out;
  for (const tax_rate& r : rates) {
    std::vector<std::int64_t> weights(of.size() + 1, 0);
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (rate_of_part[i] == &r)
        weights[i] = i < of.size() ? of[i].left : shipping;
    const std::int64_t base = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    const std::int64_t amount =
        proportion(base, r.basis_points, r.is_included ? 10'000 + r.basis_points : 10'000);
    if (amount > 0)
      out.push_back({&r, split(amount, weights)});
  }
  return out;
}

} // namespace nexus::pricing
