// Orders placed together, over a real database: what a batch decides, and that one order harms no other.
#include "orders/placement.hpp"

#include "inventory/inventory.hpp"
#include "orders/refusals.hpp"
#include "platform/json/encode.hpp"
#include "scratch_database/scratch_database.hpp"

#include <boost/json/parse.hpp>

namespace nexus::orders {
namespace {

class standing_clock final : public nexus::clock {
public:
  [[nodiscard]] time_point now() const override { return at; }
  time_point at = *parse_rfc3339("2026-01-02T03:04:05Z");
};

const db::statement insert_cart{"test.insert_cart",
                                "INSERT INTO cart (id, created_at, updated_at) VALUES ($1, now(), now())"};
const db::statement insert_item{"test.insert_item",
                                "INSERT INTO cart_item (cart_id, variant_id, quantity, unit_price, added_at) "
                                "SELECT $1, id, $3, price, now() FROM variant WHERE id = $2"};
const db::statement read_reserved{"test.read_reserved", "SELECT reserved FROM stock WHERE variant_id = $1"};
const db::statement limit_variant{
    "test.limit_variant", "UPDATE stock SET max_per_order = $2, max_per_customer = $3 WHERE variant_id = $1"};
const db::statement count_orders{"test.count_orders",
                                 "SELECT count(*) FROM orders o JOIN order_line l ON l.order_id = o.id"};
const db::statement change_price{"test.change_price", "UPDATE variant SET price = $2 WHERE id = $1"};

struct answer {
  std::string code = {}; // of a problem; "fault" where an exception came; else empty
  std::string number = {};
  bool is_replay = false;
};

// Variants 1 and 2 at 10.00 ETB each, with so many pieces; the orders given are placed at once, and so in one
// batch (all but the first, which goes alone).
struct placing : scratch_database {
  standing_clock now;
  tasks::bell bell;
  tasks::outbox outbox{bell};
  settings shop{.expires_after = std::chrono::hours{1}, .outbox = &outbox};
  std::vector<std::size_t> batches;

  template <class Body>
  void with_shop(int pieces, Body body) {
    with_database([&](db::database& db) -> awaitable<> {
      co_await db.run_script(fmt::format(R"(
        INSERT INTO product (name, slug, base_price, price_min, price_max, currency, created_at, updated_at)
        VALUES ('Tea', 'tea', 1000, 1000, 1000, 'ETB', now(), now());
        INSERT INTO variant (product_id, sku, name, price, created_at)
        SELECT 1, 'T' || n, 'T' || n, 1000, now() FROM generate_series(1, 2) AS n;
        INSERT INTO stock (variant_id, on_hand) SELECT id, {0} FROM variant;
        INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, created_at)
        SELECT id, {0}, 0, 'opening stock', now() FROM variant;)",
                                         pieces));
      const executor on = co_await boost::asio::this_coro::executor;
      const auto queue =
          make_placement(on, db, now, shop, [this](std::size_t n, double) { batches.push_back(n); });
      co_await body(db, *queue);
    });
  }

  awaitable<placement_request> order_of(db::database& db, std::int64_t variant, int quantity,
                                        std::string email = "buyer@example.com") {
    const uuid cart = new_uuid(now.at);
    db::session s = db.use();
    co_await s.query(insert_cart, cart);
    if (quantity > 0)
      co_await s.query(insert_item, cart, variant, quantity);
    placement_request out;
    out.cart_id = cart;
    out.email = std::move(email);
    out.shipping_address = "{}";
    co_return out;
  }

  awaitable<answer> place(db::database& db, placement& queue, placement_request order) {
    const http::request none;
    api::context c{none, db.use(), now, ""};
    try {
      const auto made = co_await queue.place(c, std::move(order));
      if (!made)
        co_return answer{std::string(made.error().kind->code)};
      const auto body = boost::json::parse(*made->body);
      co_return answer{{}, std::string(body.at("number").as_string()), made->is_replay};
    } catch (const std::exception&) {
      co_return answer{"fault"};
    }
  }

  awaitable<std::vector<answer>> place_all(db::database& db, placement& queue,
                                           std::vector<placement_request> orders) {
    const executor on = co_await boost::asio::this_coro::executor;
    const one_shot<bool> finished(on);
    std::vector<answer> out(orders.size());
    std::size_t left = orders.size();
    for (std::size_t i = 0; i < orders.size(); ++i)
      boost::asio::co_spawn(on, place(db, queue, std::move(orders[i])), [&, i](std::exception_ptr, answer a) {
        out[i] = std::move(a);
        if (--left == 0)
          finished.set(true);
      });
    co_await finished.wait();
    co_return out;
  }

  static std::string codes(const std::vector<answer>& answers) {
    std::string out;
    for (const answer& a : answers)
      out += (out.empty() ? "" : " ") + (a.code.empty() ? std::string("ok") : a.code);
    return out;
  }

  static awaitable<int> reserved(db::database& db, std::int64_t variant) {
    co_return (co_await db.use().query(read_reserved, variant)).front().get<int>(0);
  }
};

api::idempotency::key key_of(std::string value, std::string digest = "same") {
  return {"guest POST /api/v1/orders/", std::move(value), std::move(digest)};
}

} // namespace

TEST_F(placing, goes_together_in_the_order_of_arrival) {
  with_shop(5, [&](db::database& db, placement& queue) -> awaitable<> {
    std::vector<placement_request> orders;
    for (const int quantity : {1, 2, 3, 1, 1})
      orders.push_back(co_await order_of(db, 1, quantity));
    const auto answers = co_await place_all(db, queue, std::move(orders));
    EXPECT_EQ(codes(answers), "ok ok insufficient_stock ok ok")
        << "a small one behind one too large is served";
    EXPECT_EQ(co_await reserved(db, 1), 5);
    EXPECT_EQ(batches, (std::vector<std::size_t>{5}));
  });
}

TEST_F(placing, one_bad_order_harms_no_other) {
  with_shop(10, [&](db::database& db, placement& queue) -> awaitable<> {
    std::vector<placement_request> orders;
    for (int i = 0; i < 4; ++i)
      orders.push_back(co_await order_of(db, 1, 1));
    orders[2].note = "\xff"; // not UTF-8: the database refuses the whole statement
    const auto answers = co_await place_all(db, queue, std::move(orders));
    EXPECT_EQ(codes(answers), "ok ok fault ok");
    EXPECT_EQ(co_await reserved(db, 1), 3);
    EXPECT_EQ((co_await db.use().query(count_orders)).front().get<std::int64_t>(0), 3);
  });
}

TEST_F(placing, takes_each_cart_once_and_each_key_once) {
  with_shop(10, [&](db::database& db, placement& queue) -> awaitable<> {
    placement_request order = co_await order_of(db, 1, 1), other = co_await order_of(db, 1, 1);
    order.key = key_of("k");
    placement_request keyless = order, reused = other;
    keyless.key.reset();
    reused.key = key_of("k", "another body");
    std::vector<placement_request> orders{order, order, keyless, reused, other};
    const auto answers = co_await place_all(db, queue, orders);
    EXPECT_EQ(codes(answers), "ok ok cart_ordered idempotency_key_reused ok");
    EXPECT_EQ(answers[0].number, answers[1].number);
    EXPECT_TRUE(answers[1].is_replay && !answers[0].is_replay);
    const auto later = co_await place_all(db, queue, {order, reused});
    EXPECT_EQ(codes(later), "ok idempotency_key_reused");
    EXPECT_EQ(later[0].number, answers[0].number);
    now.at += api::idempotency::kept_for + std::chrono::minutes{1};
    placement_request fresh = co_await order_of(db, 1, 1);
    fresh.key = key_of("k", "another body");
    EXPECT_EQ(codes(co_await place_all(db, queue, {fresh})), "ok") << "after a day the key is free";
    EXPECT_EQ(co_await reserved(db, 1), 3);
  });
}

TEST_F(placing, a_refused_order_keeps_no_key) {
  with_shop(1, [&](db::database& db, placement& queue) -> awaitable<> {
    placement_request order = co_await order_of(db, 1, 2);
    order.key = key_of("k");
    EXPECT_EQ(codes(co_await place_all(db, queue, {order, order})), "insufficient_stock insufficient_stock");
    placement_request small = co_await order_of(db, 1, 1);
    small.key = key_of("k", "another body");
    EXPECT_EQ(codes(co_await place_all(db, queue, {small})), "ok");
  });
}

TEST_F(placing, keeps_to_the_limits_an_order_and_a_customer) {
  with_shop(50, [&](db::database& db, placement& queue) -> awaitable<> {
    co_await db.use().query(limit_variant, std::int64_t{1}, 3, 4);
    std::vector<placement_request> orders;
    for (const auto& [quantity, email] : {std::pair{4, "a@example.com"},
                                          {3, "a@example.com"},
                                          {2, "A@example.com"},
                                          {1, "a@Example.com"},
                                          {3, "b@example.com"}})
      orders.push_back(co_await order_of(db, 1, quantity, email));
    EXPECT_EQ(codes(co_await place_all(db, queue, std::move(orders))),
              "purchase_limit_exceeded ok purchase_limit_exceeded ok ok");
    EXPECT_EQ(codes(co_await place_all(db, queue,
                                       {co_await order_of(db, 1, 1, "a@example.com"),
                                        co_await order_of(db, 2, 9, "a@example.com")})),
              "purchase_limit_exceeded ok")
        << "in later batches too, and of other variants as many as there are";
    EXPECT_EQ(co_await reserved(db, 1), 7);
  });
}

TEST_F(placing, refuses_another_total_than_was_expected) {
  with_shop(5, [&](db::database& db, placement& queue) -> awaitable<> {
    placement_request order = co_await order_of(db, 1, 2);
    order.expected_total = decimal::parse("20.00");
    co_await db.use().query(change_price, std::int64_t{1}, std::int64_t{1100});
    EXPECT_EQ(codes(co_await place_all(db, queue, {order})), "total_changed");
    EXPECT_EQ(co_await reserved(db, 1), 0);
    order.expected_total = decimal::parse("22");
    EXPECT_EQ(codes(co_await place_all(db, queue, {order})), "ok");
  });
}

TEST_F(placing, refuses_what_is_not_there) {
  with_shop(5, [&](db::database& db, placement& queue) -> awaitable<> {
    placement_request nowhere = co_await order_of(db, 1, 1);
    nowhere.cart_id = new_uuid(now.at);
    const placement_request empty = co_await order_of(db, 1, 0);
    EXPECT_EQ(codes(co_await place_all(db, queue, {nowhere, empty, co_await order_of(db, 1, 1)})),
              "not_found cart_empty ok");
  });
}

} // namespace nexus::orders
