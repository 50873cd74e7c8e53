// A variant's stock as staff see it. Internal to this folder.
#pragma once

#include "platform/db/value.hpp"
#include "platform/json/fields.hpp"

#include <optional>

namespace nexus::inventory {

struct stock_view {
  std::int64_t variant_id = 0;
  int on_hand = 0, reserved = 0, available = 0;
  std::optional<int> max_per_order, max_per_customer;

  static constexpr std::string_view schema_name = "Stock";
  template <class V>
  static constexpr void fields(V&& field) {
    field("variant_id", &stock_view::variant_id);
    field("on_hand", &stock_view::on_hand, {.doc = "Pieces in the house"});
    field("reserved", &stock_view::reserved, {.doc = "Those of them that live orders hold"});
    field("available", &stock_view::available, {.doc = "on_hand - reserved"});
    field("max_per_order", &stock_view::max_per_order,
          {.doc = "How many one order may have; null: no limit"});
    field(
        "max_per_customer", &stock_view::max_per_customer,
        {.doc = "How many one customer may have in all orders that are not cancelled, expired or refunded"});
  }
};

// A row of read_stock and set_limits.
inline stock_view view_of(const db::row& row) {
  const auto [id, on_hand, reserved, per_order, per_customer] =
      row.as<std::int64_t, int, int, std::optional<int>, std::optional<int>>();
  return {id, on_hand, reserved, on_hand - reserved, per_order, per_customer};
}

} // namespace nexus::inventory
