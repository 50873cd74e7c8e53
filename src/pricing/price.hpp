// What an order costs, line by line: a pure function of the goods and the shop's rules (docs/pricing.md).
//
//   subtotal                        Σ unit price × quantity
//   − discount                      promotions, one after the other by (priority, id)
//   + shipping                      the chosen method
//   + tax that the prices lack      a rate at a time; what the prices contain is told, not added
//   = total
//
// Amounts are int64 minor units of the basket's currency. Every amount that is a part of another is rounded
// once (half up) and its parts are split by largest remainder: see proportion.hpp.
#pragma once

#include "core/clock.hpp"
#include "core/money.hpp"
#include "core/result.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::pricing {

// errors[] names the code ("/promotion_codes/0") and why: unknown, not_yet, ended, wrong_currency,
// minimum_not_reached, not_combinable, nothing_to_discount; used_up, used_up_by_customer.
inline constexpr error_kind promotion_not_applicable{"promotion_not_applicable", 409,
                                                     "A promotion code does not apply"};
inline constexpr error_kind promotion_used_up{"promotion_used_up", 409, "A promotion code is used up"};
inline constexpr error_kind shipping_method_required{"shipping_method_required", 409,
                                                     "Choose how it shall be shipped"};
inline constexpr error_kind shipping_method_unavailable{"shipping_method_unavailable", 409,
                                                        "It cannot be shipped this way"};

// ---- What is bought

struct category {
  std::int64_t id = 0;
  int distance = 0; // 0: the product's own; 1: the one above it
};

struct basket_line {
  std::int64_t variant_id = 0, product_id = 0;
  std::vector<category> categories = {}; // with those above; may be empty where no rule speaks of categories
  int quantity = 0;                      // > 0
  std::int64_t unit_price = 0;
  std::int64_t weight_grams = 0; // of one piece
};

struct basket {
  std::vector<basket_line> lines;
  nexus::currency currency;
  std::string country; // of the destination, ISO 3166-1 alpha-2
  std::optional<std::int64_t> shipping_method_id;
  bool shipping_is_open = false;  // a quote: not chosen yet is no fault
  std::vector<std::string> codes; // as the customer wrote them
  std::string customer;           // see customer_key()
  time_point now;
};

// ---- The rules

struct shipping_method {
  std::int64_t id = 0;
  std::string name;
  nexus::currency currency;
  std::int64_t price = 0;                // of every parcel
  std::int64_t price_per_kg = 0;         // and of every kilogram begun
  std::optional<std::int64_t> free_from; // goods, after discounts, worth this much are sent for nothing
  std::vector<std::string> countries;    // empty: everywhere
  std::optional<std::int64_t> max_weight_grams;
};

// A country's standard rate, or that of a category (and what lies below it) there.
struct tax_rate {
  std::int64_t id = 0;
  std::string name;
  std::string country;
  std::optional<std::int64_t> category_id; // empty: the standard rate, which is also shipping's
  int basis_points = 0;                    // 1500: 15 %
  bool is_included = false;                // the prices contain it
};

enum class promotion_kind { percentage, amount };
constexpr std::array<std::string_view, 2> enum_names(promotion_kind) { return {"percentage", "amount"}; }

enum class promotion_target { order, product, category };
constexpr std::array<std::string_view, 3> enum_names(promotion_target) {
  return {"order", "product", "category"};
}

struct promotion {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> code; // as normalised_code() makes it; empty: automatic
  promotion_kind kind = promotion_kind::percentage;
  int basis_points = 0;    // of a percentage
  std::int64_t amount = 0; // once off what it applies to
  nexus::currency currency;
  promotion_target applies_to = promotion_target::order;
  std::vector<std::int64_t> target_ids;         // products or categories
  std::optional<std::int64_t> minimum_subtotal; // of the whole order, before discounts
  time_point starts_at;
  std::optional<time_point> ends_at;
  int priority = 0;          // smaller is earlier
  bool is_exclusive = false; // with no other promotion
  std::optional<std::int64_t> max_uses, max_uses_per_customer;

  [[nodiscard]] bool is_limited() const { return max_uses || max_uses_per_customer; }
  // An amount and a minimum are of one currency; a plain percentage is of all.
  [[nodiscard]] bool is_bound_to_currency() const {
    return kind == promotion_kind::amount || minimum_subtotal;
  }
};

struct rules {
  std::vector<shipping_method> shipping; // the active ones
  std::vector<tax_rate> taxes;
  std::vector<promotion> promotions; // automatic ones alone

  [[nodiscard]] bool empty() const { return shipping.empty() && taxes.empty() && promotions.empty(); }
  [[nodiscard]] bool speak_of_categories() const;
};

// How often limited promotions were used, as read under their locks. What is not in here was not used.
class allowance {
public:
  struct limit {
    std::optional<std::int64_t> max_uses;
    std::int64_t used = 0;
  };
  void note(std::int64_t promotion_id, limit l) { promotions_[promotion_id] = l; }
  void note(std::int64_t promotion_id, std::string customer, std::int64_t used) {
    customers_[{promotion_id, std::move(customer)}] = used;
  }
  [[nodiscard]] bool is_used_up(const promotion& p) const;
  [[nodiscard]] bool is_used_up_by(const promotion& p, const std::string& customer) const;
  // An order has these: who comes after it finds one less.
  void take(std::span<const std::int64_t> promotion_ids, const std::string& customer);

private:
  std::map<std::int64_t, limit> promotions_;
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> customers_;
};

// ---- The price

enum class adjustment_kind { discount, shipping, tax };
constexpr std::array<std::string_view, 3> enum_names(adjustment_kind) {
  return {"discount", "shipping", "tax"};
}

// Why the total is what it is. Amounts are ≥ 0: a discount is taken off, the others are added, but for a tax
// that the prices contain.
struct adjustment {
  adjustment_kind kind = adjustment_kind::discount;
  std::int64_t rule_id = 0; // of the promotion, the shipping method, the tax rate
  std::string label;        // its name
  std::optional<std::string> code;
  std::optional<std::size_t> line; // index in the basket's lines; empty: shipping, or its tax
  std::int64_t amount = 0;
  bool is_included = false; // a tax that the prices contain
};

struct line_price {
  std::int64_t total = 0; // unit price × quantity
  std::int64_t discount = 0;
  std::int64_t tax = 0;
};

struct quote {
  std::vector<line_price> lines;       // as the basket's
  std::vector<adjustment> adjustments; // discounts as they were taken, shipping, taxes
  std::int64_t subtotal = 0, discount = 0, shipping = 0, tax = 0, tax_included = 0, total = 0;
  std::vector<std::int64_t> promotion_ids; // used, ascending
};

// coded: the promotions of the basket's codes, and maybe of others. A code that is given is used, or the
// basket is refused with why: never silently left out. Refusals: the kinds above; validation_error where a
// sum does not fit.
result<quote> price(const basket& b, const rules& r, std::span<const promotion> coded, const allowance& left);

struct shipping_choice {
  const shipping_method* method = nullptr;
  std::int64_t price = 0;
};
// The methods that would take the basket, with what they cost, cheapest first; worth: of the goods after
// discounts.
std::vector<shipping_choice> shipping_choices(const basket& b, const rules& r, std::int64_t worth);

// Codes are compared without blanks at the ends, in capital ASCII letters.
std::string normalised_code(std::string_view code);
std::vector<std::string> normalised_codes(const std::vector<std::string>& codes);

// Whose uses are counted together: a user's, else those of a guest's address.
std::string customer_key(std::optional<std::int64_t> user_id, std::string_view email);

} // namespace nexus::pricing
