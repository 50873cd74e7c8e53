// Lists: {"next", "previous", "results"}, "count" on demand (api.md), by keyset cursors.
#pragma once

#include "platform/api/context.hpp"
#include "platform/api/cursor.hpp"
#include "platform/json/fields.hpp"

namespace nexus::api {

// What every list takes; a list's own query derives from it and calls its fields().
struct page_query {
  int page_size = 20;
  std::optional<std::string> cursor;
  bool count = false;

  template <class V>
  static constexpr void fields(V&& field) {
    field("page_size", &page_query::page_size, {.minimum = 1, .maximum = 100, .optional = true});
    field("cursor", &page_query::cursor,
          {.max_length = 1'000, .doc = "From next or previous of another page"});
    field("count", &page_query::count, {.optional = true, .doc = "Adds the number of all results"});
  }
};

template <class T>
struct page {
  std::optional<std::string> next, previous;
  std::optional<std::int64_t> count;
  std::vector<T> results;

  static constexpr std::string_view schema_name = T::list_schema_name;
  template <class V>
  static constexpr void fields(V&& field) {
    field("next", &page::next);
    field("previous", &page::previous);
    field("count", &page::count, {.omit_null = true});
    field("results", &page::results);
  }
};

// The cursor of a query: none given is an engaged, empty key ("from the start"); a broken one, or one with
// another number of key parts, is a validation_error at "?cursor".
result<cursor> read_cursor(const page_query& q, std::size_t key_parts);

// The request's own URL with another cursor.
std::string page_url(const context& c, const cursor& to);

// Sets next and previous. items were fetched as page_size + 1 rows in the direction of from; the surplus one
// is dropped and, for a backward page, the order turned round. key_of(item) gives the cursor key of an item.
template <class T, class KeyOf>
void finish_page(const context& c, const page_query& q, const cursor& from, page<T>& out, KeyOf key_of) {
  const auto size = static_cast<std::size_t>(q.page_size);
  const bool more = out.results.size() > size;
  if (more)
    out.results.pop_back();
  if (from.backward)
    std::reverse(out.results.begin(), out.results.end());
  if (out.results.empty())
    return;
  if (from.backward || more)
    out.next = page_url(c, {false, key_of(out.results.back())});
  if (from.backward ? more : !from.key.empty())
    out.previous = page_url(c, {true, key_of(out.results.front())});
}

} // namespace nexus::api
