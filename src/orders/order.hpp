// What an order is: its shape on the wire, and the pure rules of its life.
#pragma once

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/result.hpp"
#include "platform/json/fields.hpp"
#include "pricing/price.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nexus::orders {

enum class order_status { pending, completed, shipped, delivered, expired, cancelled, refunded };
constexpr std::array<std::string_view, 7> enum_names(order_status) {
  return {"pending", "completed", "shipped", "delivered", "expired", "cancelled", "refunded"};
}

// What payments say of an order.
enum class payment_status {
  pending,
  success,
  failed,
  cancelled,
  refund_required,
  partially_refunded,
  refunded
};
constexpr std::array<std::string_view, 7> enum_names(payment_status) {
  return {"pending", "success", "failed", "cancelled", "refund_required", "partially_refunded", "refunded"};
}

struct address {
  std::string full_name, line1;
  std::optional<std::string> line2;
  std::string city;
  std::optional<std::string> region, postal_code;
  std::string country;
  std::string phone_number;

  static constexpr std::string_view schema_name = "Address";
  template <class V>
  static constexpr void fields(V&& field) {
    field("full_name", &address::full_name, {.min_length = 1, .max_length = 200, .example = "Abebe Bikila"});
    field("line1", &address::line1, {.min_length = 1, .max_length = 200, .example = "Bole Road 12"});
    field("line2", &address::line2, {.max_length = 200});
    field("city", &address::city, {.min_length = 1, .max_length = 100, .example = "Addis Ababa"});
    field("region", &address::region, {.max_length = 100});
    field("postal_code", &address::postal_code, {.max_length = 20});
    field("country", &address::country, {.form = json::format::country, .example = "ET"});
    field("phone_number", &address::phone_number,
          {.min_length = 5, .max_length = 20, .example = "0911121314"});
  }
};

struct order_line {
  std::int64_t variant_id = 0;
  std::string sku, product_name, variant_name;
  int quantity = 0;
  money unit_price, total, discount, tax;
  std::int64_t product_id = 0; // while it is placed; these two are not on the wire
  int weight_grams = 0;

  static constexpr std::string_view schema_name = "OrderLine";
  template <class V>
  static constexpr void fields(V&& field) {
    field("variant_id", &order_line::variant_id);
    field("sku", &order_line::sku);
    field("product_name", &order_line::product_name);
    field("variant_name", &order_line::variant_name);
    field("quantity", &order_line::quantity);
    field("unit_price", &order_line::unit_price);
    field("total", &order_line::total, {.doc = "Before discount and tax"});
    field("discount", &order_line::discount);
    field("tax", &order_line::tax);
  }
};

// Why the total is what it is: frozen, as the prices are.
struct order_adjustment {
  pricing::adjustment_kind kind = pricing::adjustment_kind::discount;
  std::int64_t rule_id = 0;
  std::string label;
  std::optional<std::string> code;
  std::optional<int> line;
  money amount;
  bool is_included = false;

  static constexpr std::string_view schema_name = "OrderAdjustment";
  template <class V>
  static constexpr void fields(V&& field) {
    field("kind", &order_adjustment::kind, {.doc = "A discount is taken off, the others are added"});
    field("label", &order_adjustment::label, {.doc = "Of the promotion, the shipping method, the tax rate"});
    field("code", &order_adjustment::code, {.doc = "Of a promotion"});
    field("line", &order_adjustment::line, {.doc = "Index in items; null: shipping, or the tax on it"});
    field("amount", &order_adjustment::amount);
    field("is_included", &order_adjustment::is_included, {.doc = "A tax that prices contain: not added"});
    field("rule_id", &order_adjustment::rule_id, {.doc = "The promotion's, shipping method's or tax rate's"});
  }
};

struct order_payment {
  payment_status status = payment_status::pending;
  money paid, refunded;

  static constexpr std::string_view schema_name = "OrderPayment";
  template <class V>
  static constexpr void fields(V&& field) {
    field("status", &order_payment::status);
    field("paid", &order_payment::paid);
    field("refunded", &order_payment::refunded);
  }
};

struct order {
  uuid id{};
  std::string number;
  order_status status = order_status::pending;
  time_point placed_at, expires_at;
  std::string email;
  json::raw shipping_address; // an Address
  std::string note;
  std::vector<order_line> items;
  money subtotal, discount, shipping, tax, tax_included, total;
  std::vector<order_adjustment> adjustments;
  nexus::currency currency;
  order_payment payment;
  std::optional<std::int64_t> user_id; // not on the wire

  static constexpr std::string_view schema_name = "Order";
  static constexpr std::string_view list_schema_name = "OrderList";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &order::id);
    field("number", &order::number, {.doc = "Short, for people"});
    field("status", &order::status);
    field("placed_at", &order::placed_at);
    field("expires_at", &order::expires_at, {.doc = "Unpaid by then, its stock is free again"});
    field("email", &order::email);
    field("shipping_address", &order::shipping_address);
    field("note", &order::note);
    field("items", &order::items);
    field("subtotal", &order::subtotal);
    field("discount", &order::discount);
    field("shipping", &order::shipping);
    field("tax", &order::tax);
    field("tax_included", &order::tax_included, {.doc = "What of the tax the prices contain"});
    field("total", &order::total, {.doc = "subtotal - discount + shipping + tax - tax_included"});
    field("adjustments", &order::adjustments);
    field("currency", &order::currency);
    field("payment", &order::payment);
  }
};

// The order's life: every state × event, an effect or a named refusal.
enum class order_event {
  complete,
  expire,
  cancel, // unpaid
  ship,
  deliver,
  refund,   // all that was paid is with the payer again
  withdraw, // the shop takes it back before it leaves the house; what was paid must be refunded
};
constexpr std::array<std::string_view, 7> enum_names(order_event) {
  return {"complete", "expire", "cancel", "ship", "deliver", "refund", "withdraw"};
}

enum class stock_effect { none, release, take_again, leave };

struct transition {
  std::optional<order_status> to; // empty: refused
  stock_effect stock = stock_effect::none;
  const error_kind* refusal = nullptr; // null where `to` is empty: nothing to do, it is so already
};

transition next(order_status from, order_event event);

// What payments say of an order after money of it went back. Money that an order no longer (or not yet)
// stands for, and that is still here, is refund_required.
payment_status payment_after_refund(order_status s, std::int64_t total, std::int64_t paid,
                                    std::int64_t refunded);

} // namespace nexus::orders
