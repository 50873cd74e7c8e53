#include "catalogue/import/write.hpp"

#include "catalogue/import/batch.hpp"
#include "catalogue/import/import.sql.hpp"
#include "catalogue/import/references.hpp"
#include "catalogue/products.hpp"

namespace nexus::catalogue_import {

namespace {

batch batch_of(db::transaction& tx, const std::vector<product_draft>& drafts, const layout& columns,
               time_point now) {
  batch b{tx, columns, now, {}, {}, {}, {}};
  for (const product_draft& draft : drafts) {
    product_in_batch p;
    p.draft = &draft;
    for (const variant_draft& v : draft.variants)
      p.variants.push_back({&v, 0, {}, {}});
    b.products.push_back(std::move(p));
  }
  return b;
}

awaitable<> lock_products(batch& b) {
  std::vector<std::string> slugs;
  std::unordered_map<std::string_view, product_in_batch*> by_slug;
  for (product_in_batch& p : b.products) {
    slugs.push_back(p.draft->slug);
    by_slug[p.draft->slug] = &p;
  }
  const db::rows found = co_await b.tx.query(sql::lock_products, slugs);
  for (const db::row row : found) {
    const auto [id, slug, code] = row.as<std::int64_t, std::string_view, std::string_view>();
    product_in_batch& p = *by_slug.at(slug);
    p.id = id;
    if (code == p.draft->currency.code())
      continue;
    b.out.found.fault(
        p.draft->line, b.columns.name(role::currency),
        fmt::format("The product's prices are in {}, the file's in {}. The product is left out.", code,
                    p.draft->currency.code()));
    p.variants.clear();
  }
  drop_empty(b);
}

awaitable<> find_brands(batch& b) {
  std::vector<std::string> names;
  std::vector<product_in_batch*> of;
  for (product_in_batch& p : b.products)
    if (!p.draft->brand.empty()) {
      names.push_back(p.draft->brand);
      of.push_back(&p);
    }
  const auto ids = co_await ensure_brands(b.tx, names, b.now, b.out.counts.brands_created);
  for (std::size_t i = 0; i < of.size(); ++i)
    of[i]->brand_id = ids[i];
}

// What insert_products and update_products take, one element a product in each.
struct product_columns {
  std::vector<std::int64_t> ids, prices;
  std::vector<std::string> slugs, names, descriptions, currencies, statuses;
  std::vector<std::optional<std::int64_t>> brands;

  void add(const product_in_batch& p) {
    ids.push_back(p.id);
    prices.push_back(p.base_price());
    slugs.push_back(p.draft->slug);
    names.push_back(p.draft->name);
    descriptions.push_back(p.draft->description);
    currencies.emplace_back(p.draft->currency.code());
    statuses.push_back(p.draft->status);
    brands.push_back(p.brand_id);
  }
};

awaitable<> insert_new(batch& b) {
  product_columns c;
  std::unordered_map<std::string_view, product_in_batch*> by_slug;
  for (product_in_batch& p : b.products)
    if (p.id == 0) {
      c.add(p);
      by_slug[p.draft->slug] = &p;
    }
  if (by_slug.empty())
    co_return;
  const db::rows made = co_await b.tx.query(sql::insert_products, c.slugs, c.names, c.descriptions, c.brands,
                                            c.prices, c.currencies, c.statuses, b.now);
  if (static_cast<std::size_t>(made.size()) != by_slug.size())
    throw_overtaken("product");
  for (const db::row row : made) {
    product_in_batch& p = *by_slug.at(row.get<std::string_view>(1));
    p.id = row.get<std::int64_t>(0);
    p.is_new = true;
    b.changed.insert(p.id);
  }
}

void mark_changed(batch& b, const db::rows& product_ids) {
  for (const db::row row : product_ids)
    b.changed.insert(row.get<std::int64_t>(0));
}

awaitable<> update_existing(batch& b) {
  product_columns c;
  for (const product_in_batch& p : b.products)
    if (!p.is_new)
      c.add(p);
  if (c.ids.empty())
    co_return;
  mark_changed(b, co_await b.tx.query(sql::update_products, c.ids, c.names, c.descriptions, c.brands,
                                      c.prices, c.statuses));
}

awaitable<> write_categories(batch& b) {
  std::vector<std::vector<std::string>> paths;
  std::vector<std::int64_t> product_ids;
  for (const product_in_batch& p : b.products)
    if (!p.draft->category.empty()) {
      paths.push_back(p.draft->category);
      product_ids.push_back(p.id);
    }
  if (paths.empty())
    co_return;
  const auto ids = co_await ensure_categories(b.tx, paths, b.now, b.out.counts.categories_created);
  mark_changed(b, co_await b.tx.query(sql::insert_product_categories, product_ids, ids));
}

awaitable<> write_images(batch& b) {
  std::vector<std::int64_t> product_ids;
  std::vector<std::string> urls, alt_texts;
  std::vector<int> positions;
  for (const product_in_batch& p : b.products)
    for (std::size_t i = 0; i < p.draft->images.size(); ++i) {
      product_ids.push_back(p.id);
      urls.push_back(p.draft->images[i].url);
      alt_texts.push_back(p.draft->images[i].alt_text);
      positions.push_back(static_cast<int>(i));
    }
  if (!urls.empty())
    mark_changed(b, co_await b.tx.query(sql::write_images, product_ids, urls, alt_texts, positions));
}

void count_products(batch& b) {
  for (const product_in_batch& p : b.products)
    ++(p.is_new                   ? b.out.counts.products_created
       : b.changed.contains(p.id) ? b.out.counts.products_updated
                                  : b.out.counts.products_unchanged);
}

} // namespace

void drop_empty(batch& b) {
  std::erase_if(b.products, [](const product_in_batch& p) { return p.variants.empty(); });
}

void throw_overtaken(std::string_view what) {
  throw db::error("40001", fmt::format("a {} of the file was made by another transaction", what), "",
                  "import");
}

awaitable<outcome> write_products(db::transaction& tx, const std::vector<product_draft>& drafts,
                                  const layout& columns, time_point now) {
  batch b = batch_of(tx, drafts, columns, now);
  co_await lock_products(b);
  co_await match_variants(b);
  co_await name_variants(b);
  co_await find_brands(b);
  co_await insert_new(b);
  co_await update_existing(b);
  co_await write_categories(b);
  co_await write_images(b);
  co_await write_variants(b);
  if (!b.changed.empty())
    catalogue::refresh_price_ranges(tx, {b.changed.begin(), b.changed.end()}, now);
  count_products(b);
  co_return std::move(b.out);
}

} // namespace nexus::catalogue_import
