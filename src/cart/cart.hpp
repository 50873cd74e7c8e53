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

// For placing orders: these carts' rows, locked in the order of their ids; queued. Rows: read_locked().
db::asked ask_locked(db::transaction& tx, const std::vector<uuid>& ids);
struct locked_cart {
  uuid id;
  std::optional<std::int64_t> user_id;
  bool is_open = true; // it has not become an order
};
std::vector<locked_cart> read_locked(const db::rows& found); // by ascending id

// The same without a lock; nullopt where there is none.
awaitable<std::optional<locked_cart>> find(db::queryable& db, const uuid& id);

// Whether it may be ordered from: not_found (also where it is another user's), cart_ordered. Null: there is
// none.
std::optional<problem> refusal(const locked_cart* cart, std::optional<std::int64_t> who);

// The carts have become orders. Queued.
void end(db::transaction& tx, const std::vector<uuid>& ids, time_point now);

// For the schedule: forgets guests' carts that nobody has touched since then, and carts that became orders
// before then. Orders need no cart. A user's open cart stays.
awaitable<> delete_abandoned(db::session db, time_point before);

// Under /cart.
std::vector<api::endpoint> routes();

} // namespace nexus::cart
