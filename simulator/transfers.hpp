// Money that a merchant sends out: queued, and paid out a step later. In memory alone; no I/O, the time is
// given.
#pragma once

#include "core/clock.hpp"
#include "core/money.hpp"
#include "simulator/banks.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::chapa {

struct transfer {
  std::string account_name, account_number;
  money amount;
  std::string reference; // the merchant's, unique
  std::string chapa_reference;
  std::int64_t bank_code = 0;
  std::optional<std::int64_t> batch; // of a bulk transfer
  time_point created_at;
};

class transfers {
public:
  static constexpr std::chrono::milliseconds step{500}; // from pending to success

  // Queues them all, or none: then it says whose reference has been used before.
  std::optional<std::string> queue(std::vector<transfer> all);
  std::int64_t new_batch() { return ++last_batch_; }

  [[nodiscard]] const transfer* find(std::string_view reference) const;
  // Newest first; of that batch alone where one is given.
  [[nodiscard]] std::vector<const transfer*> all(std::optional<std::int64_t> batch) const;

private:
  std::deque<transfer> all_;
  std::map<std::string, const transfer*, std::less<>> by_reference_;
  std::int64_t last_batch_ = 0;
};

} // namespace nexus::chapa
