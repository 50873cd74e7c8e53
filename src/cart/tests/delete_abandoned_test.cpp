// Which carts go, against a real PostgreSQL.
#include "cart/cart.hpp"
#include "scratch_database/scratch_database.hpp"

#include <gtest/gtest.h>

#include <set>

namespace nexus::cart {
namespace {

const time_point now = *parse_rfc3339("2026-11-22T12:00:00Z");
const time_point long_ago = now - std::chrono::days(40), lately = now - std::chrono::hours(1);

const db::statement insert{"test.insert_cart",
                           "INSERT INTO cart (id, user_id, created_at, updated_at, ordered_at) "
                           "VALUES ($1, $2, $3, $4, $5)"};
const db::statement insert_guests{"test.insert_guests_carts",
                                  "INSERT INTO cart (id, created_at, updated_at) "
                                  "SELECT id, $2, $2 FROM unnest($1::uuid[]) AS new (id)"};
const db::statement insert_item{"test.insert_item",
                                "INSERT INTO cart_item (cart_id, variant_id, quantity, unit_price, "
                                "added_at) VALUES ($1, 1, 1, 1, $2)"};
const db::statement left{"test.left", "SELECT id FROM cart ORDER BY id"};
const db::statement items_left{"test.items_left", "SELECT count(*) FROM cart_item"};
const db::statement lock{"test.lock_cart", "SELECT FROM cart WHERE id = $1 FOR UPDATE"};

class abandoned_carts : public scratch_database {
protected:
  awaitable<uuid> put(db::database& db, time_point made, time_point touched,
                      std::optional<std::int64_t> user = {}, std::optional<time_point> ordered = {}) {
    const uuid id = new_uuid(made);
    co_await db.use().query(insert, id, user, made, touched, ordered);
    co_return id;
  }
  awaitable<std::set<uuid>> all(db::database& db) {
    std::set<uuid> out;
    for (const db::row row : co_await db.use().query(left))
      out.insert(row.get<uuid>(0));
    co_return out;
  }
};

TEST_F(abandoned_carts, go_with_their_items_and_others_stay) {
  with_database([&](db::database& db) -> awaitable<> {
    co_await db.run_script(R"(
      INSERT INTO user_account (email, password_hash, created_at) VALUES ('a@b.et', '', now());
      INSERT INTO product (name, slug, base_price, price_min, price_max, currency, created_at, updated_at)
        VALUES ('Tea', 'tea', 1, 1, 1, 'ETB', now(), now());
      INSERT INTO variant (product_id, sku, price, created_at) VALUES (1, 'TEA-1', 1, now());)");
    const uuid guests = co_await put(db, long_ago, long_ago);
    co_await put(db, long_ago, long_ago, {}, long_ago); // became an order
    co_await put(db, long_ago, long_ago, 1, long_ago);
    co_await db.use().query(insert_item, guests, long_ago);
    const std::set<uuid> stay{co_await put(db, long_ago, lately), co_await put(db, lately, lately),
                              co_await put(db, long_ago, lately, {}, lately),
                              co_await put(db, long_ago, long_ago, 1)}; // a user finds his cart again
    co_await delete_abandoned(db.use(), now - std::chrono::days(30));
    EXPECT_EQ(co_await all(db), stay);
    EXPECT_EQ((co_await db.use().query(items_left)).front().get<std::int64_t>(0), 0);
  });
}

TEST_F(abandoned_carts, go_in_batches_and_past_one_that_is_in_use) {
  with_database([&](db::database& db) -> awaitable<> {
    std::vector<uuid> many;
    for (int i = 0; i < 2'500; ++i)
      many.push_back(new_uuid(long_ago));
    co_await db.use().query(insert_guests, many, long_ago);
    db::transaction tx = co_await db.use().begin();
    co_await tx.query(lock, many[700]);
    co_await delete_abandoned(db.use(), now - std::chrono::days(30));
    EXPECT_EQ(co_await all(db), std::set{many[700]});
    co_await tx.rollback();
    co_await delete_abandoned(db.use(), now - std::chrono::days(30));
    EXPECT_TRUE((co_await all(db)).empty());
  });
}

} // namespace
} // namespace nexus::cart
