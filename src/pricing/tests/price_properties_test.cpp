// What holds of every price, whatever the shop's rules are.
#include "pricing/price.hpp"
#include "pricing/proportion.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace nexus::pricing {
namespace {

const time_point noon = *parse_rfc3339("2026-03-01T12:00:00Z");

template <class T>
std::optional<T> maybe(T value) {
  return *rc::gen::arbitrary<bool>() ? std::optional(value) : std::nullopt;
}

std::vector<category> any_categories() {
  std::vector<category> out;
  for (std::int64_t id = 1; id <= 4; ++id)
    if (*rc::gen::arbitrary<bool>())
      out.push_back({id, *rc::gen::inRange(0, 3)});
  return out;
}

basket any_basket() {
  basket b;
  const int lines = *rc::gen::inRange(1, 7);
  for (int i = 0; i < lines; ++i)
    b.lines.push_back({i + 1, *rc::gen::inRange<std::int64_t>(1, 4), any_categories(),
                       *rc::gen::inRange(1, 9),
                       *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 10),
                                       rc::gen::inRange<std::int64_t>(0, 1'000'000'00)),
                       *rc::gen::inRange<std::int64_t>(0, 3'000)});
  b.country = "ET";
  b.customer = "user:1";
  b.now = noon;
  b.shipping_is_open = true;
  return b;
}

promotion any_promotion(std::int64_t id) {
  promotion p;
  p.id = id;
  p.name = "P" + std::to_string(id);
  p.kind = *rc::gen::arbitrary<bool>() ? promotion_kind::amount : promotion_kind::percentage;
  p.basis_points = p.kind == promotion_kind::percentage ? *rc::gen::inRange(1, 10'001) : 0;
  p.amount = p.kind == promotion_kind::amount ? *rc::gen::inRange<std::int64_t>(1, 2'000'000) : 0;
  p.applies_to = static_cast<promotion_target>(*rc::gen::inRange(0, 3));
  p.target_ids = {*rc::gen::inRange<std::int64_t>(1, 5), *rc::gen::inRange<std::int64_t>(1, 5)};
  p.minimum_subtotal = maybe(*rc::gen::inRange<std::int64_t>(0, 10'000));
  p.priority = *rc::gen::inRange(0, 3);
  p.is_exclusive = *rc::gen::inRange(0, 4) == 0;
  p.max_uses = maybe(*rc::gen::inRange<std::int64_t>(0, 4));
  return p;
}

rules any_rules() {
  rules r;
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i)
    r.promotions.push_back(any_promotion(i));
  if (*rc::gen::arbitrary<bool>())
    r.taxes.push_back(
        {1, "VAT", "ET", std::nullopt, *rc::gen::inRange(0, 10'001), *rc::gen::arbitrary<bool>()});
  for (std::int64_t id = 1; id <= 2; ++id)
    if (*rc::gen::arbitrary<bool>())
      r.taxes.push_back({id + 1, "Own", "ET", id, *rc::gen::inRange(0, 3'000), *rc::gen::arbitrary<bool>()});
  if (*rc::gen::arbitrary<bool>())
    r.shipping.push_back({1,
                          "Post",
                          currency::etb(),
                          *rc::gen::inRange<std::int64_t>(0, 10'000),
                          *rc::gen::inRange<std::int64_t>(0, 500),
                          maybe(*rc::gen::inRange<std::int64_t>(0, 1'000'000)),
                          {},
                          {}});
  return r;
}

struct any_case {
  basket of = any_basket();
  pricing::rules rules = any_rules();
  any_case() {
    if (!rules.shipping.empty() && *rc::gen::arbitrary<bool>())
      of.shipping_method_id = 1;
  }
  [[nodiscard]] quote priced() const { return price(of, rules, {}, {}).value(); }
};

std::int64_t sum_of(const quote& q, adjustment_kind kind, std::optional<std::size_t> line) {
  std::int64_t sum = 0;
  for (const adjustment& a : q.adjustments)
    if (a.kind == kind && a.line == line)
      sum += a.amount;
  return sum;
}

RC_GTEST_PROP(PriceProperty, TheSumsAreExactAndNothingIsNegative, ()) {
  const any_case c;
  const quote q = c.priced();
  std::int64_t subtotal = 0, discount = 0, tax = sum_of(q, adjustment_kind::tax, std::nullopt);
  for (std::size_t i = 0; i < q.lines.size(); ++i) {
    const line_price& line = q.lines[i];
    RC_ASSERT(line.total == c.of.lines[i].unit_price * c.of.lines[i].quantity);
    RC_ASSERT(line.discount >= 0 && line.discount <= line.total);
    RC_ASSERT(line.tax >= 0);
    RC_ASSERT(line.discount == sum_of(q, adjustment_kind::discount, i));
    RC_ASSERT(line.tax == sum_of(q, adjustment_kind::tax, i));
    subtotal += line.total;
    discount += line.discount;
    tax += line.tax;
  }
  RC_ASSERT(q.subtotal == subtotal);
  RC_ASSERT(q.discount == discount);
  RC_ASSERT(q.tax == tax);
  RC_ASSERT(q.shipping == sum_of(q, adjustment_kind::shipping, std::nullopt));
  RC_ASSERT(q.shipping >= 0 && q.tax_included >= 0 && q.tax_included <= q.tax);
  RC_ASSERT(q.total == q.subtotal - q.discount + q.shipping + q.tax - q.tax_included);
  for (const adjustment& a : q.adjustments)
    RC_ASSERT(a.amount > 0 || a.kind == adjustment_kind::shipping);
}

RC_GTEST_PROP(PriceProperty, TheOrderOfLinesAndOfRulesDoesNotMatter, ()) {
  const any_case c;
  const quote before = c.priced();
  std::vector<std::size_t> places(c.of.lines.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  for (std::size_t i = places.size(); i > 1; --i)
    std::swap(places[i - 1], places[*rc::gen::inRange<std::size_t>(0, i)]);
  any_case shuffled = c;
  for (std::size_t i = 0; i < places.size(); ++i)
    shuffled.of.lines[i] = c.of.lines[places[i]];
  std::reverse(shuffled.rules.promotions.begin(), shuffled.rules.promotions.end());
  std::reverse(shuffled.rules.taxes.begin(), shuffled.rules.taxes.end());
  const quote after = shuffled.priced();
  RC_ASSERT(after.total == before.total);
  RC_ASSERT(after.promotion_ids == before.promotion_ids);
  for (std::size_t i = 0; i < places.size(); ++i) {
    RC_ASSERT(after.lines[i].discount == before.lines[places[i]].discount);
    RC_ASSERT(after.lines[i].tax == before.lines[places[i]].tax);
  }
}

// A shop that writes its prices with the tax in them asks the same as one that adds it.
RC_GTEST_PROP(PriceProperty, TaxInThePriceAndOnThePriceAgree, ()) {
  basket b = any_basket();
  const int rate = *rc::gen::inRange(1, 10'001);
  rules r;
  r.taxes = {{1, "VAT", "ET", std::nullopt, rate, false}};
  const quote net = price(b, r, {}, {}).value();
  basket one = b; // all of it as one thing, at its price with the tax
  one.lines = {{1, 1, {}, 1, net.total, 0}};
  r.taxes[0].is_included = true;
  const quote gross = price(one, r, {}, {}).value();
  RC_ASSERT(gross.tax == net.tax);
  RC_ASSERT(gross.total == net.total);
  RC_ASSERT(gross.total - gross.tax == net.subtotal);
}

RC_GTEST_PROP(PriceProperty, AnExclusivePromotionStandsAloneAndIsTheBestOfAll, ()) {
  const any_case c;
  const quote q = c.priced();
  for (const promotion& p : c.rules.promotions) {
    const bool used = std::binary_search(q.promotion_ids.begin(), q.promotion_ids.end(), p.id);
    RC_ASSERT(!used || !p.is_exclusive || q.promotion_ids.size() == 1);
    RC_ASSERT(!used || p.max_uses != std::int64_t{0});
    any_case alone = c;
    alone.rules.promotions = {p};
    if (p.is_exclusive)
      RC_ASSERT(alone.priced().discount <= q.discount);
  }
}

// One after the other with what those before have left: the last use goes to who came first, and no more are
// had than there are.
RC_GTEST_PROP(PriceProperty, NoMoreUsesThanThereAre, ()) {
  promotion p = any_promotion(1);
  p.applies_to = promotion_target::order;
  p.minimum_subtotal.reset();
  p.code = "CODE";
  p.max_uses = *rc::gen::inRange<std::int64_t>(0, 6);
  p.max_uses_per_customer = maybe(*rc::gen::inRange<std::int64_t>(0, 3));
  const std::vector<promotion> coded{p};
  allowance left;
  left.note(1, {p.max_uses, 0});
  std::int64_t used = 0;
  std::map<std::string, std::int64_t> used_by;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
    basket b = any_basket();
    b.lines[0].unit_price += 1'000; // something to take it from
    b.codes = {"code"};
    b.customer = "user:" + std::to_string(*rc::gen::inRange(1, 4));
    const auto q = price(b, {}, coded, left);
    const bool may =
        used < *p.max_uses && (!p.max_uses_per_customer || used_by[b.customer] < *p.max_uses_per_customer);
    RC_ASSERT(q.has_value() == may);
    if (!may)
      continue;
    left.take(q->promotion_ids, b.customer);
    ++used;
    ++used_by[b.customer];
  }
  RC_ASSERT(used <= *p.max_uses);
}

} // namespace
} // namespace nexus::pricing
