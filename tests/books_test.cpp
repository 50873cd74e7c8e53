// What the audit finds where the books are broken, against a real PostgreSQL.
#include "app/auditor.hpp"
#include "app/database_source.hpp"
#include "scratch_database/scratch_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexus::app {
namespace {

using ::testing::HasSubstr;

class books : public scratch_database {
protected:
  books() : scratch_database(contents::nothing) {}

  // body(database) with one order of two lines in the books, true to the piece and the cent.
  template <class Body>
  void with_an_order(Body body) {
    with_database([&](db::database& db) -> awaitable<> {
      co_await migrate_schema(db);
      co_await db.run_script(R"(
        INSERT INTO product (name, slug, base_price, price_min, price_max, currency, created_at, updated_at)
          VALUES ('Tea', 'tea', 100, 100, 100, 'ETB', now(), now());
        INSERT INTO variant (product_id, sku, name, price, created_at)
          VALUES (1, 'TEA-1', 'S', 100, now()), (1, 'TEA-2', 'L', 100, now());
        INSERT INTO stock (variant_id, on_hand, reserved) VALUES (1, 10, 2), (2, 10, 3);
        INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, created_at)
          VALUES (1, 10, 0, 'opening stock', now()), (2, 10, 0, 'opening stock', now());
        INSERT INTO orders (id, number, email, currency, subtotal, total, shipping_address, placed_at, expires_at)
          VALUES ('018bcfe5-687b-7fff-8000-0123456789ab', 'NX7', 'a@b.et', 'ETB', 500, 500, '{}', now(), now() + interval '1 h');
        INSERT INTO order_line (order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price, total)
          VALUES ('018bcfe5-687b-7fff-8000-0123456789ab', 1, 1, 'TEA-1', 'Tea', 'S', 2, 100, 200),
                 ('018bcfe5-687b-7fff-8000-0123456789ab', 2, 2, 'TEA-2', 'Tea', 'L', 3, 100, 300);
        INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, order_id, created_at)
          VALUES (1, 0, 2, 'order placed', '018bcfe5-687b-7fff-8000-0123456789ab', now()),
                 (2, 0, 3, 'order placed', '018bcfe5-687b-7fff-8000-0123456789ab', now());)");
      co_await body(db);
    });
  }
  awaitable<audit_report> audit(db::database& db) {
    auto found = co_await check_books(db, now, company::any);
    co_return std::move(*found);
  }
  // "invariant: violations" of those that are broken.
  static std::vector<std::string> broken(const audit_report& r) {
    std::vector<std::string> out;
    for (const invariant_result& i : r.invariants)
      if (i.violations > 0)
        out.push_back(i.invariant + ": " + std::to_string(i.violations));
    return out;
  }

  system_clock now;
};

TEST_F(books, that_are_true_are_clean) {
  with_an_order([&](db::database& db) -> awaitable<> {
    const audit_report r = co_await audit(db);
    EXPECT_TRUE(r.clean);
    EXPECT_EQ(broken(r), std::vector<std::string>{});
  });
}

struct forgery {
  const char *name, *script;
  std::vector<std::string> finds;
};

const std::vector<forgery>& forgeries() {
  static const std::string stock = "stock is the sum of its movements",
                           held = "reserved stock is what live orders hold",
                           ledger = "the ledger has each order's movements",
                           lines = "an order's subtotal is the sum of its lines",
                           receipt = "each completed order has one receipt task";
  static const std::vector<forgery> all{
      {"a_piece_too_few", "UPDATE stock SET on_hand = 9 WHERE variant_id = 1", {stock + ": 1"}},
      {"a_hold_too_many",
       "UPDATE stock SET reserved = 4 WHERE variant_id = 2",
       {stock + ": 1", held + ": 1"}},
      {"an_order_that_ended_without_its_stock",
       "UPDATE orders SET status = 'cancelled', cancelled_at = now()",
       {held + ": 2", ledger + ": 2"}},
      {"a_movement_of_no_order",
       "INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, order_id, "
       "created_at) "
       "VALUES (1, 0, 1, 'order placed', '018bcfe5-687b-7fff-8000-000000000000', now()), "
       "(1, 0, -1, 'order expired', NULL, now())",
       {ledger + ": 1"}},
      {"shipped_on_paper_alone",
       "UPDATE orders SET status = 'shipped', paid = 500, completed_at = now(), shipped_at = now(); "
       "INSERT INTO task (kind, unique_key, run_at, created_at) VALUES "
       "('order.completed', 'order.completed:018bcfe5-687b-7fff-8000-0123456789ab', now(), now())",
       {held + ": 2", ledger + ": 2", "what an order was paid is what its payments captured: 1",
        "a completed order has the payment that settled it: 1"}},
      {"a_line_that_is_not_in_the_sum", "UPDATE orders SET subtotal = 400, total = 400", {lines + ": 1"}},
      {"completed_without_a_receipt",
       "UPDATE orders SET status = 'completed', paid = 500, completed_at = now()",
       {receipt + ": 1", "what an order was paid is what its payments captured: 1",
        "a completed order has the payment that settled it: 1"}},
  };
  return all;
}

// Each is found, and nothing else is blamed.
TEST_F(books, that_were_forged_are_found) {
  with_an_order([&](db::database& db) -> awaitable<> {
    for (const forgery& f : forgeries()) {
      co_await db.run_script(
          "CREATE SCHEMA IF NOT EXISTS kept; DROP TABLE IF EXISTS kept.stock, kept.orders; "
          "CREATE TABLE kept.stock AS TABLE stock; CREATE TABLE kept.orders AS TABLE orders");
      co_await db.run_script(f.script);
      const audit_report r = co_await audit(db);
      EXPECT_FALSE(r.clean) << f.name;
      EXPECT_THAT(broken(r), ::testing::UnorderedElementsAreArray(f.finds)) << f.name;
      EXPECT_EQ(r.broken(), static_cast<int>(f.finds.size()));
      co_await db.run_script(R"(
        UPDATE stock s SET on_hand = k.on_hand, reserved = k.reserved FROM kept.stock k WHERE k.variant_id = s.variant_id;
        UPDATE orders o SET status = k.status, paid = k.paid, subtotal = k.subtotal, total = k.total,
          completed_at = k.completed_at, shipped_at = k.shipped_at, cancelled_at = k.cancelled_at
        FROM kept.orders k WHERE k.id = o.id;
        DELETE FROM task;
        ALTER TABLE stock_movement DISABLE TRIGGER stock_movement_append_only;
        DELETE FROM stock_movement WHERE order_id = '018bcfe5-687b-7fff-8000-000000000000' OR reason = 'order expired';
        ALTER TABLE stock_movement ENABLE TRIGGER stock_movement_append_only;)");
    }
  });
}

TEST_F(books, name_the_first_rows_at_fault_and_count_the_rest) {
  with_an_order([&](db::database& db) -> awaitable<> {
    co_await db.run_script("INSERT INTO variant (product_id, sku, name, price, created_at) "
                           "SELECT 1, 'X-' || n, 'X ' || n, 100, now() FROM generate_series(1, 50) AS n");
    const audit_report r = co_await audit(db);
    EXPECT_EQ(broken(r), std::vector<std::string>{"every variant has its row of stock: 50"});
    for (const invariant_result& i : r.invariants)
      if (i.violations > 0) {
        EXPECT_EQ(i.examples.size(), 20u);
        EXPECT_THAT(i.examples.front(), HasSubstr("has no row of stock"));
      }
  });
}

TEST_F(books, are_audited_alone_where_that_is_asked) {
  with_an_order([&](db::database& db) -> awaitable<> {
    db::transaction other = co_await db.use().begin();
    static const db::statement lock{"test.audit_lock",
                                    "SELECT pg_advisory_xact_lock(hashtextextended('nexus audit', 0))"};
    co_await other.query(lock);
    EXPECT_FALSE(co_await check_books(db, now, company::alone));
    EXPECT_TRUE(co_await check_books(db, now, company::any));
    co_await other.rollback();
    EXPECT_TRUE(co_await check_books(db, now, company::alone));
  });
}

} // namespace
} // namespace nexus::app
