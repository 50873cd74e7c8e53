// Which statement answers which question about products. Internal to this folder.
//
// A filter that may be missing is not written as "$1 IS NULL OR …": a prepared statement's generic plan would
// then use no index for it. Each combination of filters and order is a statement of its own, made from
// listing.sql.
#pragma once

#include "platform/db/statement.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nexus::catalogue {

enum class product_order : std::uint8_t { base_price, name, created_at, relevance };

struct listing {
  bool search = false, category = false, brand = false, attributes = false;
  product_order order = product_order::created_at; // relevance: only with search
  bool descending = true;
  bool after = false; // there is a cursor
};

const db::statement& list_statement(const listing& l);
const db::statement& count_statement(const listing& l); // order, descending and after play no part

// The text without the lines whose "/* if a b */" names a word that is not among those given.
std::string keep_lines(std::string_view text, std::span<const std::string_view> words);

// "Red T-shirt" -> "Red:* & T:* & shirt:*", for to_tsquery('simple', …): the beginnings of at most 16 words.
// Letters, digits and all beyond ASCII are kept, so nothing of the query language comes through. Empty where
// no word is left.
std::string prefix_query(std::string_view text);

// At most 100 characters, as left(name, 100) has them in the order by name.
std::string_view name_key(std::string_view name);

} // namespace nexus::catalogue
