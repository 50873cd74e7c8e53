#include "simulator/transfers.hpp"

#include <set>

namespace nexus::chapa {

std::optional<std::string> transfers::queue(std::vector<transfer> all) {
  std::set<std::string_view> here;
  for (const transfer& each : all)
    if (by_reference_.contains(each.reference) || !here.insert(each.reference).second)
      return each.reference;
  for (transfer& each : all) {
    const transfer& kept = all_.emplace_back(std::move(each));
    by_reference_.emplace(kept.reference, &kept);
  }
  return std::nullopt;
}

const transfer* transfers::find(std::string_view reference) const {
  const auto found = by_reference_.find(reference);
  return found == by_reference_.end() ? nullptr : found->second;
}

std::vector<const transfer*> transfers::all(std::optional<std::int64_t> batch) const {
  std::vector<const transfer*> out;
  for (auto each = all_.rbegin(); each != all_.rend(); ++each)
    if (!batch || each->batch == batch)
      out.push_back(&*each);
  return out;
}

} // namespace nexus::chapa
