// What the provider's word does to an attempt: a pure function, tested as a table.
#pragma once

#include "payments/attempt.hpp"
#include "payments/provider.hpp"

#include <array>
#include <string>
#include <string_view>

namespace nexus::payments {

enum class effect {
  stay,            // nothing changes; reason is not empty where somebody should look
  complete,        // the order is paid by `captured`
  refund_required, // `captured` came and must go back
  fail,
  cancel,
  gone_back, // of a settled attempt: what no refund of ours has reserved went back without us
};
constexpr std::array<std::string_view, 6> enum_names(effect) {
  return {"stay", "complete", "refund_required", "fail", "cancel", "gone_back"};
}

struct decision {
  payments::effect effect = effect::stay;
  money captured = {};
  std::string reason = {};
};

// live: whether the shop sells for real money.
decision decide(const attempt& a, const charge& said, bool live);

} // namespace nexus::payments
