// A few of Ethiopia's banks, with Chapa's ids of them.
#pragma once

#include <boost/json/array.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace nexus::chapa {

struct bank {
  std::int64_t id;
  std::string_view swift, name;
  std::int64_t account_digits;
  bool mobile_money;
};

const bank* find_bank(std::int64_t id); // nullptr where there is none
// As GET /banks has them.
boost::json::array banks();

} // namespace nexus::chapa
