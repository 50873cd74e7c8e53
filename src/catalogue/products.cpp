#include "catalogue/products.hpp"

#include "catalogue/catalogue.hpp"
#include "catalogue/precondition.hpp"
#include "catalogue/products.sql.hpp"
#include "catalogue/variants.sql.hpp"

#include <set>

namespace nexus::catalogue {

awaitable<std::vector<offer>> find_offers(db::queryable& db, std::vector<std::int64_t> variant_ids) {
  const db::rows found = co_await db.query(sql::find_offers, variant_ids);
  std::vector<offer> out;
  out.reserve(static_cast<std::size_t>(found.size()));
  for (const db::row row : found) {
    auto [id, product_id, sku, product_name, slug, name, price, code, image, available] =
        row.as<std::int64_t, std::int64_t, std::string, std::string, std::string, std::string, std::int64_t,
               std::string_view, std::optional<std::string>, int>();
    out.push_back({id, product_id, std::move(sku), std::move(product_name), std::move(slug), std::move(name),
                   money{price, currency::parse(code).value()}, std::move(image), available});
  }
  co_return out;
}

awaitable<std::optional<locked_product>> lock_product(db::transaction& tx, key wanted) {
  const db::rows found = co_await tx.query(sql::lock_product, wanted.id, wanted.slug);
  if (found.empty())
    co_return std::nullopt;
  auto [id, name, slug, description, brand_id, base_price, code, status] =
      found.front()
          .as<std::int64_t, std::string, std::string, std::string, std::optional<std::int64_t>, std::int64_t,
              std::string_view, std::string_view>();
  co_return locked_product{id,
                           std::move(name),
                           std::move(slug),
                           std::move(description),
                           brand_id,
                           money{base_price, currency::parse(code).value()},
                           json::parse_enum<product_status>(status).value()};
}

awaitable<result<locked_product>> lock_matching_product(const api::context& c, db::transaction& tx,
                                                        key wanted) {
  auto product = co_await lock_product(tx, wanted);
  if (!product)
    co_return no_such_product();
  if (has_if_match(c)) {
    const auto page = co_await read_product(tx, {product->id, {}}, true);
    if (auto refused = check_if_match(c, page.value()))
      co_return std::move(*refused);
  }
  co_return std::move(*product);
}

std::int64_t read_price(const decimal& amount, currency of, std::string_view pointer, json::faults& f) {
  if (const auto price = money::from(amount, of))
    return price->minor;
  f.add(std::string(pointer), "invalid_decimal",
        fmt::format("{} has {} digits after the point, and this is more, or too large.", of.code(),
                    of.digits()));
  return 0;
}

awaitable<> check_references(db::transaction& tx, std::optional<std::int64_t> brand,
                             std::vector<std::int64_t> categories, json::faults& f) {
  if (brand && (co_await tx.query(sql::lock_known_brand, *brand)).empty())
    f.add("/brand", "unknown_reference", "There is no such brand.");
  if (categories.empty())
    co_return;
  std::set<std::int64_t> known;
  const db::rows found = co_await tx.query(sql::lock_known_categories, categories);
  for (const db::row row : found)
    known.insert(row.get<std::int64_t>(0));
  for (std::size_t i = 0; i < categories.size(); ++i)
    if (!known.contains(categories[i]))
      f.add(fmt::format("/categories/{}", i), "unknown_reference", "There is no such category.");
}

void refresh_price_ranges(db::transaction& tx, const std::vector<std::int64_t>& product_ids, time_point now) {
  tx.send(sql::refresh_price_ranges, product_ids, now);
}

std::optional<problem> check_may_stock(const api::context& c, const std::vector<new_variant>& variants) {
  const bool gives =
      std::any_of(variants.begin(), variants.end(), [](const new_variant& v) { return v.stock > 0; });
  if (!gives || c.may("inventory.write"))
    return std::nullopt;
  return problem(errors::permission_denied, "Stock from the start needs the permission inventory.write.");
}

} // namespace nexus::catalogue
