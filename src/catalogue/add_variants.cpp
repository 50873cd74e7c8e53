#include "catalogue/products.hpp"
#include "catalogue/variants.sql.hpp"
#include "inventory/inventory.hpp"

#include <set>

namespace nexus::catalogue {

namespace {

using value_lists = std::vector<std::vector<attribute_value>>;

void sku_taken(const std::string& place, json::faults& f) {
  f.add(place + "/sku", "not_unique", "Another variant has this SKU.");
}

awaitable<> check_skus(db::transaction& tx, const std::vector<new_variant>& variants,
                       const std::vector<variant_place>& places, json::faults& f) {
  std::vector<std::string> skus;
  for (const new_variant& v : variants)
    skus.push_back(v.sku);
  std::set<std::string> seen;
  const db::rows taken = co_await tx.query(sql::taken_skus, skus);
  for (const db::row row : taken)
    seen.insert(row.get<std::string>(0));
  for (std::size_t i = 0; i < skus.size(); ++i)
    if (!seen.insert(skus[i]).second)
      sku_taken(places[i].pointer, f);
}

// The values of each variant; what could not be resolved is left out and a fault.
awaitable<value_lists> resolve_values(db::transaction& tx, std::vector<new_variant>& variants,
                                      const std::vector<variant_place>& places, time_point now,
                                      json::faults& f) {
  std::vector<located_reference> wanted;
  std::vector<std::size_t> owner;
  for (std::size_t i = 0; i < variants.size(); ++i)
    for (std::size_t k = 0; k < variants[i].attribute_values.size(); ++k) {
      wanted.push_back({std::move(variants[i].attribute_values[k]),
                        fmt::format("{}/attribute_values/{}", places[i].pointer, k)});
      owner.push_back(i);
    }
  value_lists out(variants.size());
  auto resolved = co_await resolve(tx, std::move(wanted), now, f);
  for (std::size_t i = 0; i < resolved.size(); ++i)
    if (resolved[i])
      out[owner[i]].push_back(std::move(*resolved[i]));
  co_return out;
}

std::vector<std::int64_t> combination_of(const std::vector<attribute_value>& values) {
  std::vector<std::int64_t> ids;
  for (const attribute_value& v : values)
    ids.push_back(v.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

awaitable<> check_combinations(db::transaction& tx, std::int64_t product_id, const value_lists& values,
                               const std::vector<variant_place>& places, json::faults& f) {
  std::set<std::vector<std::int64_t>> seen;
  const db::rows there = co_await tx.query(sql::read_combinations, product_id);
  for (const db::row row : there)
    seen.insert(row.get<std::vector<std::int64_t>>(1));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!seen.insert(combination_of(values[i])).second)
      f.add(places[i].pointer + "/attribute_values", "not_unique",
            "Another variant of the product has these values.");
}

// What insert_variants takes, one element a variant in each.
struct columns {
  std::vector<std::string> skus, names;
  std::vector<std::int64_t> prices;
  std::vector<std::optional<std::int64_t>> compare_at_prices;
  std::vector<bool> follow;
  std::vector<std::optional<std::string>> images;
  std::vector<int> weights;
};

columns columns_of(const locked_product& product, const std::vector<new_variant>& variants,
                   const value_lists& values, const std::vector<variant_place>& places, json::faults& f) {
  const currency of = product.base_price.currency;
  columns out;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const new_variant& v = variants[i];
    const std::string& at = places[i].pointer;
    out.skus.push_back(v.sku);
    out.names.push_back(variant_name(values[i]));
    out.prices.push_back(v.price ? read_price(*v.price, of, at + "/price", f) : product.base_price.minor);
    out.follow.push_back(!v.price);
    auto& before = out.compare_at_prices.emplace_back();
    if (v.compare_at_price)
      before = read_price(*v.compare_at_price, of, at + "/compare_at_price", f);
    out.images.push_back(v.image);
    out.weights.push_back(v.weight_grams);
  }
  return out;
}

void send_values(db::transaction& tx, const std::vector<std::int64_t>& ids, const value_lists& values) {
  std::vector<std::int64_t> variant_ids, attribute_ids, value_ids;
  std::vector<int> positions;
  for (std::size_t i = 0; i < ids.size(); ++i)
    for (std::size_t k = 0; k < values[i].size(); ++k) {
      variant_ids.push_back(ids[i]);
      attribute_ids.push_back(values[i][k].attribute_id);
      value_ids.push_back(values[i][k].id);
      positions.push_back(static_cast<int>(k));
    }
  if (!variant_ids.empty())
    tx.send(sql::insert_variant_values, variant_ids, attribute_ids, value_ids, positions);
}

} // namespace

std::string variant_name(const std::vector<attribute_value>& values) {
  std::string name;
  for (const attribute_value& v : values) {
    if (!name.empty())
      name += " / ";
    name += v.value;
  }
  return name;
}

bool check_attributes(const std::vector<attribute_value>& values, const std::string& pointer,
                      json::faults& f) {
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!seen.insert(values[i].attribute_id).second) {
      f.add(fmt::format("{}/attribute_values/{}", pointer, i), "not_unique",
            fmt::format("A variant has one value of {}.", values[i].attribute));
      return false;
    }
  return true;
}

awaitable<std::vector<std::int64_t>> add_variants(db::transaction& tx, locked_product product,
                                                  std::vector<new_variant> variants,
                                                  std::vector<variant_place> places,
                                                  std::optional<std::int64_t> user_id, time_point now,
                                                  json::faults& f) {
  std::vector<std::int64_t> ids;
  if (variants.empty())
    co_return ids;
  co_await check_skus(tx, variants, places, f);
  const value_lists values = co_await resolve_values(tx, variants, places, now, f);
  const columns c = columns_of(product, variants, values, places, f);
  for (std::size_t i = 0; i < values.size(); ++i)
    check_attributes(values[i], places[i].pointer, f);
  if (f.empty())
    co_await check_combinations(tx, product.id, values, places, f);
  if (!f.empty())
    co_return ids;

  const db::rows made = co_await tx.query(sql::insert_variants, product.id, c.skus, c.names, c.prices,
                                          c.compare_at_prices, c.follow, c.images, c.weights, now);
  std::unordered_map<std::string, std::int64_t> id_of;
  for (const db::row row : made)
    id_of[row.get<std::string>(1)] = row.get<std::int64_t>(0);
  std::vector<inventory::level> levels;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const auto id = id_of.find(variants[i].sku);
    if (id == id_of.end()) { // somebody was quicker
      sku_taken(places[i].pointer, f);
      continue;
    }
    ids.push_back(id->second);
    levels.push_back({id->second, variants[i].stock, 0});
  }
  if (!f.empty())
    co_return std::vector<std::int64_t>{};
  send_values(tx, ids, values);
  inventory::open_stock(tx, levels, user_id, now);
  refresh_price_ranges(tx, {product.id}, now);
  co_return ids;
}

} // namespace nexus::catalogue
