// Who gets the stock: a pure decision, in the order of arrival, all or nothing for each order.
#pragma once

#include "inventory/inventory.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace nexus::orders {

struct wanted_line {
  std::int64_t variant_id = 0;
  int quantity = 0; // > 0
};

enum class bound {
  stock,        // there is no more
  per_order,    // inventory::level::max_per_order
  per_customer, // inventory::level::max_per_customer, with what the customer has ordered before
};

struct shortage {
  std::size_t line = 0; // index in the order's lines
  std::int64_t variant_id = 0;
  int requested = 0; // of that variant, by all lines of the order together
  int available = 0; // within the bound that is hit
  bound by = bound::stock;
};

// Empty: the order is accepted.
using decision = std::vector<shortage>;

// What a customer's earlier orders, but those that ended without a sale, have of a variant.
using purchases = std::map<std::int64_t, std::int64_t>;

// stock: by ascending variant_id, unique; what is accepted is added to `reserved` in it. An order of many
// lines of one variant is judged by their sum. A variant that stock does not know has nothing available.
decision allocate(std::span<inventory::level> stock, const std::vector<wanted_line>& lines,
                  const purchases& before = {});

// One after the other, so that a small order behind one too large is served: each is judged by what those
// before it have really taken.
std::vector<decision> allocate(std::span<inventory::level> stock,
                               std::span<const std::vector<wanted_line>> orders);

} // namespace nexus::orders
