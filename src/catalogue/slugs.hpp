// Slugs: made from a name and kept unique by "-2", "-3", …, or given. Internal to this folder.
#pragma once

#include "core/result.hpp"
#include "platform/db/database.hpp"
#include "platform/json/decode.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::catalogue {

// From the name; fallback where nothing of it is left, and before it where only digits are ("product-2024"):
// a slug that is a number could not be told from an id.
std::string slug_base(std::string_view name, std::string_view fallback);

// n = 1: the base itself; else base-n. At most 80 bytes, as slugify's.
std::string slug_candidate(std::string_view base, int n);

// A slug that nobody has; taken is "SELECT slug … WHERE slug = ANY ($1)". Somebody may be quicker: insert
// with ON CONFLICT (slug) DO NOTHING and ask again.
awaitable<std::string> free_slug(db::queryable& db, const db::statement& taken, std::string base);

// A given slug that is a number is a fault.
void check_slug(const std::optional<std::string>& given, json::faults& f);

field_error slug_taken();

} // namespace nexus::catalogue
