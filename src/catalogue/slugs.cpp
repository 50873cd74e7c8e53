#include "catalogue/slugs.hpp"

#include "catalogue/key.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"

namespace nexus::catalogue {

namespace {
constexpr std::size_t slug_bytes = 80;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

key key_of(std::string_view text) {
  if (!is_number(text))
    return {std::nullopt, std::string(text)};
  std::int64_t id = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), id).ec != std::errc{})
    return {};
  return {id, std::nullopt};
}

std::string slug_base(std::string_view name, std::string_view fallback) {
  std::string slug = slugify(name);
  if (slug.empty())
    return std::string(fallback);
  if (is_number(slug))
    return slugify(fmt::format("{}-{}", fallback, slug));
  return slug;
}

std::string slug_candidate(std::string_view base, int n) {
  if (n <= 1)
    return std::string(base);
  const std::string suffix = fmt::format("-{}", n);
  std::size_t keep = 0;
  while (keep < base.size()) {
    const std::size_t next = keep + std::max<std::size_t>(character_length(base.substr(keep)), 1);
    if (next + suffix.size() > slug_bytes)
      break;
    keep = next;
  }
  base = base.substr(0, keep);
  while (base.ends_with('-'))
    base.remove_suffix(1);
  return std::string(base) + suffix;
}

awaitable<std::string> free_slug(db::queryable& db, const db::statement& taken, std::string base) {
  constexpr int tries = 50;
  std::vector<std::string> candidates;
  for (int n = 1; n <= tries; ++n)
    candidates.push_back(slug_candidate(base, n));
  const db::rows found = co_await db.query(taken, candidates);
  for (const db::row row : found)
    std::erase(candidates, row.get<std::string>(0));
  if (!candidates.empty())
    co_return candidates.front();
  co_return slugify(base.substr(0, 60) + "-" + random_code(8)); // slugify drops half a character at the cut
}

void check_slug(const std::optional<std::string>& given, json::faults& f) {
  if (given && is_number(*given))
    f.add("/slug", "invalid_slug", "A slug may not be a number: it could not be told from an id.");
}

field_error slug_taken() { return {"/slug", "not_unique", "Another one has this slug."}; }

} // namespace nexus::catalogue
