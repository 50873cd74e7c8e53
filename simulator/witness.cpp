#include "simulator/witness.hpp"

namespace nexus::chapa {

namespace {

constexpr std::size_t most_transactions = 2'000, most_sightings = 100;

} // namespace

void witness::see(moment m, const std::string& tx_ref, bool is_struck, std::string what, time_point at) {
  tally& count = tallies_[static_cast<std::size_t>(m)];
  ++count.calls;
  count.struck += is_struck ? 1 : 0;
  if (!tx_ref.empty())
    note(tx_ref, std::move(what), at);
}

void witness::note(const std::string& tx_ref, std::string what, time_point at) {
  auto [found, is_new] = seen_.try_emplace(tx_ref);
  if (is_new) {
    order_.push_back(tx_ref);
    if (order_.size() > most_transactions) {
      seen_.erase(order_.front());
      order_.pop_front();
    }
  }
  auto& sightings = found->second;
  sightings.push_back({at, std::move(what)});
  if (sightings.size() > most_sightings)
    sightings.pop_front();
}

std::vector<witness::sighting> witness::of(std::string_view tx_ref) const {
  const auto found = seen_.find(tx_ref);
  if (found == seen_.end())
    return {};
  return {found->second.begin(), found->second.end()};
}

} // namespace nexus::chapa
