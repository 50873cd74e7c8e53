// What a cart looks like on the wire, made of its rows and the offers of today.
#pragma once

#include "cart/cart.hpp"
#include "catalogue/catalogue.hpp"
#include "platform/json/fields.hpp"

#include <span>

namespace nexus::cart {

inline constexpr int max_quantity = 10'000; // of one item
inline constexpr int max_items = 200;       // of one cart

inline constexpr error_kind cart_full{"cart_full", 409, "The cart has no room for more items"};
inline constexpr error_kind currency_mismatch{"currency_mismatch", 409, "A cart has one currency"};

struct warning {
  std::string code; // price_changed, insufficient_stock, unavailable, currency_mismatch
  std::string detail;

  static constexpr std::string_view schema_name = "CartWarning";
  template <class V>
  static constexpr void fields(V&& field) {
    field("code", &warning::code);
    field("detail", &warning::detail);
  }
};

struct item_view {
  std::int64_t id = 0;
  std::int64_t variant_id = 0;
  std::optional<std::int64_t> product_id;
  std::string sku, product_name, product_slug, variant_name;
  std::optional<std::string> image;
  int quantity = 0;
  money unit_price, total;
  nexus::currency currency;
  int available = 0;
  std::vector<warning> warnings;

  static constexpr std::string_view schema_name = "CartItem";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &item_view::id);
    field("variant_id", &item_view::variant_id);
    field("product_id", &item_view::product_id, {.doc = "Null where it is no longer sold"});
    field("sku", &item_view::sku);
    field("product_name", &item_view::product_name);
    field("product_slug", &item_view::product_slug);
    field("variant_name", &item_view::variant_name);
    field("image", &item_view::image);
    field("quantity", &item_view::quantity);
    field("unit_price", &item_view::unit_price, {.doc = "Today's"});
    field("total", &item_view::total);
    field("currency", &item_view::currency);
    field("available", &item_view::available);
    field("warnings", &item_view::warnings, {.doc = "Where price or stock has changed since it was added"});
  }
};

struct view {
  uuid id{};
  std::vector<item_view> items;
  money subtotal;
  nexus::currency currency;
  time_point created_at, updated_at;

  static constexpr std::string_view schema_name = "Cart";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &view::id);
    field("items", &view::items);
    field("subtotal", &view::subtotal, {.doc = "Of what can be bought, at today's prices"});
    field("currency", &view::currency);
    field("created_at", &view::created_at);
    field("updated_at", &view::updated_at);
  }
};

// A row of cart_item. unit_price: minor units, when it was added.
struct item_row {
  std::int64_t id = 0;
  std::int64_t variant_id = 0;
  int quantity = 0;
  std::int64_t unit_price = 0;
};

// offer is null where the variant is no longer sold.
item_view view_of(const item_row& row, const catalogue::offer* offer);

// offers by ascending variant_id, as catalogue::find_offers gives them.
const catalogue::offer* find_offer(std::span<const catalogue::offer> offers, std::int64_t variant_id);

// The cart row, if the one who asks may use it and it is open.
struct header {
  uuid id{};
  std::optional<std::int64_t> user_id;
  time_point created_at, updated_at;
};
result<header> read_header(const db::rows& found, const uuid& id, const api::context& c);

// The whole cart, in two statements.
awaitable<view> load(db::queryable& db, header of);

// The one offer of a variant for a quantity of it, or why not: unknown_reference (at pointer),
// insufficient_stock.
awaitable<result<catalogue::offer>> offer_for(db::queryable& db, std::int64_t variant_id, int quantity,
                                              std::string_view pointer);

// The parameters of the paths.
struct cart_path {
  uuid cart_id{};
  static constexpr std::string_view schema_name = "CartPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("cart_id", &cart_path::cart_id);
  }
};
struct item_path {
  uuid cart_id{};
  std::int64_t item_id = 0;
  static constexpr std::string_view schema_name = "CartItemPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("cart_id", &item_path::cart_id);
    field("item_id", &item_path::item_id);
  }
};

// One use case a file.
api::endpoint create_cart();
api::endpoint get_cart();
api::endpoint delete_cart();
api::endpoint add_item();
api::endpoint set_quantity();
api::endpoint remove_item();
api::endpoint claim_cart();

} // namespace nexus::cart
