// One rule at a time, in figures that can be reckoned by hand.
#include "pricing/price.hpp"

#include <gtest/gtest.h>

namespace nexus::pricing {
namespace {

const time_point noon = *parse_rfc3339("2026-03-01T12:00:00Z");

basket basket_of(std::vector<basket_line> lines) {
  basket b;
  b.lines = std::move(lines);
  b.country = "ET";
  b.customer = "guest:abebe@example.com";
  b.now = noon;
  return b;
}

promotion percent_off(std::int64_t id, int basis_points) {
  promotion p;
  p.id = id;
  p.name = "Sale " + std::to_string(id);
  p.basis_points = basis_points;
  return p;
}

promotion amount_off(std::int64_t id, std::int64_t amount) {
  promotion p;
  p.id = id;
  p.name = "Gift " + std::to_string(id);
  p.kind = promotion_kind::amount;
  p.amount = amount;
  return p;
}

promotion with_code(promotion p, std::string code) {
  p.code = std::move(code);
  return p;
}

// The reasons of a refusal: "kind: pointer code, …".
std::string refusal(const result<quote>& q) {
  if (q)
    return "accepted";
  std::string out(q.error().kind->code);
  for (const field_error& e : q.error().errors)
    out += " " + e.pointer + " " + e.code;
  return out;
}

std::string refusal(const basket& b, const promotion& coded, const allowance& left = {}) {
  return refusal(price(b, {}, std::vector{coded}, left));
}

TEST(Price, WithoutRulesIsTheSumOfTheLines) {
  const auto q = price(basket_of({{1, 1, {}, 2, 9'995}, {2, 1, {}, 1, 500}}), {}, {}, {});
  ASSERT_TRUE(q);
  EXPECT_EQ(q->subtotal, 20'490);
  EXPECT_EQ(q->total, 20'490);
  EXPECT_EQ(q->lines[0].total, 19'990);
  EXPECT_TRUE(q->adjustments.empty());
}

TEST(Price, OfTheWorkedExample) { // docs/pricing.md
  basket b = basket_of({{11, 1, {{5, 0}, {1, 1}}, 2, 50'000, 400}, {12, 2, {{9, 0}}, 1, 20'000, 300}});
  b.shipping_method_id = 3;
  b.codes = {"welcome10"};
  rules r;
  r.shipping = {{3, "Courier", currency::etb(), 10'000, 2'000, 150'000, {"ET"}, 20'000}};
  r.taxes = {{1, "VAT 15 %", "ET", std::nullopt, 1'500, false}, {2, "Books", "ET", 9, 0, false}};
  promotion books = percent_off(7, 2'500);
  books.applies_to = promotion_target::category;
  books.target_ids = {9};
  r.promotions = {books};
  const std::vector<promotion> coded{with_code(percent_off(8, 1'000), "WELCOME10")};
  const auto q = price(b, r, coded, {});
  ASSERT_TRUE(q);
  EXPECT_EQ(q->subtotal, 120'000);
  EXPECT_EQ(q->discount, 5'000 + 11'500);
  EXPECT_EQ(q->lines[0].discount, 10'000);
  EXPECT_EQ(q->lines[1].discount, 5'000 + 1'500);
  EXPECT_EQ(q->shipping, 14'000) << "1.1 kg is two kilograms begun";
  EXPECT_EQ(q->tax, 13'500 + 2'100) << "15 % of 900.00 and of the courier; books have none";
  EXPECT_EQ(q->tax_included, 0);
  EXPECT_EQ(q->total, 120'000 - 16'500 + 14'000 + 15'600);
  EXPECT_EQ(q->promotion_ids, (std::vector<std::int64_t>{7, 8}));
  ASSERT_EQ(q->adjustments.size(), 6U);
  EXPECT_EQ(q->adjustments[0].label, "Sale 7");
  EXPECT_EQ(q->adjustments[0].line, 1U);
  EXPECT_EQ(q->adjustments[1].code, "WELCOME10");
  EXPECT_EQ(q->adjustments[3].kind, adjustment_kind::shipping);
  EXPECT_EQ(q->adjustments[5].line, std::nullopt) << "the tax of shipping";
  EXPECT_EQ(q->adjustments[5].amount, 2'100);
}

TEST(Price, TellsTheTaxThatPricesContain) {
  rules r;
  r.taxes = {{1, "VAT", "ET", std::nullopt, 1'500, true}};
  const auto q = price(basket_of({{1, 1, {}, 1, 11'500}}), r, {}, {});
  EXPECT_EQ(q->tax, 1'500);
  EXPECT_EQ(q->tax_included, 1'500);
  EXPECT_EQ(q->total, 11'500);
  EXPECT_TRUE(q->adjustments.at(0).is_included);
  basket abroad = basket_of({{1, 1, {}, 1, 11'500}});
  abroad.country = "KE";
  EXPECT_EQ(price(abroad, r, {}, {})->tax, 0);
}

TEST(Price, RoundsATaxOnceAnOrder) {
  rules r;
  r.taxes = {{1, "VAT", "ET", std::nullopt, 1'500, false}};
  const auto q = price(basket_of({{1, 1, {}, 1, 3}, {2, 1, {}, 1, 3}, {3, 1, {}, 1, 4}}), r, {}, {});
  EXPECT_EQ(q->tax, 2) << "1.5; a line at a time it would be 0 + 0 + 1";
  EXPECT_EQ(q->lines[0].tax + q->lines[1].tax + q->lines[2].tax, 2);
}

TEST(Price, TakesTheRateOfTheNearestCategory) {
  rules r;
  r.taxes = {{1, "Standard", "ET", std::nullopt, 1'500, false},
             {2, "Print", "ET", 1, 1'000, false},
             {3, "Books", "ET", 5, 200, false},
             {4, "Maps", "ET", 6, 500, false}};
  const auto tax_of = [&](std::vector<category> categories) {
    return price(basket_of({{1, 1, std::move(categories), 1, 10'000}}), r, {}, {})->tax;
  };
  EXPECT_EQ(tax_of({}), 1'500);
  EXPECT_EQ(tax_of({{2, 0}, {1, 1}}), 1'000) << "a category without a rate takes that above it";
  EXPECT_EQ(tax_of({{1, 1}, {5, 0}}), 200);
  EXPECT_EQ(tax_of({{5, 0}, {6, 0}}), 500) << "equally near: the higher one";
}

TEST(Shipping, CostsByWeightAndNothingAboveAWorth) {
  rules r;
  r.shipping = {{1, "Post", currency::etb(), 5'000, 1'000, 100'000, {}, 5'000}};
  const auto cost = [&](std::int64_t grams, std::int64_t price_of_one) {
    basket b = basket_of({{1, 1, {}, 1, price_of_one, grams}});
    b.shipping_method_id = 1;
    const auto q = price(b, r, {}, {});
    return q ? q->shipping : -1;
  };
  EXPECT_EQ(cost(0, 100), 5'000);
  EXPECT_EQ(cost(1, 100), 6'000);
  EXPECT_EQ(cost(1'000, 100), 6'000);
  EXPECT_EQ(cost(1'001, 100), 7'000);
  EXPECT_EQ(cost(5'000, 99'999), 10'000);
  EXPECT_EQ(cost(5'000, 100'000), 0);
  EXPECT_EQ(cost(5'001, 100), -1) << "too heavy";
}

TEST(Shipping, IsFreeByWhatTheGoodsCostAfterDiscounts) {
  rules r;
  r.shipping = {{1, "Post", currency::etb(), 5'000, 0, 100'000, {}, {}}};
  r.promotions = {amount_off(1, 1)};
  basket b = basket_of({{1, 1, {}, 1, 100'000}});
  b.shipping_method_id = 1;
  EXPECT_EQ(price(b, r, {}, {})->shipping, 5'000);
}

TEST(Shipping, IsChosenWhereThereIsAChoice) {
  rules r;
  r.shipping = {{1, "Post", currency::etb(), 5'000, 0, {}, {"ET"}, {}},
                {2, "Abroad", currency::etb(), 9'000, 0, {}, {"KE", "DJ"}, {}},
                {3, "Dollars", currency::usd(), 900, 0, {}, {}, {}}};
  basket b = basket_of({{1, 1, {}, 1, 100}});
  EXPECT_EQ(refusal(price(b, r, {}, {})), "shipping_method_required /shipping_method_id required");
  for (const std::int64_t wrong : {2, 3, 4}) {
    b.shipping_method_id = wrong;
    EXPECT_EQ(refusal(price(b, r, {}, {})), "shipping_method_unavailable /shipping_method_id unavailable");
  }
  b.shipping_method_id = 1;
  EXPECT_EQ(price(b, r, {}, {})->total, 5'100);
  EXPECT_EQ(refusal(price(b, {}, {}, {})), "shipping_method_unavailable /shipping_method_id unavailable");
  b.shipping_method_id.reset();
  b.shipping_is_open = true;
  EXPECT_EQ(price(b, r, {}, {})->total, 100);
  const auto choices = shipping_choices(b, r, 100);
  ASSERT_EQ(choices.size(), 1U);
  EXPECT_EQ(choices[0].method->name, "Post");
}

TEST(Promotion, AppliesToWhatItNames) {
  const std::vector<basket_line> lines{{1, 10, {{5, 0}, {2, 1}}, 1, 1'000}, {2, 20, {}, 1, 1'000}};
  promotion of_product = percent_off(1, 1'000);
  of_product.applies_to = promotion_target::product;
  of_product.target_ids = {20};
  rules r;
  r.promotions = {of_product};
  auto q = price(basket_of(lines), r, {}, {});
  EXPECT_EQ(q->lines[0].discount, 0);
  EXPECT_EQ(q->lines[1].discount, 100);
  r.promotions[0].applies_to = promotion_target::category;
  r.promotions[0].target_ids = {2};
  q = price(basket_of(lines), r, {}, {});
  EXPECT_EQ(q->lines[0].discount, 100) << "a category has what lies below it";
  EXPECT_EQ(q->lines[1].discount, 0);
  r.promotions[0].kind = promotion_kind::amount;
  r.promotions[0].amount = 5'000;
  EXPECT_EQ(price(basket_of(lines), r, {}, {})->discount, 1'000) << "never more than it costs";
}

TEST(Promotion, StacksByPriorityEachOnWhatIsLeft) {
  rules r;
  promotion late = amount_off(1, 1'000);
  late.priority = 5;
  r.promotions = {late, percent_off(2, 5'000)};
  const auto q = price(basket_of({{1, 1, {}, 1, 10'000}}), r, {}, {});
  EXPECT_EQ(q->discount, 6'000) << "half of 100.00, then 10.00";
  r.promotions[0].priority = 0;
  EXPECT_EQ(price(basket_of({{1, 1, {}, 1, 10'000}}), r, {}, {})->discount, 5'500)
      << "10.00, then half of 90.00";
}

TEST(Promotion, ThatIsExclusiveStandsAlone) {
  rules r;
  promotion big = percent_off(1, 3'000);
  big.is_exclusive = true;
  r.promotions = {big, percent_off(2, 2'000)};
  basket b = basket_of({{1, 1, {}, 1, 10'000}});
  EXPECT_EQ(price(b, r, {}, {})->promotion_ids, (std::vector<std::int64_t>{1}))
      << "the better for the customer";
  b.codes = {"FIVE"};
  std::vector<promotion> coded{with_code(percent_off(3, 500), "FIVE")};
  EXPECT_EQ(price(b, r, coded, {})->promotion_ids, (std::vector<std::int64_t>{2, 3})) << "a code is not lost";
  coded[0].is_exclusive = true;
  EXPECT_EQ(price(b, r, coded, {})->promotion_ids, (std::vector<std::int64_t>{3}));
  coded.push_back(with_code(percent_off(4, 500), "OTHER"));
  b.codes = {"OTHER", "FIVE"};
  EXPECT_EQ(refusal(price(b, r, coded, {})), "promotion_not_applicable /promotion_codes/1 not_combinable");
}

TEST(Promotion, CodesAreUsedOrSaidToBeUseless) {
  basket b = basket_of({{1, 1, {}, 1, 1'000}});
  b.codes = {" save "};
  promotion p = with_code(percent_off(1, 1'000), "SAVE");
  EXPECT_EQ(refusal(b, p), "accepted");
  b.codes = {"save", "SAVE"};
  EXPECT_EQ(price(b, {}, std::vector{p}, {})->discount, 100) << "once";
  EXPECT_EQ(refusal(b, with_code(p, "ANOTHER")),
            "promotion_not_applicable /promotion_codes/0 unknown /promotion_codes/1 unknown");
  b.codes = {"save"};
  const auto reason = [&](auto change) {
    promotion changed = p;
    change(changed);
    return refusal(b, changed);
  };
  const std::string no = "promotion_not_applicable /promotion_codes/0 ";
  EXPECT_EQ(reason([](promotion& x) { x.starts_at = noon + std::chrono::microseconds(1); }), no + "not_yet");
  EXPECT_EQ(reason([](promotion& x) { x.starts_at = noon; }), "accepted");
  EXPECT_EQ(reason([](promotion& x) { x.ends_at = noon; }), no + "ended");
  EXPECT_EQ(reason([](promotion& x) { x.minimum_subtotal = 1'001; }), no + "minimum_not_reached");
  EXPECT_EQ(reason([](promotion& x) { x.minimum_subtotal = 1'000; }), "accepted");
  EXPECT_EQ(reason([](promotion& x) { x.currency = currency::usd(); }), "accepted") << "a plain percentage";
  EXPECT_EQ(reason([](promotion& x) {
              x.currency = currency::usd();
              x.minimum_subtotal = 1;
            }),
            no + "wrong_currency");
  EXPECT_EQ(reason([](promotion& x) {
              x.applies_to = promotion_target::product;
              x.target_ids = {99};
            }),
            no + "nothing_to_discount");
}

TEST(Promotion, IsUsedAsOftenAsItMayBe) {
  basket b = basket_of({{1, 1, {}, 1, 1'000}});
  b.codes = {"SAVE"};
  promotion p = with_code(percent_off(1, 1'000), "SAVE");
  p.max_uses = 2;
  p.max_uses_per_customer = 1;
  allowance left;
  left.note(1, {2, 0});
  const std::vector<promotion> coded{p};
  auto q = price(b, {}, coded, left);
  ASSERT_TRUE(q);
  left.take(q->promotion_ids, b.customer);
  EXPECT_EQ(refusal(b, p, left), "promotion_used_up /promotion_codes/0 used_up_by_customer");
  b.customer = "user:2";
  left.take(price(b, {}, coded, left)->promotion_ids, b.customer);
  b.customer = "user:3";
  EXPECT_EQ(refusal(b, p, left), "promotion_used_up /promotion_codes/0 used_up");
  promotion automatic = p;
  automatic.code.reset();
  b.codes.clear();
  rules r;
  r.promotions = {automatic};
  EXPECT_EQ(price(b, r, {}, left)->total, 1'000) << "an automatic one just ends";
}

TEST(Price, RefusesWhatDoesNotFit) {
  constexpr std::int64_t huge = std::int64_t{1} << 61;
  EXPECT_EQ(refusal(price(basket_of({{1, 1, {}, 4, huge}}), {}, {}, {})), "validation_error");
  rules r;
  r.taxes = {{1, "All again", "ET", std::nullopt, 10'000, false}};
  r.shipping = {{1, "Gold", currency::etb(), huge, 0, {}, {}, {}}};
  basket b = basket_of({{1, 1, {}, 1, huge}});
  b.shipping_method_id = 1;
  EXPECT_EQ(refusal(price(b, r, {}, {})), "validation_error");
  r.shipping[0].price_per_kg = huge;
  b.lines[0].weight_grams = huge;
  EXPECT_EQ(refusal(price(b, r, {}, {})), "validation_error");
}

TEST(Price, KnowsCustomersAndCodesByOneName) {
  EXPECT_EQ(normalised_code("  spring-24\t"), "SPRING-24");
  EXPECT_EQ(customer_key(7, "x@example.com"), "user:7");
  EXPECT_EQ(customer_key(std::nullopt, "Abebe@Example.com"), "guest:abebe@example.com");
}

} // namespace
} // namespace nexus::pricing
