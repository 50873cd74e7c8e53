// The module's endpoints, one resource a file, and what they share. Internal to this folder.
#pragma once

#include "platform/api/page.hpp"
#include "platform/api/precondition.hpp"
#include "pricing/pricing.hpp"

#include <charconv>
#include <fmt/format.h>
#include <limits>

namespace nexus::pricing {

// In major units, as the catalogue's.
inline constexpr std::int64_t highest_price = 1'000'000'000;

struct id_path {
  std::int64_t id = 0;

  static constexpr std::string_view schema_name = "PricingPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &id_path::id, {.minimum = 1});
  }
};

inline problem invalid(std::vector<field_error> at) {
  return {errors::validation_error, "The request has fields that are not valid.", std::move(at)};
}

// In minor units; a fault where the currency has fewer digits, or it does not fit.
inline std::int64_t read_amount(const decimal& amount, currency of, std::string_view pointer,
                                json::faults& f) {
  if (const auto read = money::from(amount, of))
    return read->minor;
  f.add(std::string(pointer), "invalid_decimal",
        fmt::format("{} has {} digits after the point, and this is more, or too large.", of.code(),
                    of.digits()));
  return 0;
}

inline std::optional<std::int64_t> read_amount(const std::optional<decimal>& amount, currency of,
                                               std::string_view pointer, json::faults& f) {
  return amount ? std::optional(read_amount(*amount, of, pointer, f)) : std::nullopt;
}

inline std::optional<money> money_of(std::optional<std::int64_t> minor, currency of) {
  return minor ? std::optional(money{*minor, of}) : std::nullopt;
}

// "12.5" per cent are 1250 basis points; and "12.50" they are on the wire.
inline int read_percentage(const decimal& percentage, std::string_view pointer, json::faults& f) {
  std::int64_t points = percentage.units;
  for (int i = percentage.scale; i < 2; ++i)
    points *= 10;
  if (percentage.scale <= 2 && points >= 0 && points <= 10'000)
    return static_cast<int>(points);
  f.add(std::string(pointer), "invalid_decimal", "At most 100, and at most two digits after the point.");
  return 0;
}
inline std::string percentage_of(int basis_points) {
  return fmt::format("{}.{:02}", basis_points / 100, basis_points % 100);
}

// One page by id > or < $1, LIMIT $2. view_of(row) makes a T with an id.
template <class T, class ViewOf>
awaitable<result<api::page<T>>> list_by_id(api::context& c, api::page_query q, const db::statement& forward,
                                           const db::statement& backward, const db::statement& count,
                                           ViewOf view_of) {
  const auto from = api::read_cursor(q, 1);
  if (!from)
    co_return from.error();
  std::int64_t id = 0;
  if (!from->key.empty()) {
    const std::string& text = from->key[0];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size())
      co_return problem(errors::validation_error, "The query has parameters that are not valid.",
                        {{"?cursor", "invalid_cursor", "Take cursors from next and previous of this list."}});
  }
  const db::rows found = co_await c.db.query(from->backward ? backward : forward, id, q.page_size + 1);
  api::page<T> out;
  for (const db::row row : found)
    out.results.push_back(view_of(row));
  if (q.count)
    out.count = (co_await c.db.query(count)).front().template get<std::int64_t>(0);
  api::finish_page(c, q, *from, out,
                   [](const T& item) { return std::vector<std::string>{std::to_string(item.id)}; });
  co_return out;
}

// A change is made to what the client has seen.
template <class View>
std::optional<problem> check_if_match(const api::context& c, const View& current) {
  return c.request.header("If-Match") ? api::check_if_match(c, json::encode(current)) : std::nullopt;
}

api::endpoint list_shipping_methods();
api::endpoint read_shipping_method();
api::endpoint create_shipping_method();
api::endpoint update_shipping_method();
api::endpoint delete_shipping_method();

api::endpoint list_tax_rates();
api::endpoint read_tax_rate();
api::endpoint create_tax_rate();
api::endpoint update_tax_rate();
api::endpoint delete_tax_rate();

api::endpoint list_promotions();
api::endpoint read_promotion();
api::endpoint read_promotion_usage();
api::endpoint create_promotion();
api::endpoint update_promotion();
api::endpoint delete_promotion();

} // namespace nexus::pricing
