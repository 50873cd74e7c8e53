#include "orders/refusals.hpp"

namespace nexus::orders {

namespace {

std::string words_of(const shortage& s) {
  switch (s.by) {
  case bound::per_order:
    return fmt::format("At most {} of it in one order.", s.available);
  case bound::per_customer:
    return s.available == 0 ? std::string("You have ordered all of it that one may.")
                            : fmt::format("You may order {} more of it.", s.available);
  case bound::stock:
    break;
  }
  return s.available == 0 ? std::string("It is sold out.") : fmt::format("Only {} left.", s.available);
}

} // namespace

problem short_of_stock(const decision& shortages, const std::vector<order_line>& lines) {
  const bool is_short =
      std::any_of(shortages.begin(), shortages.end(), [](const shortage& s) { return s.by == bound::stock; });
  problem p(is_short ? inventory::insufficient_stock : purchase_limit_exceeded,
            "Not everything can be had in these quantities; nothing was changed.");
  for (const shortage& s : shortages)
    p.errors.push_back(
        {fmt::format("/items/{}/quantity", s.line),
         std::string((s.by == bound::stock ? inventory::insufficient_stock : purchase_limit_exceeded).code),
         words_of(s),
         {{"variant_id", s.variant_id},
          {"sku", lines[s.line].sku},
          {"requested", std::int64_t{s.requested}},
          {"available", std::int64_t{s.available}}}});
  return p;
}

problem total_has_changed(const decimal& expected, const money& total) {
  problem p(total_changed, "Prices have changed since the cart was shown: the order would come to " +
                               to_string(total) + " " + std::string(total.currency.code()) + ".");
  if (const auto amount = money::from(expected, total.currency))
    p.members.push_back({"expected_total", to_string(*amount)});
  p.members.push_back({"total", to_string(total)});
  p.members.push_back({"currency", std::string(total.currency.code())});
  return p;
}

problem key_reused() { return {errors::idempotency_key_reused, "Take a new key for a new request."}; }

} // namespace nexus::orders
