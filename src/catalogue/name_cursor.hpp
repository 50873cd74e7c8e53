// Lists in the order of (name, id). Internal to this folder.
#pragma once

#include "platform/api/page.hpp"

#include <limits>

namespace nexus::catalogue {

inline problem bad_cursor() {
  return {errors::validation_error,
          "The query has parameters that are not valid.",
          {{"?cursor", "invalid_cursor", "Take cursors from next and previous of this list."}}};
}

inline std::optional<std::int64_t> parse_int(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

// A cursor's part cannot hold its separator. In its place stands a blank.
inline std::string cursor_text(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\x1f', ' ');
  return out;
}

// One page by (name, id) > or < ($1, $2), LIMIT $3; names are not empty, so ("", 0) is before all.
// view_of(row) makes a T with name and id.
template <class T, class ViewOf>
awaitable<result<api::page<T>>> list_by_name(api::context& c, api::page_query q, const db::statement& forward,
                                             const db::statement& backward, const db::statement& count,
                                             ViewOf view_of) {
  const auto from = api::read_cursor(q, 2);
  if (!from)
    co_return from.error();
  const std::string after = from->key.empty() ? std::string{} : from->key[0];
  const auto id = from->key.empty() ? std::optional<std::int64_t>(0) : parse_int(from->key[1]);
  if (!id)
    co_return bad_cursor();
  const db::rows found =
      co_await c.db.query(from->backward ? backward : forward, after, *id, q.page_size + 1);
  api::page<T> out;
  for (const db::row row : found)
    out.results.push_back(view_of(row));
  if (q.count)
    out.count = (co_await c.db.query(count)).front().template get<std::int64_t>(0);
  api::finish_page(c, q, *from, out, [](const T& item) {
    return std::vector<std::string>{cursor_text(item.name), std::to_string(item.id)};
  });
  co_return out;
}

} // namespace nexus::catalogue
