// Promotions as staff sees and writes them. Internal to this folder.
#pragma once

#include "pricing/endpoints.hpp"

namespace nexus::pricing {

struct promotion_view {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> code;
  promotion_kind kind = promotion_kind::percentage;
  std::optional<std::string> percentage;
  std::optional<money> amount;
  nexus::currency currency;
  promotion_target applies_to = promotion_target::order;
  std::vector<std::int64_t> target_ids;
  std::optional<money> minimum_subtotal;
  time_point starts_at;
  std::optional<time_point> ends_at;
  int priority = 0;
  bool is_exclusive = false;
  std::optional<std::int64_t> max_uses, max_uses_per_customer;

  static constexpr std::string_view schema_name = "Promotion";
  static constexpr std::string_view list_schema_name = "PromotionPage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &promotion_view::id);
    field("name", &promotion_view::name);
    field("code", &promotion_view::code, {.doc = "Null: for every order that it fits"});
    field("kind", &promotion_view::kind);
    field("percentage", &promotion_view::percentage, {.example = "10.00"});
    field("amount", &promotion_view::amount, {.doc = "Once off what it applies to"});
    field("currency", &promotion_view::currency);
    field("applies_to", &promotion_view::applies_to);
    field("target_ids", &promotion_view::target_ids,
          {.doc = "Products, or categories with what is below them"});
    field("minimum_subtotal", &promotion_view::minimum_subtotal);
    field("starts_at", &promotion_view::starts_at);
    field("ends_at", &promotion_view::ends_at);
    field("priority", &promotion_view::priority, {.doc = "Smaller is earlier; then by id"});
    field("is_exclusive", &promotion_view::is_exclusive, {.doc = "With no other promotion"});
    field("max_uses", &promotion_view::max_uses);
    field("max_uses_per_customer", &promotion_view::max_uses_per_customer);
  }
};

struct new_promotion {
  std::string name;
  std::optional<std::string> code;
  promotion_kind kind = promotion_kind::percentage;
  std::optional<decimal> percentage, amount;
  nexus::currency currency;
  promotion_target applies_to = promotion_target::order;
  std::vector<std::int64_t> target_ids;
  std::optional<decimal> minimum_subtotal;
  std::optional<time_point> starts_at, ends_at;
  int priority = 0;
  bool is_exclusive = false;
  std::optional<std::int64_t> max_uses, max_uses_per_customer;

  static constexpr std::string_view schema_name = "NewPromotion";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &new_promotion::name,
          {.min_length = 1,
           .max_length = 100,
           .doc = "As customers read it in their order",
           .example = "Welcome"});
    field("code", &new_promotion::code,
          {.min_length = 1,
           .max_length = 50,
           .form = json::format::sku,
           .doc = "In any case; left out: for every order that it fits",
           .example = "WELCOME10"});
    field("kind", &new_promotion::kind);
    field("percentage", &new_promotion::percentage, {.minimum = 0, .maximum = 100, .example = "10"});
    field("amount", &new_promotion::amount,
          {.minimum = 0, .maximum = highest_price, .doc = "Once off what it applies to"});
    field("currency", &new_promotion::currency,
          {.optional = true, .doc = "Of amount and minimum: orders in another do not get it"});
    field("applies_to", &new_promotion::applies_to, {.optional = true, .doc = "order where left out"});
    field("target_ids", &new_promotion::target_ids,
          {.max_length = 1'000, .minimum = 1, .optional = true, .doc = "Products or categories"});
    field("minimum_subtotal", &new_promotion::minimum_subtotal, {.minimum = 0, .maximum = highest_price});
    field("starts_at", &new_promotion::starts_at, {.doc = "Now where left out"});
    field("ends_at", &new_promotion::ends_at);
    field("priority", &new_promotion::priority,
          {.minimum = 0, .maximum = 1'000'000, .optional = true, .doc = "Smaller is earlier; then by id"});
    field("is_exclusive", &new_promotion::is_exclusive, {.optional = true, .doc = "With no other promotion"});
    field("max_uses", &new_promotion::max_uses, {.minimum = 1, .maximum = 1'000'000'000});
    field("max_uses_per_customer", &new_promotion::max_uses_per_customer,
          {.minimum = 1, .maximum = 1'000'000'000});
  }
};

// What it takes off stays as it is: customers have read it. Make another.
struct promotion_change {
  std::optional<std::string> name;
  std::optional<time_point> starts_at;
  std::optional<std::optional<time_point>> ends_at;
  std::optional<int> priority;
  std::optional<bool> is_exclusive;
  std::optional<std::optional<std::int64_t>> max_uses, max_uses_per_customer;

  static constexpr std::string_view schema_name = "PromotionChange";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &promotion_change::name, {.min_length = 1, .max_length = 100});
    field("starts_at", &promotion_change::starts_at);
    field("ends_at", &promotion_change::ends_at);
    field("priority", &promotion_change::priority, {.minimum = 0, .maximum = 1'000'000});
    field("is_exclusive", &promotion_change::is_exclusive);
    field("max_uses", &promotion_change::max_uses, {.minimum = 1, .maximum = 1'000'000'000});
    field("max_uses_per_customer", &promotion_change::max_uses_per_customer,
          {.minimum = 1, .maximum = 1'000'000'000});
  }
};

struct usage_view {
  std::int64_t used = 0;
  std::optional<std::int64_t> max_uses;

  static constexpr std::string_view schema_name = "PromotionUsage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("used", &usage_view::used, {.doc = "By orders that are paid or may still be"});
    field("max_uses", &usage_view::max_uses);
  }
};

// Out of a row as read_promotion and the statements like it give it.
promotion promotion_of(const db::row& row);

} // namespace nexus::pricing
