// What was asked and told about each transaction, and what struck it: for the page and the control API. In
// memory alone, the newest.
#pragma once

#include "core/clock.hpp"
#include "simulator/faults.hpp"

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::chapa {

class witness {
public:
  struct sighting {
    time_point at;
    std::string what; // "verify answered 200 (status_500)"
  };
  struct tally {
    std::int64_t calls = 0, struck = 0;
  };

  // tx_ref: empty where the call named none.
  void see(moment m, const std::string& tx_ref, bool is_struck, std::string what, time_point at);

  // Of what is not a call.
  void note(const std::string& tx_ref, std::string what, time_point at);

  [[nodiscard]] std::vector<sighting> of(std::string_view tx_ref) const;
  [[nodiscard]] const std::array<tally, moment_names.size()>& tallies() const { return tallies_; }

private:
  std::array<tally, moment_names.size()> tallies_;
  std::map<std::string, std::deque<sighting>, std::less<>> seen_;
  std::deque<std::string> order_; // of seen_, oldest first
};

} // namespace nexus::chapa
