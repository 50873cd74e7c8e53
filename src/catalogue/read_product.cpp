#include "catalogue/endpoints.hpp"
#include "catalogue/products.hpp"
#include "catalogue/products.sql.hpp"
#include "catalogue/variants.sql.hpp"

namespace nexus::catalogue {

namespace {

variant_row variant_of(const db::row& row, currency of) {
  auto [id, sku, name, price, compare_at_price, image, weight_grams, available, attribute_ids, attributes,
        value_ids, values] =
      row.as<std::int64_t, std::string, std::string, std::int64_t, std::optional<std::int64_t>,
             std::optional<std::string>, int, int, std::vector<std::int64_t>, std::vector<std::string>,
             std::vector<std::int64_t>, std::vector<std::string>>();
  variant_row out;
  out.view.id = id;
  out.view.sku = std::move(sku);
  out.view.name = std::move(name);
  out.view.price = {price, of};
  if (compare_at_price)
    out.view.compare_at_price = money{*compare_at_price, of};
  out.view.currency = of;
  out.view.available = available;
  out.view.image = std::move(image);
  out.view.weight_grams = weight_grams;
  for (std::size_t i = 0; i < attributes.size(); ++i)
    out.view.attribute_values.push_back({std::move(attributes[i]), std::move(values[i])});
  out.attribute_ids = std::move(attribute_ids);
  out.value_ids = std::move(value_ids);
  return out;
}

product_view product_of(const db::row& row) {
  product_view p;
  p.id = row.get<std::int64_t>(0);
  p.slug = row.get<std::string>(1);
  p.name = row.get<std::string>(2);
  p.description = row.get<std::string>(3);
  p.currency = currency::parse(row.get<std::string_view>(7)).value();
  p.base_price = {row.get<std::int64_t>(4), p.currency};
  p.price_range = {{row.get<std::int64_t>(5), p.currency}, {row.get<std::int64_t>(6), p.currency}};
  p.status = json::parse_enum<product_status>(row.get<std::string_view>(8)).value();
  p.created_at = row.get<time_point>(9);
  p.updated_at = row.get<time_point>(10);
  if (!row.is_null(11))
    p.brand = named_reference{row.get<std::int64_t>(11), row.get<std::string>(12), row.get<std::string>(13)};
  const auto ids = row.get<std::vector<std::int64_t>>(14);
  auto names = row.get<std::vector<std::string>>(15);
  auto slugs = row.get<std::vector<std::string>>(16);
  for (std::size_t i = 0; i < ids.size(); ++i)
    p.categories.push_back({ids[i], std::move(names[i]), std::move(slugs[i])});
  const auto image_ids = row.get<std::vector<std::int64_t>>(17);
  auto urls = row.get<std::vector<std::string>>(18);
  auto alt_texts = row.get<std::vector<std::string>>(19);
  const auto positions = row.get<std::vector<int>>(20);
  for (std::size_t i = 0; i < image_ids.size(); ++i)
    p.images.push_back({image_ids[i], std::move(urls[i]), std::move(alt_texts[i]), positions[i]});
  if (!p.images.empty())
    p.main_image = main_image{p.images.front().url, p.images.front().alt_text};
  return p;
}

awaitable<result<product_view>> read(api::context& c, api::request<key_path> in) {
  auto product = co_await read_product(c.db, key_of(in.path.id), c.may(write_permission));
  if (!product)
    co_return no_such_product();
  co_return std::move(*product);
}

} // namespace

problem no_such_product() { return {errors::not_found, "There is no such product."}; }
problem no_such_variant() { return {errors::not_found, "The product has no such variant."}; }

awaitable<std::vector<variant_row>> read_variants(db::queryable& db, std::int64_t product_id, currency of) {
  const db::rows found = co_await db.query(sql::read_variants, product_id);
  std::vector<variant_row> out;
  out.reserve(static_cast<std::size_t>(found.size()));
  for (const db::row row : found)
    out.push_back(variant_of(row, of));
  co_return out;
}

std::vector<attribute_use> attributes_of(const std::vector<variant_row>& variants) {
  std::vector<attribute_use> out;
  for (const variant_row& v : variants)
    for (std::size_t i = 0; i < v.attribute_ids.size(); ++i) {
      auto at =
          std::find_if(out.begin(), out.end(), [&](const auto& a) { return a.id == v.attribute_ids[i]; });
      if (at == out.end())
        at = out.insert(out.end(), {v.attribute_ids[i], v.view.attribute_values[i].attribute, {}});
      const value_view value{v.value_ids[i], v.view.attribute_values[i].value};
      if (std::find(at->values.begin(), at->values.end(), value) == at->values.end())
        at->values.push_back(value);
    }
  return out;
}

awaitable<std::optional<product_view>> read_product(db::queryable& db, key wanted, bool sees_all) {
  const db::rows found = co_await db.query(sql::read_product, wanted.id, wanted.slug, sees_all);
  if (found.empty())
    co_return std::nullopt;
  product_view product = product_of(found.front());
  auto variants = co_await read_variants(db, product.id, product.currency);
  product.attributes = attributes_of(variants);
  for (variant_row& v : variants) {
    product.is_available =
        product.is_available || (product.status == product_status::active && v.view.available > 0);
    product.variants.push_back(std::move(v.view));
  }
  co_return product;
}

awaitable<std::optional<std::int64_t>> find_product(const api::context& c, db::queryable& db, key wanted) {
  const db::rows found = co_await db.query(sql::find_product, wanted.id, wanted.slug);
  if (found.empty() || (!found.front().get<bool>(1) && !c.may(write_permission)))
    co_return std::nullopt;
  co_return found.front().get<std::int64_t>(0);
}

api::endpoint read_product_page() {
  return api::get("/products/{id}/", "read_product", "A product by its id or slug, whole")
      .open()
      .cacheable()
      .fails({&errors::not_found})
      .describe("Drafts and archived products are shown to those who hold catalogue.write.")
      .handle([](api::context& c, api::request<key_path> in) -> awaitable<result<product_view>> {
        return read(c, std::move(in));
      });
}

} // namespace nexus::catalogue
