// Carts: what somebody means to buy. A guest's cart is reached by its id, which nobody can guess; a user's by
// that user alone. A cart reserves nothing: it knows the stock, an order takes it.
#pragma once

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/db/database.hpp"

#include <optional>
#include <vector>

namespace nexus::cart {

inline constexpr error_kind cart_ordered{"cart_ordered", 409, "The cart has become an order"};

// For placing an order: the row, locked. Not found (also: another user's) is errors::not_found, an ended one
// cart_ordered.
struct locked_cart {
  uuid id;
  std::optional<std::int64_t> user_id;
};
awaitable<result<locked_cart>> lock(db::transaction& tx, const uuid& id, const api::context& c);

// The cart has become an order. Queued.
void end(db::transaction& tx, const uuid& id, time_point now);

// Under /cart.
std::vector<api::endpoint> routes();

} // namespace nexus::cart
