#include "inventory/endpoints.hpp"
#include "inventory/inventory.sql.hpp"

namespace nexus::inventory {

namespace {

struct movement_view {
  std::int64_t id = 0;
  int quantity = 0, reserved_change = 0;
  std::string reason, note;
  std::optional<uuid> order_id;
  std::optional<std::int64_t> user_id;
  time_point created_at;

  static constexpr std::string_view schema_name = "StockMovement";
  static constexpr std::string_view list_schema_name = "StockMovementPage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &movement_view::id);
    field("quantity", &movement_view::quantity, {.doc = "Change of what lies in the house"});
    field("reserved_change", &movement_view::reserved_change, {.doc = "Change of what live orders hold"});
    field("reason", &movement_view::reason);
    field("note", &movement_view::note);
    field("order_id", &movement_view::order_id);
    field("user_id", &movement_view::user_id);
    field("created_at", &movement_view::created_at);
  }
};

struct movements_query : api::page_query {
  static constexpr std::string_view schema_name = "StockMovementsQuery";
};

using list_request = api::request<variant_path, movements_query>;

// The id that a cursor holds; where there is none, one behind all others.
std::optional<std::int64_t> id_of(const api::cursor& from) {
  if (from.key.empty())
    return std::numeric_limits<std::int64_t>::max();
  const std::string& text = from.key.front();
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return id;
}

movement_view view_of(const db::row& row) {
  auto [id, quantity, reserved, reason, note, order_id, user_id, at] =
      row.as<std::int64_t, int, int, std::string, std::string, std::optional<uuid>,
             std::optional<std::int64_t>, time_point>();
  return {id, quantity, reserved, std::move(reason), std::move(note), order_id, user_id, at};
}

awaitable<result<api::page<movement_view>>> list(api::context& c, list_request in) {
  const auto from = api::read_cursor(in.query, 1);
  if (!from)
    co_return from.error();
  const auto id = id_of(*from);
  if (!id)
    co_return problem(errors::validation_error, "The query has parameters that are not valid.",
                      {{"?cursor", "invalid_cursor", "Take cursors from next and previous of this list."}});
  const std::int64_t variant_id = in.path.variant_id;
  const auto& statement = from->backward ? sql::list_newer_movements : sql::list_movements;
  const db::rows found = co_await c.db.query(statement, variant_id, *id, in.query.page_size + 1);
  if (found.empty() && (co_await c.db.query(sql::read_stock, variant_id)).empty())
    co_return no_such_variant();
  api::page<movement_view> out;
  for (const db::row row : found)
    out.results.push_back(view_of(row));
  if (in.query.count)
    out.count = (co_await c.db.query(sql::count_movements, variant_id)).front().get<std::int64_t>(0);
  api::finish_page(c, in.query, *from, out,
                   [](const movement_view& m) { return std::vector<std::string>{std::to_string(m.id)}; });
  co_return out;
}

} // namespace

api::endpoint list_movements() {
  return api::get("/{variant_id}/movements/", "list_stock_movements", "The ledger of a variant, newest first")
      .needs(std::string(write_permission))
      .fails({&errors::not_found})
      .handle([](api::context& c, list_request in) -> awaitable<result<api::page<movement_view>>> {
        return list(c, std::move(in));
      });
}

} // namespace nexus::inventory
