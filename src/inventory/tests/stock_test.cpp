// What the orders and the import rely on.
#include "inventory/inventory.hpp"
#include "shop_server.hpp"

namespace nexus::inventory {
namespace {

struct stock : nexus::testing::shop_test {};

const db::statement insert_variants{
    "test.insert_variants",
    "WITH p AS (INSERT INTO product (name, slug, base_price, price_min, price_max, currency, created_at, "
    "updated_at) "
    "VALUES ('Tea', 'tea', 1, 1, 1, 'ETB', now(), now()) RETURNING id) "
    "INSERT INTO variant (product_id, sku, name, price, created_at) "
    "SELECT p.id, 'T' || n, 'T' || n, 1, now() FROM p, generate_series(1, $1::int4) n RETURNING id"};
const db::statement read_levels{
    "test.read_levels", "SELECT string_agg(variant_id || ':' || on_hand || '/' || reserved, ' ' ORDER BY "
                        "variant_id) FROM stock"};
const db::statement read_ledger{
    "test.read_ledger",
    "SELECT string_agg(variant_id || ':' || on_hand_change || '/' || reserved_change || ' ' || "
    "reason, ', ' ORDER BY id) FROM stock_movement WHERE id > $1"};
const db::statement unexplained{
    "test.unexplained",
    "SELECT count(*) FROM stock s LEFT JOIN (SELECT variant_id, sum(on_hand_change) AS on_hand, "
    "sum(reserved_change) AS reserved FROM stock_movement GROUP BY 1) m ON m.variant_id = s.variant_id "
    "WHERE (s.on_hand, s.reserved) IS DISTINCT FROM (coalesce(m.on_hand, 0)::int, coalesce(m.reserved, "
    "0)::int)"};

awaitable<std::string> text(db::database& db, const db::statement& s) {
  co_return (co_await db.use().query(s)).front().get<std::string>(0);
}

// Three variants, 1 to 3, with 10, 0 and 5 pieces.
awaitable<> open(db::database& db, time_point now) {
  db::transaction tx = co_await db.use().begin();
  co_await tx.query(insert_variants, 3);
  open_stock(tx, {{1, 10, 0}, {2, 0, 0}, {3, 5, 0}}, 7, now);
  co_await tx.commit();
}

} // namespace

TEST_F(stock, moves_with_its_ledger) {
  with_shop({}, [&](nexus::testing::shop_server& shop) -> awaitable<> {
    db::database& db = shop.database;
    co_await open(db, time.at);
    EXPECT_EQ(co_await text(db, read_levels), "1:10/0 2:0/0 3:5/0");
    const uuid order = new_uuid(time.at);
    {
      db::transaction tx = co_await db.use().begin();
      std::vector<std::int64_t> asked{3, 1, 99, 3};
      const auto locked = co_await lock(tx, asked);
      EXPECT_EQ(locked.size(), 2U);
      EXPECT_EQ(locked.front().variant_id, 1);
      EXPECT_EQ(locked.back().available(), 5);
      reserve(tx, {{1, 4}, {3, 5}}, order, time.at);
      co_await tx.commit();
    }
    EXPECT_EQ(co_await text(db, read_levels), "1:10/4 2:0/0 3:5/5");
    {
      db::transaction tx = co_await db.use().begin();
      release(tx, {{3, 2}}, order, "order expired", time.at);
      ship(tx, {{1, 4}}, order, 7, time.at);
      co_await tx.commit();
    }
    EXPECT_EQ(co_await text(db, read_levels), "1:6/0 2:0/0 3:5/3");
    const auto ledger = co_await db.use().query(read_ledger, 0);
    EXPECT_EQ(ledger.front().get<std::string>(0),
              "1:10/0 opening stock, 3:5/0 opening stock, 1:0/4 order placed, 3:0/5 order placed, "
              "3:0/-2 order expired, 1:-4/-4 order shipped");
    EXPECT_EQ((co_await db.use().query(unexplained)).front().get<std::int64_t>(0), 0);
  });
}

TEST_F(stock, never_promises_more_than_there_is) {
  with_shop({}, [&](nexus::testing::shop_server& shop) -> awaitable<> {
    db::database& db = shop.database;
    co_await open(db, time.at);
    bool refused = false;
    {
      db::transaction tx = co_await db.use().begin();
      reserve(tx, {{3, 6}}, new_uuid(time.at), time.at);
      try {
        co_await tx.commit();
      } catch (const db::error& e) {
        refused = e.constraint() == "stock_reserved_within_on_hand";
      }
      co_await tx.rollback();
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ(co_await text(db, read_levels), "1:10/0 2:0/0 3:5/0");
    EXPECT_EQ((co_await db.use().query(unexplained)).front().get<std::int64_t>(0), 0);
  });
}

TEST_F(stock, is_set_by_its_difference_and_keeps_what_orders_hold) {
  with_shop({}, [&](nexus::testing::shop_server& shop) -> awaitable<> {
    db::database& db = shop.database;
    co_await open(db, time.at);
    db::transaction tx = co_await db.use().begin();
    reserve(tx, {{1, 4}}, new_uuid(time.at), time.at);
    std::vector<level> wanted{{3, 5, 0}, {1, 2, 0}, {2, 8, 0}};
    const auto kept = co_await set_on_hand(tx, wanted, "import", std::nullopt, time.at);
    co_await tx.commit();
    EXPECT_EQ(kept, std::vector<std::int64_t>{1});
    EXPECT_EQ(co_await text(db, read_levels), "1:4/4 2:8/0 3:5/0");
    const auto ledger = co_await db.use().query(read_ledger, 3);
    EXPECT_EQ(ledger.front().get<std::string>(0), "1:-6/0 import, 2:8/0 import");
    EXPECT_EQ((co_await db.use().query(unexplained)).front().get<std::int64_t>(0), 0);
    std::vector<std::int64_t> asked{1, 2, 3, 99};
    db::session session = db.use();
    EXPECT_EQ(co_await have_moved(session, asked), (std::vector<std::int64_t>{1, 2, 3}));
  });
}

TEST_F(stock, endpoints_move_it_and_tell) {
  with_shop(routes(), [&](nexus::testing::shop_server& shop) -> awaitable<> {
    co_await open(shop.database, time.at);
    auto a = co_await shop.get("/inventory/1/");
    EXPECT_EQ(
        a.text,
        R"({"variant_id":1,"on_hand":10,"reserved":0,"available":10,"max_per_order":null,"max_per_customer":null})");
    EXPECT_EQ((co_await shop.get("/inventory/99/")).status, 404);
    EXPECT_EQ((co_await shop.get("/inventory/x/")).status, 404);
    EXPECT_EQ((co_await shop.get("/inventory/1/", nexus::testing::guest)).status, 401);
    EXPECT_EQ((co_await shop.get("/inventory/1/", "catalogue.write")).status, 403);

    a = co_await shop.post("/inventory/1/movements/",
                           R"({"quantity": 5, "reason": "delivery", "note": "box 3"})");
    EXPECT_EQ(a.status, 201);
    EXPECT_EQ(a.at("/on_hand") + a.at("/available") + a.at("/reason") + a.at("/note"), "1515deliverybox 3");
    EXPECT_EQ(a.number("/user_id"), 7);
    {
      db::transaction tx = co_await shop.database.use().begin();
      reserve(tx, {{1, 12}}, new_uuid(time.at), time.at);
      co_await tx.commit();
    }
    a = co_await shop.post("/inventory/1/movements/", R"({"quantity": -4, "reason": "broken"})");
    EXPECT_EQ(a.status, 409);
    EXPECT_EQ(a.code(), "stock_reserved");
    EXPECT_EQ(a.number("/available"), 3);
    a = co_await shop.post("/inventory/1/movements/", R"({"quantity": -3, "reason": "broken"})");
    EXPECT_EQ(a.number("/available"), 0);
    a = co_await shop.post("/inventory/1/movements/", R"({"quantity": 0, "reason": " "})");
    EXPECT_EQ(a.status, 422);
    EXPECT_EQ((co_await shop.post("/inventory/1/movements/", R"({"quantity": 0, "reason": "x"})")).faults(),
              "/quantity zero");
    a = co_await shop.post("/inventory/3/movements/", R"({"quantity": 1000000000, "reason": "x"})");
    a = co_await shop.post("/inventory/3/movements/", R"({"quantity": 1000000000, "reason": "x"})");
    a = co_await shop.post("/inventory/3/movements/", R"({"quantity": 1000000000, "reason": "x"})");
    EXPECT_EQ(a.faults(), "/quantity too_large");
    EXPECT_EQ((co_await shop.post("/inventory/99/movements/", R"({"quantity": 1, "reason": "x"})")).status,
              404);
  });
}

TEST_F(stock, a_movement_is_made_once_a_key) {
  with_shop(routes(), [&](nexus::testing::shop_server& shop) -> awaitable<> {
    co_await open(shop.database, time.at);
    nexus::testing::shop_server::call once{"POST", "/inventory/2/movements/",
                                           R"({"quantity": 5, "reason": "delivery"})"};
    once.headers = {{"Idempotency-Key", "abc"}};
    const auto first = co_await shop.ask(once);
    const auto again = co_await shop.ask(once);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(first.text, again.text);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ((co_await shop.get("/inventory/2/")).number("/on_hand"), 5);
  });
}

TEST_F(stock, the_ledger_is_paged_newest_first_both_ways) {
  with_shop(routes(), [&](nexus::testing::shop_server& shop) -> awaitable<> {
    co_await open(shop.database, time.at);
    EXPECT_EQ((co_await shop.get("/inventory/2/movements/")).text,
              R"({"next":null,"previous":null,"results":[]})");
    EXPECT_EQ((co_await shop.get("/inventory/99/movements/")).status, 404);
    for (int i = 1; i <= 7; ++i)
      co_await shop.post("/inventory/2/movements/", fmt::format(R"({{"quantity": {}, "reason": "r"}})", i));
    auto page = co_await shop.get("/inventory/2/movements/?page_size=3&count=true");
    EXPECT_EQ(page.number("/count"), 7);
    EXPECT_EQ(page.at("/previous"), "null");
    std::string forth, back;
    const std::string host = "http://shop.test";
    for (;;) {
      forth += page.results("quantity") + ";";
      if (page.at("/next") == "null")
        break;
      page = co_await shop.get(page.at("/next").substr(host.size()));
    }
    EXPECT_EQ(forth, "7,6,5;4,3,2;1;");
    while (page.at("/previous") != "null") {
      page = co_await shop.get(page.at("/previous").substr(host.size()));
      back += page.results("quantity") + ";";
    }
    EXPECT_EQ(back, "4,3,2;7,6,5;");
    EXPECT_EQ((co_await shop.get("/inventory/2/movements/?cursor=xxx")).faults(), "?cursor invalid_cursor");
  });
}

TEST_F(stock, says_how_many_one_may_order) {
  with_shop(routes(), [&](nexus::testing::shop_server& shop) -> awaitable<> {
    co_await open(shop.database, time.at);
    const auto limited =
        co_await shop.patch("/inventory/1/", R"({"max_per_order": 3, "max_per_customer": 5})");
    EXPECT_EQ(limited.number("/max_per_order"), 3);
    const auto freed = co_await shop.patch("/inventory/1/", R"({"max_per_order": null})");
    EXPECT_EQ(freed.at("/max_per_order"), "null");
    EXPECT_EQ(freed.number("/max_per_customer"), 5) << "what is left out stays";
    EXPECT_EQ((co_await shop.patch("/inventory/1/", R"({"max_per_order": 0})")).status, 422);
    EXPECT_EQ((co_await shop.patch("/inventory/99/", R"({"max_per_order": 1})")).status, 404);
  });
}

} // namespace nexus::inventory
