// Placing orders and what becomes of them, over a real database, against the plainest model of it: whatever
// the mix of orders, sizes, duplicates, keys, limits, cancellations, payments, expiries, deliveries and
// transactions that die before their commit.
#include "placement_model.hpp"

#include "inventory/inventory.hpp"
#include "orders/place_batch.hpp"
#include "orders/use_cases.hpp"
#include "platform/log/log.hpp"
#include "scratch_database/scratch_database.hpp"

#include <rapidcheck/gtest.h>

namespace nexus::orders {
namespace {

using model::shop;
using model::step;

const db::statement insert_variants{
    "test.insert_variants", "WITH p AS (INSERT INTO product (name, slug, base_price, price_min, price_max, "
                            "currency, created_at, updated_at) "
                            "VALUES ('Tea', 'tea-' || $1::text, 1, 1, 1, 'ETB', now(), now()) RETURNING id) "
                            "INSERT INTO variant (product_id, sku, name, price, created_at) "
                            "SELECT p.id, 'T' || $1::text || '-' || n, 'T' || n, 1, now() FROM p, "
                            "generate_series(1, $2::int4) n RETURNING id"};
const db::statement set_limits{
    "test.set_limits", "UPDATE stock SET max_per_order = $2, max_per_customer = $3 WHERE variant_id = $1"};
const db::statement insert_cart{"test.insert_cart",
                                "INSERT INTO cart (id, created_at, updated_at) VALUES ($1, now(), now())"};
const db::statement insert_item{
    "test.insert_item", "INSERT INTO cart_item AS mine (cart_id, variant_id, quantity, unit_price, added_at) "
                        "VALUES ($1, $2, $3, 1, now()) ON CONFLICT (cart_id, variant_id) DO UPDATE "
                        "SET quantity = mine.quantity + EXCLUDED.quantity"};
const db::statement read_levels{"test.read_levels", "SELECT variant_id, on_hand, reserved FROM stock WHERE "
                                                    "variant_id = ANY ($1::bigint[]) ORDER BY variant_id"};
const db::statement read_orders{
    "test.read_orders",
    "SELECT o.id, o.status, l.variant_id, sum(l.quantity)::integer FROM orders o JOIN order_line l ON "
    "l.order_id = o.id "
    "WHERE l.variant_id = ANY ($1::bigint[]) GROUP BY o.id, l.variant_id ORDER BY o.id, l.variant_id"};

struct placement_model : scratch_database {
  tasks::bell bell;
  tasks::outbox outbox{bell};
  settings shop_settings{std::chrono::hours{1}, &outbox};
  time_point now = *parse_rfc3339("2026-01-02T03:04:05Z");
  int cases = 0;
};

// A case: a few variants of its own, and the model beside them.
class play {
public:
  play(placement_model& test, db::database& database) : test_(test), db_(database) {}

  awaitable<> open(const std::vector<model::level>& levels) {
    const std::string name = std::to_string(++test_.cases);
    db::transaction tx = co_await db_.use().begin();
    std::vector<inventory::level> stock;
    const db::rows made = co_await tx.query(insert_variants, name, static_cast<int>(levels.size()));
    for (const db::row row : made) {
      ids_.push_back(row.get<std::int64_t>(0));
      stock.push_back({ids_.back(), levels[ids_.size() - 1].on_hand, 0});
    }
    inventory::open_stock(tx, stock, std::nullopt, test_.now);
    for (std::size_t i = 0; i < levels.size(); ++i)
      tx.send(set_limits, ids_[i], levels[i].per_order, levels[i].per_customer);
    co_await tx.commit();
    model_ = shop(levels);
  }

  awaitable<> take(const step& s) {
    using enum step::what;
    if (s.does == place)
      co_await place_all(s);
    else if (s.does == move)
      co_await move_stock(s);
    else if (s.does == pass_time)
      co_await let_time_pass(std::chrono::minutes{s.number});
    else
      co_await change_order(s);
    co_await compare();
  }

  awaitable<> end() {
    co_await let_time_pass(std::chrono::hours{2}); // nothing of this case is left for the next to expire
    co_await compare();
  }

private:
  // ---- Placing ----

  awaitable<> place_all(const step& s) {
    std::vector<placement_request> asked;
    std::vector<model::request> same;
    for (const step::buyer& b : s.batch) {
      co_await prepare(b);
      const auto& [request, twin] = known_[b.again == 0 ? known_.size() - 1 : (b.again - 1) % known_.size()];
      asked.push_back(request);
      same.push_back(twin);
    }
    db::transaction tx = co_await db_.use().begin();
    const auto answers = co_await place_batch(tx, test_.shop_settings, asked, test_.now);
    co_await tx.rollback(); // nothing, where it was committed
    RC_ASSERT(answers.size() == asked.size());
    for (std::size_t i = 0; i < answers.size(); ++i)
      judge(answers[i], same[i]);
  }

  // A request of its own, with its cart; one that asks again needs none, where there is one to repeat.
  awaitable<> prepare(const step::buyer& b) {
    if (b.again != 0 && !known_.empty())
      co_return;
    const uuid cart = new_uuid(test_.now);
    db::transaction tx = co_await db_.use().begin();
    tx.send(insert_cart, cart);
    model::request twin{to_string(cart), b.customer, b.key == 0 ? "" : "key-" + std::to_string(b.key), {}};
    for (const auto& [variant, quantity] : b.wants) {
      const std::size_t at = variant % ids_.size();
      tx.send(insert_item, cart, ids_[at], quantity);
      twin.wants[at] += quantity;
    }
    co_await tx.commit();
    placement_request request;
    if (b.key != 0)
      request.key = api::idempotency::key{"case " + std::to_string(test_.cases), twin.key, twin.cart};
    request.cart_id = cart;
    request.email = fmt::format("{}{}-{}@example.com", b.shouts ? 'C' : 'c', test_.cases, b.customer);
    request.shipping_address = "{}";
    known_.emplace_back(std::move(request), std::move(twin));
  }

  void judge(const placement_answer& answer, const model::request& asked) {
    const model::answer expected = model_.place(asked, test_.now + test_.shop_settings.expires_after);
    if (const auto* refused = std::get_if<problem>(&answer.outcome)) {
      RC_ASSERT(std::string(refused->kind->code) == expected.refusal);
      std::vector<std::pair<int, int>> bounds;
      for (const field_error& e : refused->errors)
        if (e.members.size() >= 4)
          bounds.emplace_back(static_cast<int>(std::get<std::int64_t>(e.members[2].value)),
                              static_cast<int>(std::get<std::int64_t>(e.members[3].value)));
      RC_ASSERT(bounds == expected.bounds);
      return;
    }
    const auto& made = std::get<placed>(answer.outcome);
    RC_ASSERT(expected.refusal.empty());
    RC_ASSERT(made.is_replay == expected.is_replay);
    if (made.is_replay) {
      RC_ASSERT(*made.body == bodies_[expected.order]);
      return;
    }
    RC_ASSERT(expected.order == order_ids_.size());
    order_ids_.push_back(made.id);
    bodies_.push_back(*made.body);
  }

  // ---- What becomes of orders ----

  awaitable<> change_order(const step& s) {
    if (order_ids_.empty())
      co_return;
    const std::size_t which = static_cast<std::size_t>(s.number) % order_ids_.size();
    db::transaction tx = co_await db_.use().begin();
    shop after = model_;
    if (s.does == step::what::complete) {
      const auto became = co_await orders::complete(tx, test_.shop_settings, order_ids_[which],
                                                    {after.total(which), currency::etb()}, test_.now);
      RC_ASSERT(static_cast<int>(became) == static_cast<int>(after.complete(which)));
    } else {
      const order_event event = model::event_of(s.does);
      const auto became =
          co_await advance(tx, test_.outbox, order_ids_[which], event, std::nullopt, test_.now);
      const std::string refusal = after.advance(which, event);
      RC_ASSERT((became ? "" : std::string(became.error().kind->code)) == refusal);
    }
    if (s.dies)
      co_return; // with its transaction: its connection is thrown away, and nothing has happened
    co_await tx.commit();
    model_ = std::move(after);
  }

  awaitable<> let_time_pass(std::chrono::minutes how_long) {
    test_.now += how_long;
    co_await expire_due(db_.use(), test_.shop_settings, test_.now);
    model_.expire(test_.now);
  }

  awaitable<> move_stock(const step& s) {
    const std::size_t at = static_cast<std::size_t>(s.number) % ids_.size();
    db::transaction tx = co_await db_.use().begin();
    co_await inventory::set_on_hand(tx, {{ids_[at], s.target, 0}}, "count", std::nullopt, test_.now);
    if (s.dies)
      co_return;
    co_await tx.commit();
    model_.set_on_hand(at, s.target);
  }

  // ---- The database says what the model says ----

  awaitable<> compare() {
    std::size_t at = 0;
    for (const db::row row : co_await db_.use().query(read_levels, ids_)) {
      const auto [id, on_hand, reserved] = row.as<std::int64_t, int, int>();
      RC_ASSERT(on_hand == model_.levels()[at].on_hand);
      RC_ASSERT(reserved == model_.levels()[at].reserved);
      RC_ASSERT(reserved >= 0 && reserved <= on_hand);
      ++at;
    }
    std::map<std::string, model::seen_order> seen;
    for (const db::row row : co_await db_.use().query(read_orders, ids_)) {
      const auto [id, status, variant, quantity] = row.as<uuid, std::string, std::int64_t, int>();
      auto& one = seen[to_string(id)];
      one.status = status;
      one.wants[static_cast<std::size_t>(std::find(ids_.begin(), ids_.end(), variant) - ids_.begin())] =
          quantity;
    }
    RC_ASSERT(seen.size() == order_ids_.size());
    for (std::size_t i = 0; i < order_ids_.size(); ++i)
      RC_ASSERT(seen[to_string(order_ids_[i])] == model_.look(i));
  }

  placement_model& test_;
  db::database& db_;
  shop model_{{}};
  std::vector<std::int64_t> ids_;
  std::vector<std::pair<placement_request, model::request>> known_; // all of this case
  std::vector<uuid> order_ids_;                                     // in the order of the model's
  std::vector<std::string> bodies_;
};

awaitable<> audit(db::database& database) {
  auto all = inventory::consistency_checks();
  for (const auto& more : orders::consistency_checks())
    all.push_back(more);
  for (const db::consistency_check& check : all) {
    const db::rows found = co_await database.use().query(*check.violations);
    EXPECT_TRUE(found.empty()) << check.invariant << ": " << found.front().get<std::string>(0);
  }
}

TEST_F(placement_model, holds_over_a_thousand_shops) {
  log::initialize(log::level::warn, false); // else each expiry is told
  opts.dsn = dsn();
  std::optional<db::database> database;
  run_to_end(loop, [&](executor on) -> awaitable<> {
    database.emplace(on, opts);
    return database->connect();
  });
  EXPECT_TRUE(rc::check("the database is what the model is", [&] {
    const auto levels = *model::some_levels();
    const auto steps = *model::some_steps();
    run_to_end(loop, [&](executor) -> awaitable<> {
      play one(*this, *database);
      co_await one.open(levels);
      for (const step& s : steps)
        co_await one.take(s);
      co_await one.end();
    });
  }));
  run_to_end(loop, [&](executor) { return audit(*database); });
  database.reset();
}

} // namespace
} // namespace nexus::orders
