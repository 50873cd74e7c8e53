#include "orders/allocation.hpp"

namespace nexus::orders {

namespace {

inventory::level* find(std::span<inventory::level> stock, std::int64_t variant_id) {
  const auto at =
      std::lower_bound(stock.begin(), stock.end(), variant_id,
                       [](const inventory::level& l, std::int64_t id) { return l.variant_id < id; });
  return at != stock.end() && at->variant_id == variant_id ? &*at : nullptr;
}

// What the order wants of a variant by all its lines; int64 since a hostile sum may not fit an int.
std::int64_t wanted_of(const std::vector<wanted_line>& lines, std::int64_t variant_id) {
  std::int64_t sum = 0;
  for (const wanted_line& line : lines)
    if (line.variant_id == variant_id)
      sum += line.quantity;
  return sum;
}

decision decide(std::span<inventory::level> stock, const std::vector<wanted_line>& lines) {
  decision short_of;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const inventory::level* level = find(stock, lines[i].variant_id);
    const int available = level == nullptr ? 0 : level->available();
    const std::int64_t wanted = wanted_of(lines, lines[i].variant_id);
    if (wanted > available)
      short_of.push_back({i, lines[i].variant_id,
                          static_cast<int>(std::min<std::int64_t>(wanted, std::numeric_limits<int>::max())),
                          available});
  }
  return short_of;
}

} // namespace

std::vector<decision> allocate(std::span<inventory::level> stock,
                               std::span<const std::vector<wanted_line>> orders) {
  std::vector<decision> decisions;
  decisions.reserve(orders.size());
  for (const auto& lines : orders) {
    decisions.push_back(decide(stock, lines));
    if (decisions.back().empty())
      for (const wanted_line& line : lines)
        find(stock, line.variant_id)->reserved += line.quantity;
  }
  return decisions;
}

} // namespace nexus::orders
