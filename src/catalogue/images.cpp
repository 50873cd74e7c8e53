#include "catalogue/endpoints.hpp"
#include "catalogue/name_cursor.hpp"
#include "catalogue/products.hpp"
#include "catalogue/products.sql.hpp"

namespace nexus::catalogue {

namespace {

struct new_image {
  std::string url, alt_text;
  std::optional<int> position;

  static constexpr std::string_view schema_name = "NewProductImage";
  template <class V>
  static constexpr void fields(V&& field) {
    field("url", &new_image::url, {.form = json::format::url, .doc = "Where the picture is"});
    field("alt_text", &new_image::alt_text, {.max_length = 500, .optional = true});
    field("position", &new_image::position,
          {.minimum = 0, .maximum = 1'000'000, .doc = "Left out: behind the others"});
  }
};

struct image_path {
  std::string id;
  std::int64_t image_id = 0;

  static constexpr std::string_view schema_name = "ProductImagePath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &image_path::id, {.min_length = 1, .max_length = 200, .doc = "The product's id or slug"});
    field("image_id", &image_path::image_id, {.minimum = 1});
  }
};

struct images_query : api::page_query {
  static constexpr std::string_view schema_name = "ProductImagesQuery";
};

using list_request = api::request<key_path, images_query>;
using add_request = api::request<key_path, none, new_image>;

awaitable<result<api::page<image_view>>> list(api::context& c, list_request in) {
  const auto from = api::read_cursor(in.query, 2);
  if (!from)
    co_return from.error();
  const bool first = from->key.empty();
  const auto position = first ? std::optional<std::int64_t>(-1) : parse_int(from->key[0]);
  const auto id = first ? std::optional<std::int64_t>(0) : parse_int(from->key[1]);
  if (!position || !id || *position > std::numeric_limits<int>::max() || *position < -1)
    co_return bad_cursor();
  const auto product = co_await find_product(c, c.db, key_of(in.path.id));
  if (!product)
    co_return no_such_product();
  const auto& statement = from->backward ? sql::list_images_backward : sql::list_images;
  const db::rows found = co_await c.db.query(statement, *product, *position, *id, in.query.page_size + 1);
  api::page<image_view> out;
  for (const db::row row : found) {
    auto [image_id, url, alt_text, place] = row.as<std::int64_t, std::string, std::string, int>();
    out.results.push_back({image_id, std::move(url), std::move(alt_text), place});
  }
  if (in.query.count)
    out.count = (co_await c.db.query(sql::count_images, *product)).front().get<std::int64_t>(0);
  api::finish_page(c, in.query, *from, out, [](const image_view& i) {
    return std::vector<std::string>{std::to_string(i.position), std::to_string(i.id)};
  });
  co_return out;
}

awaitable<result<image_view>> add(api::context& c, db::transaction& tx, add_request in) {
  const auto product = co_await lock_product(tx, key_of(in.path.id));
  if (!product)
    co_return no_such_product();
  auto& body = in.body;
  const db::rows made =
      co_await tx.query(sql::insert_image, product->id, body.url, body.alt_text, body.position);
  tx.send(sql::touch_product, product->id, c.now());
  const auto [id, position] = made.front().as<std::int64_t, int>();
  co_return image_view{id, std::move(body.url), std::move(body.alt_text), position};
}

awaitable<result<none>> remove(api::context& c, db::transaction& tx, api::request<image_path> in) {
  const auto product = co_await lock_product(tx, key_of(in.path.id));
  if (!product)
    co_return no_such_product();
  const db::rows gone = co_await tx.query(sql::delete_image, product->id, in.path.image_id);
  if (gone.affected() == 0)
    co_return problem(errors::not_found, "The product has no such image.");
  tx.send(sql::touch_product, product->id, c.now());
  co_return none{};
}

} // namespace

api::endpoint list_images() {
  return api::get("/products/{id}/images/", "list_images", "The images of a product, the main one first")
      .open()
      .cacheable()
      .fails({&errors::not_found})
      .handle([](api::context& c, list_request in) -> awaitable<result<api::page<image_view>>> {
        return list(c, std::move(in));
      });
}

api::endpoint add_image() {
  return api::post("/products/{id}/images/", "add_image", "Add an image that lies elsewhere")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .fails({&errors::not_found})
      .on_constraint({"product_image_url_key", "/url", "not_unique", "The product has this image."})
      .handle([](api::context& c, db::transaction& tx, add_request in) -> awaitable<result<image_view>> {
        return add(c, tx, std::move(in));
      });
}

api::endpoint delete_image() {
  return api::del("/products/{id}/images/{image_id}/", "delete_image", "Remove an image")
      .needs(std::string(write_permission))
      .fails({&errors::not_found})
      .handle(
          [](api::context& c, db::transaction& tx, api::request<image_path> in) -> awaitable<result<none>> {
            return remove(c, tx, std::move(in));
          });
}

} // namespace nexus::catalogue
