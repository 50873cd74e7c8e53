#include "catalogue/endpoints.hpp"
#include "catalogue/listing.hpp"
#include "catalogue/name_cursor.hpp"
#include "catalogue/products.hpp"

namespace nexus::catalogue {

namespace {

// Each with its reverse behind it.
enum class ordering {
  base_price,
  base_price_down,
  name,
  name_down,
  created_at,
  created_at_down,
  relevance,
  relevance_reversed
};
constexpr std::array<std::string_view, 8> enum_names(ordering) {
  return {"base_price", "-base_price", "name",      "-name",
          "created_at", "-created_at", "relevance", "-relevance"};
}

struct products_query : api::page_query {
  std::optional<std::string> search, category, brand;
  std::optional<decimal> min_price, max_price;
  std::optional<bool> in_stock;
  std::map<std::string, std::vector<std::string>> attributes;
  std::optional<catalogue::ordering> ordering;
  std::optional<product_status> status;

  static constexpr std::string_view schema_name = "ProductsQuery";
  template <class V>
  static constexpr void fields(V&& field) {
    api::page_query::fields(field);
    field("search", &products_query::search, {.max_length = 200, .doc = "Beginnings of words, all of them"});
    field("category", &products_query::category,
          {.max_length = 200, .doc = "Id or slug; what lies below it is included"});
    field("brand", &products_query::brand, {.max_length = 200, .doc = "Id or slug"});
    field("min_price", &products_query::min_price, {.minimum = 0, .doc = "A variant costs as much or more"});
    field("max_price", &products_query::max_price, {.minimum = 0, .doc = "A variant costs as much or less"});
    field("in_stock", &products_query::in_stock, {.doc = "Whether a variant can be bought now"});
    field("attributes", &products_query::attributes,
          {.max_length = 100,
           .optional = true,
           .doc = "attributes[color]=red,blue&attributes[size]=L: a variant is red or blue, and L"});
    field("ordering", &products_query::ordering,
          {.doc = "relevance (best first) where there is a search, else -created_at"});
    field("status", &products_query::status, {.doc = "active, but for those who hold catalogue.write"});
  }
};

using list_request = api::request<none, products_query>;
using page = api::page<product_card>;

constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

struct direction {
  product_order order = product_order::created_at;
  bool descending = true;
};

direction direction_of(const products_query& q) {
  const ordering wanted = q.ordering.value_or(q.search ? ordering::relevance : ordering::created_at_down);
  const auto number = static_cast<unsigned>(wanted);
  const auto order = static_cast<product_order>(number / 2);
  if (order != product_order::relevance)
    return {order, number % 2 == 1};
  if (!q.search) // nothing is more relevant than anything else
    return {};
  return {order, number % 2 == 0};
}

// Where the page begins: the parameters $13 to $16.
struct start {
  std::int64_t number = 0;
  std::string name;
  std::optional<time_point> time;
  std::int64_t id = 0;
};

std::optional<start> start_of(const api::cursor& from, product_order order) {
  start out;
  if (from.key.empty())
    return out;
  const std::string& value = from.key[0];
  const auto id = parse_int(from.key[1]);
  if (!id)
    return std::nullopt;
  out.id = *id;
  if (order == product_order::name) {
    out.name = value;
  } else if (order == product_order::created_at) {
    out.time = parse_rfc3339(value);
    if (!out.time)
      return std::nullopt;
  } else {
    const auto number = parse_int(value);
    if (!number)
      return std::nullopt;
    out.number = *number;
  }
  return out;
}

std::vector<std::string> key_of(const product_card& p, product_order order) {
  const std::string id = std::to_string(p.id);
  switch (order) {
  case product_order::base_price:
    return {std::to_string(p.base_price.minor), id};
  case product_order::name:
    return {cursor_text(name_key(p.name)), id};
  case product_order::created_at:
    return {to_rfc3339(p.created_at), id};
  case product_order::relevance:
    return {std::to_string(p.relevance), id};
  }
  return {};
}

product_card card_of(const db::row& row) {
  product_card p;
  p.id = row.get<std::int64_t>(0);
  p.slug = row.get<std::string>(1);
  p.name = row.get<std::string>(2);
  p.currency = currency::parse(row.get<std::string_view>(6)).value();
  p.base_price = {row.get<std::int64_t>(3), p.currency};
  p.price_range = {{row.get<std::int64_t>(4), p.currency}, {row.get<std::int64_t>(5), p.currency}};
  p.status = json::parse_enum<product_status>(row.get<std::string_view>(7)).value();
  p.created_at = row.get<time_point>(8);
  p.relevance = row.get<std::int64_t>(9);
  if (!row.is_null(10))
    p.brand = named_reference{row.get<std::int64_t>(10), row.get<std::string>(11), row.get<std::string>(12)};
  const auto ids = row.get<std::vector<std::int64_t>>(13);
  auto names = row.get<std::vector<std::string>>(14);
  auto slugs = row.get<std::vector<std::string>>(15);
  for (std::size_t i = 0; i < ids.size(); ++i)
    p.categories.push_back({ids[i], std::move(names[i]), std::move(slugs[i])});
  if (!row.is_null(16))
    p.main_image = main_image{row.get<std::string>(16), row.get<std::string>(17)};
  p.is_available = row.get<bool>(18);
  return p;
}

// The parameters $1 to $12, the same for the list and the count.
struct filters {
  std::string words;
  key category, brand;
  std::vector<std::string> attributes, values;
  std::int64_t min_price = 0, max_price = no_limit;

  [[nodiscard]] db::params params(const products_query& q) const {
    return db::params::of(words, category.id, category.slug, brand.id, brand.slug, attributes, values,
                          q.attributes.size(), min_price, max_price, q.in_stock,
                          json::name_of(q.status.value_or(product_status::active)));
  }
};

// Prices in a query are of the currencies' common two digits.
std::int64_t read_limit(const std::optional<decimal>& amount, std::int64_t otherwise, std::string_view at,
                        json::faults& f) {
  return amount ? read_price(*amount, currency::etb(), at, f) : otherwise;
}

filters filters_of(const products_query& q, json::faults& f) {
  filters out;
  if (q.search)
    out.words = prefix_query(*q.search);
  if (q.category)
    out.category = catalogue::key_of(*q.category);
  if (q.brand)
    out.brand = catalogue::key_of(*q.brand);
  for (const auto& [attribute, values] : q.attributes)
    for (const std::string& value : values) {
      out.attributes.push_back(attribute);
      out.values.push_back(value);
    }
  out.min_price = read_limit(q.min_price, 0, "?min_price", f);
  out.max_price = read_limit(q.max_price, no_limit, "?max_price", f);
  return out;
}

listing listing_of(const products_query& q, const direction& d, const api::cursor& from) {
  return {q.search.has_value(),
          q.category.has_value(),
          q.brand.has_value(),
          !q.attributes.empty(),
          d.order,
          d.descending != from.backward,
          !from.key.empty()};
}

awaitable<result<page>> list(api::context& c, list_request in) {
  const products_query& q = in.query;
  if (q.status && *q.status != product_status::active && !c.may(write_permission))
    co_return problem(errors::permission_denied,
                      "Drafts and archived products need the permission catalogue.write.");
  const auto from = api::read_cursor(q, 2);
  if (!from)
    co_return from.error();
  const direction d = direction_of(q);
  const auto begin = start_of(*from, d.order);
  if (!begin)
    co_return bad_cursor();
  json::faults f;
  const filters wanted = filters_of(q, f);
  if (!f.empty())
    co_return problem(errors::validation_error, "The query has parameters that are not valid.", f.take());

  const listing l = listing_of(q, d, *from);
  db::params p = wanted.params(q);
  p.add(begin->number);
  p.add(begin->name);
  p.add(begin->time);
  p.add(begin->id);
  p.add(q.page_size + 1);
  page out;
  const bool nothing_to_find = q.search && wanted.words.empty();
  if (!nothing_to_find) {
    const db::rows found = co_await c.db.run(list_statement(l), std::move(p));
    for (const db::row row : found)
      out.results.push_back(card_of(row));
  }
  if (q.count)
    out.count = nothing_to_find
                    ? 0
                    : (co_await c.db.run(count_statement(l), wanted.params(q))).front().get<std::int64_t>(0);
  api::finish_page(c, q, *from, out, [&](const product_card& p2) { return key_of(p2, d.order); });
  co_return out;
}

} // namespace

api::endpoint list_products() {
  return api::get("/products/", "list_products", "Find products")
      .open()
      .cacheable()
      .fails({&errors::permission_denied})
      .handle(
          [](api::context& c, list_request in) -> awaitable<result<page>> { return list(c, std::move(in)); });
}

} // namespace nexus::catalogue
