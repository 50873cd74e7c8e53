#include "catalogue/import/batch.hpp"
#include "catalogue/import/import.sql.hpp"
#include "catalogue/products.hpp"
#include "inventory/inventory.hpp"

namespace nexus::catalogue_import {

namespace {

template <class F>
void each_variant(batch& b, F f) {
  for (product_in_batch& p : b.products)
    for (variant_in_batch& v : p.variants)
      f(p, v);
}

// Whether it may go in; what is there with its SKU gives it its id.
bool match(batch& b, const product_in_batch& p, variant_in_batch& v, const known_variant* there) {
  if (!there)
    return true;
  if (there->product_slug != p.draft->slug) {
    b.out.found.fault(v.draft->line, b.columns.name(role::sku),
                      fmt::format("The product \"{}\" has the SKU {}.", there->product_slug, v.draft->sku));
    return false;
  }
  if (there->archived) {
    b.out.found.warn(v.draft->line, b.columns.name(role::sku),
                     fmt::format("The variant {} was retired, and stays so.", v.draft->sku));
    return false;
  }
  v.id = there->id;
  return true;
}

// Live variants of the product that the file does not name: they keep their names. By name: their SKU.
std::map<std::string_view, std::string_view> names_kept(const batch& b, const product_in_batch& p) {
  std::map<std::string_view, std::string_view> out;
  for (const known_variant& k : b.known) {
    const auto same = [&](const variant_in_batch& v) { return v.id == k.id; };
    if (k.product_slug == p.draft->slug && !k.archived &&
        std::none_of(p.variants.begin(), p.variants.end(), same))
      out.emplace(k.name, k.sku);
  }
  return out;
}

// Leaves out the first variant that cannot have its name; false where there is none.
bool drop_conflict(batch& b, product_in_batch& p) {
  auto taken = names_kept(b, p);
  for (auto v = p.variants.begin(); v != p.variants.end(); ++v) {
    std::set<std::int64_t> attributes;
    for (const auto& value : v->values)
      attributes.insert(value.attribute_id);
    const auto [there, is_free] = taken.emplace(v->name, v->draft->sku);
    if (is_free && attributes.size() == v->values.size())
      continue;
    b.out.found.fault(v->draft->line, b.columns.name(option_value(0)),
                      is_free ? std::string("Two options have the same name.")
                              : fmt::format("The product's variant {} has the same options.", there->second));
    p.variants.erase(v);
    return true;
  }
  return false;
}

// What insert_variants and update_variants take, one element a variant in each.
struct variant_columns {
  std::vector<std::int64_t> ids, product_ids, prices;
  std::vector<std::string> skus, names, images;
  std::vector<std::optional<std::int64_t>> compare_at_prices;
  std::vector<bool> follow;
  std::vector<int> positions;

  void add(const product_in_batch& p, const variant_in_batch& v) {
    ids.push_back(v.id);
    product_ids.push_back(p.id);
    prices.push_back(v.draft->price);
    skus.push_back(v.draft->sku);
    names.push_back(v.name);
    images.push_back(v.draft->image_url);
    compare_at_prices.push_back(v.draft->compare_at_price);
    // When staff changes the product's base price, the variants that cost the same go with it.
    follow.push_back(v.draft->price == p.base_price());
    positions.push_back(static_cast<int>(&v - p.variants.data()));
  }
};

awaitable<> update_existing(batch& b, std::set<std::int64_t>& written) {
  variant_columns c;
  each_variant(b, [&](const product_in_batch& p, const variant_in_batch& v) {
    if (v.id != 0)
      c.add(p, v);
  });
  if (c.ids.empty())
    co_return;
  b.tx.send(sql::park_variant_names, c.ids, c.names);
  const db::rows changed = co_await b.tx.query(sql::update_variants, c.ids, c.names, c.prices,
                                               c.compare_at_prices, c.follow, c.positions, c.images);
  for (const db::row row : changed)
    written.insert(row.get<std::int64_t>(0));
  b.tx.send(sql::follow_base_prices, c.product_ids);
}

// The ids of those that were made.
awaitable<std::set<std::int64_t>> insert_new(batch& b) {
  variant_columns c;
  std::unordered_map<std::string_view, variant_in_batch*> by_sku;
  each_variant(b, [&](const product_in_batch& p, variant_in_batch& v) {
    if (v.id != 0)
      return;
    c.add(p, v);
    by_sku[v.draft->sku] = &v;
  });
  std::set<std::int64_t> made;
  if (by_sku.empty())
    co_return made;
  const db::rows rows = co_await b.tx.query(sql::insert_variants, c.product_ids, c.skus, c.names, c.prices,
                                            c.compare_at_prices, c.follow, c.positions, c.images, b.now);
  if (static_cast<std::size_t>(rows.size()) != by_sku.size())
    throw_overtaken("variant");
  for (const db::row row : rows) {
    const auto id = row.get<std::int64_t>(0);
    by_sku.at(row.get<std::string_view>(1))->id = id;
    made.insert(id);
  }
  co_return made;
}

awaitable<> write_values(batch& b, std::set<std::int64_t>& written) {
  std::vector<std::int64_t> all, variant_ids, attribute_ids, value_ids;
  std::vector<int> positions;
  each_variant(b, [&](const product_in_batch&, const variant_in_batch& v) {
    all.push_back(v.id);
    for (std::size_t i = 0; i < v.values.size(); ++i) {
      variant_ids.push_back(v.id);
      attribute_ids.push_back(v.values[i].attribute_id);
      value_ids.push_back(v.values[i].id);
      positions.push_back(static_cast<int>(i));
    }
  });
  const db::rows deleted = co_await b.tx.query(sql::delete_other_values, all, variant_ids, attribute_ids);
  const db::rows changed =
      co_await b.tx.query(sql::write_values, variant_ids, attribute_ids, value_ids, positions);
  for (const db::rows* rows : {&deleted, &changed})
    for (const db::row row : *rows)
      written.insert(row.get<std::int64_t>(0));
}

// New variants begin with nothing, so that whatever lies in the house stands in the ledger as an import.
awaitable<> write_stock(batch& b, const std::set<std::int64_t>& made) {
  std::vector<inventory::level> opened, wanted;
  std::unordered_map<std::int64_t, const variant_draft*> drafts;
  each_variant(b, [&](const product_in_batch&, const variant_in_batch& v) {
    if (made.contains(v.id))
      opened.push_back({v.id, 0, 0});
    if (v.draft->stock)
      drafts[v.id] = v.draft;
  });
  inventory::open_stock(b.tx, opened, std::nullopt, b.now);
  std::vector<std::int64_t> ids;
  for (const auto& [id, draft] : drafts)
    ids.push_back(id);
  const auto levels = co_await inventory::lock(b.tx, ids);
  for (const inventory::level& is : levels) {
    const variant_draft& draft = *drafts.at(is.variant_id);
    const int target = std::max(*draft.stock, is.reserved);
    if (target != *draft.stock)
      b.out.found.warn(
          draft.line, b.columns.name(role::stock),
          fmt::format("Live orders hold {} pieces of {}: the stock is set to that.", is.reserved, draft.sku));
    if (target == is.on_hand)
      continue;
    wanted.push_back({is.variant_id, target, 0});
    b.out.counts.stock_changed += made.contains(is.variant_id) ? 0 : 1;
  }
  if (!wanted.empty())
    co_await inventory::set_on_hand(b.tx, wanted, "import", std::nullopt, b.now);
}

} // namespace

awaitable<> match_variants(batch& b) {
  std::vector<std::string> slugs, skus;
  for (const product_in_batch& p : b.products)
    slugs.push_back(p.draft->slug);
  each_variant(b, [&](const product_in_batch&, const variant_in_batch& v) { skus.push_back(v.draft->sku); });
  const db::rows found = co_await b.tx.query(sql::known_variants, slugs, skus);
  std::unordered_map<std::string_view, const known_variant*> by_sku;
  for (const db::row row : found) {
    auto [id, sku, name, slug, archived] =
        row.as<std::int64_t, std::string, std::string, std::string, bool>();
    b.known.push_back({id, std::move(sku), std::move(name), std::move(slug), archived});
  }
  for (const known_variant& k : b.known)
    by_sku[k.sku] = &k;
  std::unordered_map<std::string_view, std::string_view> in_file; // SKU -> slug of its product
  for (product_in_batch& p : b.products)
    std::erase_if(p.variants, [&](variant_in_batch& v) {
      const auto there = by_sku.find(v.draft->sku);
      if (!match(b, p, v, there == by_sku.end() ? nullptr : there->second))
        return true;
      const auto [first, is_free] = in_file.emplace(v.draft->sku, p.draft->slug);
      if (!is_free)
        b.out.found.fault(v.draft->line, b.columns.name(role::sku),
                          fmt::format("The product \"{}\" has the SKU {}.", first->second, v.draft->sku));
      return !is_free;
    });
  drop_empty(b);
}

awaitable<> name_variants(batch& b) {
  std::vector<catalogue::named_value> wanted;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> places;
  each_variant(b, [&](const product_in_batch&, const variant_in_batch& v) {
    for (const option& o : v.draft->options)
      if (places.emplace(std::pair(std::string_view(o.name), std::string_view(o.value)), wanted.size())
              .second)
        wanted.push_back({o.name, o.value});
  });
  const auto values = co_await catalogue::ensure_values(b.tx, wanted, b.now);
  each_variant(b, [&](const product_in_batch&, variant_in_batch& v) {
    for (const option& o : v.draft->options)
      v.values.push_back(values[places.at({o.name, o.value})]);
    v.name = catalogue::variant_name(v.values);
  });
  // One at a time: what is left out and exists keeps its name, which may be another's to be.
  for (product_in_batch& p : b.products)
    while (drop_conflict(b, p)) {
    }
  drop_empty(b);
}

awaitable<> write_variants(batch& b) {
  if (b.products.empty())
    co_return;
  std::set<std::int64_t> written;
  co_await update_existing(b, written);
  const auto made = co_await insert_new(b);
  co_await write_values(b, written);
  co_await write_stock(b, made);
  each_variant(b, [&](const product_in_batch& p, const variant_in_batch& v) {
    const bool is_new = made.contains(v.id);
    const bool changed = written.contains(v.id);
    ++(is_new    ? b.out.counts.variants_created
       : changed ? b.out.counts.variants_updated
                 : b.out.counts.variants_unchanged);
    if (is_new || changed)
      b.changed.insert(p.id);
  });
}

} // namespace nexus::catalogue_import
