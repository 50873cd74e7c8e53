#include "catalogue/import/references.hpp"

#include "catalogue/import/import.sql.hpp"
#include "catalogue/slugs.hpp"

namespace nexus::catalogue_import {

namespace {

using catalogue::slug_base;
using catalogue::slug_candidate;

constexpr int attempts = 20; // each tries other slugs

std::size_t index_of(const db::row& row) { return static_cast<std::size_t>(row.get<std::int64_t>(0) - 1); }

// Categories of one level, some of them without an id yet.
struct level {
  std::vector<std::optional<std::int64_t>> parents;
  std::vector<std::string> names;
  std::vector<std::string> whole_paths; // for a slug, where that of the name is taken
  std::vector<std::int64_t> ids;        // 0: not known yet
};

std::string category_slug(const level& of, std::size_t i, int attempt) {
  if (attempt == 2)
    return slug_base(of.whole_paths[i], "category");
  return slug_candidate(slug_base(of.names[i], "category"), attempt == 1 ? 1 : attempt - 1);
}

awaitable<> find(db::transaction& tx, level& all) {
  const db::rows found = co_await tx.query(sql::find_categories, all.parents, all.names);
  for (const db::row row : found)
    all.ids[index_of(row)] = row.get<std::int64_t>(1);
}

bool is_known(const level& all) { return std::find(all.ids.begin(), all.ids.end(), 0) == all.ids.end(); }

awaitable<> ensure_level(db::transaction& tx, level& all, time_point now, int& made) {
  co_await find(tx, all);
  if (is_known(all))
    co_return;
  tx.send(sql::lock_category_tree);
  co_await find(tx, all);
  for (int attempt = 1; !is_known(all); ++attempt) {
    if (attempt > attempts)
      throw std::runtime_error("no slug could be found for a category of the file");
    std::vector<std::optional<std::int64_t>> parents;
    std::vector<std::string> names, slugs;
    for (std::size_t i = 0; i < all.ids.size(); ++i)
      if (all.ids[i] == 0) {
        parents.push_back(all.parents[i]);
        names.push_back(all.names[i]);
        slugs.push_back(category_slug(all, i, attempt));
      }
    made +=
        static_cast<int>((co_await tx.query(sql::insert_categories, parents, names, slugs, now)).affected());
    co_await find(tx, all);
  }
}

std::string joined(const std::vector<std::string>& path, std::size_t depth) {
  std::string out;
  for (std::size_t i = 0; i <= depth; ++i)
    out += (i == 0 ? "" : " ") + path[i];
  return out;
}

} // namespace

awaitable<std::vector<std::int64_t>> ensure_brands(db::transaction& tx, std::vector<std::string> names,
                                                   time_point now, int& made) {
  std::vector<std::int64_t> ids(names.size());
  for (int attempt = 1; !names.empty(); ++attempt) {
    const db::rows found = co_await tx.query(sql::find_brands, names);
    for (const db::row row : found)
      ids[index_of(row)] = row.get<std::int64_t>(1);
    std::vector<std::string> missing, slugs;
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (ids[i] == 0) {
        missing.push_back(names[i]);
        slugs.push_back(slug_candidate(slug_base(names[i], "brand"), attempt));
      }
    if (missing.empty())
      break;
    if (attempt == attempts)
      throw std::runtime_error("no slug could be found for the brand " + missing.front());
    made += static_cast<int>((co_await tx.query(sql::insert_brands, missing, slugs, now)).affected());
  }
  co_return ids;
}

awaitable<std::vector<std::int64_t>> ensure_categories(db::transaction& tx,
                                                       std::vector<std::vector<std::string>> paths,
                                                       time_point now, int& made) {
  std::vector<std::int64_t> ids(paths.size()); // of the level above, at last of the path
  for (std::size_t depth = 0;; ++depth) {
    level all;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (paths[i].size() <= depth)
        continue;
      owners.push_back(i);
      all.parents.push_back(depth == 0 ? std::nullopt : std::optional(ids[i]));
      all.names.push_back(paths[i][depth]);
      all.whole_paths.push_back(joined(paths[i], depth));
    }
    if (owners.empty())
      co_return ids;
    all.ids.resize(owners.size());
    co_await ensure_level(tx, all, now, made);
    for (std::size_t k = 0; k < owners.size(); ++k)
      ids[owners[k]] = all.ids[k];
  }
}

} // namespace nexus::catalogue_import
