#include "inventory/endpoints.hpp"
#include "inventory/inventory.sql.hpp"

namespace nexus::inventory {

namespace {

struct new_movement {
  int quantity = 0;
  std::string reason, note;

  static constexpr std::string_view schema_name = "NewStockMovement";
  template <class V>
  static constexpr void fields(V&& field) {
    field("quantity", &new_movement::quantity,
          {.minimum = -1'000'000'000,
           .maximum = 1'000'000'000,
           .doc = "Pieces that come (+) or go (-); not 0"});
    field("reason", &new_movement::reason, {.min_length = 1, .max_length = 100, .example = "delivery"});
    field("note", &new_movement::note, {.max_length = 1'000, .optional = true});
  }
};

struct movement_made {
  std::int64_t id = 0, variant_id = 0;
  int quantity = 0;
  std::string reason, note;
  int on_hand = 0, reserved = 0, available = 0;
  std::int64_t user_id = 0;
  time_point created_at;

  static constexpr std::string_view schema_name = "StockMovementMade";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &movement_made::id);
    field("variant_id", &movement_made::variant_id);
    field("quantity", &movement_made::quantity);
    field("reason", &movement_made::reason);
    field("note", &movement_made::note);
    field("on_hand", &movement_made::on_hand, {.doc = "After the movement"});
    field("reserved", &movement_made::reserved);
    field("available", &movement_made::available);
    field("user_id", &movement_made::user_id);
    field("created_at", &movement_made::created_at);
  }
};

using move_request = api::request<variant_path, none, new_movement>;

problem bad_quantity(std::string_view code, std::string detail) {
  return {errors::validation_error,
          "The request has fields that are not valid.",
          {{"/quantity", std::string(code), std::move(detail)}}};
}

awaitable<result<movement_made>> move(api::context& c, db::transaction& tx, move_request in) {
  const int quantity = in.body.quantity;
  if (quantity == 0)
    co_return bad_quantity("zero", "A movement moves at least one piece.");
  std::vector<std::int64_t> ids{in.path.variant_id};
  const auto locked = co_await lock(tx, ids);
  if (locked.empty())
    co_return no_such_variant();
  const level before = locked.front();
  const std::int64_t on_hand = std::int64_t{before.on_hand} + quantity;
  if (on_hand > std::numeric_limits<int>::max())
    co_return bad_quantity("too_large", "More pieces than can be counted would be in the house.");
  if (on_hand < before.reserved) {
    problem refused(stock_reserved,
                    fmt::format("Live orders hold {} of the {} pieces in the house: at most {} can go.",
                                before.reserved, before.on_hand, before.available()));
    refused.members = {{"variant_id", before.variant_id},
                       {"on_hand", std::int64_t{before.on_hand}},
                       {"reserved", std::int64_t{before.reserved}},
                       {"available", std::int64_t{before.available()}}};
    co_return refused;
  }
  const std::vector<int> change{quantity}, none_reserved{0};
  const time_point now = c.now();
  const std::int64_t user_id = c.principal->user_id;
  tx.send(sql::change_stock, ids, change, none_reserved);
  const db::rows made = co_await tx.query(sql::insert_movements, ids, change, none_reserved, in.body.reason,
                                          in.body.note, std::optional<uuid>{}, user_id, now);
  const int after = static_cast<int>(on_hand);
  co_return movement_made{made.front().get<std::int64_t>(0),
                          before.variant_id,
                          quantity,
                          std::move(in.body.reason),
                          std::move(in.body.note),
                          after,
                          before.reserved,
                          after - before.reserved,
                          user_id,
                          now};
}

} // namespace

api::endpoint move_stock() {
  return api::post("/{variant_id}/movements/", "move_stock", "Pieces of a variant come or go")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .fails({&errors::not_found, &stock_reserved})
      .handle([](api::context& c, db::transaction& tx, move_request in) -> awaitable<result<movement_made>> {
        return move(c, tx, std::move(in));
      });
}

} // namespace nexus::inventory
