#include "cart/cart_view.hpp"

#include <gtest/gtest.h>

namespace nexus::cart {
namespace {

catalogue::offer shirt(std::int64_t price, int available) {
  catalogue::offer offer;
  offer.variant_id = 7;
  offer.product_id = 3;
  offer.sku = "SHIRT";
  offer.price = {price, currency::etb()};
  offer.available = available;
  return offer;
}

std::vector<std::string> codes(const item_view& item) {
  std::vector<std::string> out;
  for (const warning& w : item.warnings)
    out.push_back(w.code);
  return out;
}

TEST(CartView, WarnsOfNothingWhereNothingChanged) {
  const auto offer = shirt(100'00, 5);
  const auto item = view_of({1, 7, 5, 100'00}, &offer);
  EXPECT_TRUE(item.warnings.empty());
  EXPECT_EQ(item.total.minor, 500'00);
}

TEST(CartView, WarnsOfAnotherPriceAndTooLittleStock) {
  const auto offer = shirt(120'00, 2);
  const auto item = view_of({1, 7, 3, 100'00}, &offer);
  EXPECT_EQ(codes(item), (std::vector<std::string>{"price_changed", "insufficient_stock"}));
  EXPECT_EQ(item.unit_price.minor, 120'00) << "today's price, not the one it was added at";
}

TEST(CartView, KeepsWhatIsNoLongerSoldInSight) {
  const auto item = view_of({1, 7, 3, 100'00}, nullptr);
  EXPECT_EQ(codes(item), std::vector<std::string>{"unavailable"});
  EXPECT_FALSE(item.product_id);
  EXPECT_EQ(item.total.minor, 0);
}

TEST(CartView, FindsOffersByVariant) {
  std::vector<catalogue::offer> offers(3);
  offers[0].variant_id = 2;
  offers[1].variant_id = 5;
  offers[2].variant_id = 9;
  EXPECT_EQ(find_offer(offers, 5), &offers[1]);
  EXPECT_EQ(find_offer(offers, 4), nullptr);
  EXPECT_EQ(find_offer(offers, 10), nullptr);
}

} // namespace
} // namespace nexus::cart
