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

int narrowed(std::int64_t pieces) {
  return static_cast<int>(std::clamp<std::int64_t>(pieces, 0, std::numeric_limits<int>::max()));
}

// The tightest bound, and how many pieces it leaves.
struct room {
  int pieces = 0;
  bound by = bound::stock;
};
room room_for(const inventory::level* level, const purchases& before) {
  if (level == nullptr)
    return {};
  room out{level->available(), bound::stock};
  const auto tighten = [&](std::int64_t pieces, bound by) {
    if (pieces < out.pieces)
      out = {narrowed(pieces), by};
  };
  if (level->max_per_order)
    tighten(*level->max_per_order, bound::per_order);
  if (level->max_per_customer) {
    const auto had = before.find(level->variant_id);
    tighten(*level->max_per_customer - (had == before.end() ? 0 : had->second), bound::per_customer);
  }
  return out;
}

} // namespace

decision allocate(std::span<inventory::level> stock, const std::vector<wanted_line>& lines,
                  const purchases& before) {
  decision short_of;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const room left = room_for(find(stock, lines[i].variant_id), before);
    const std::int64_t wanted = wanted_of(lines, lines[i].variant_id);
    if (wanted > left.pieces)
      short_of.push_back({i, lines[i].variant_id, narrowed(wanted), left.pieces, left.by});
  }
  if (short_of.empty())
    for (const wanted_line& line : lines)
      find(stock, line.variant_id)->reserved += line.quantity;
  return short_of;
}

std::vector<decision> allocate(std::span<inventory::level> stock,
                               std::span<const std::vector<wanted_line>> orders) {
  std::vector<decision> decisions;
  decisions.reserve(orders.size());
  for (const auto& lines : orders)
    decisions.push_back(allocate(stock, lines));
  return decisions;
}

} // namespace nexus::orders
