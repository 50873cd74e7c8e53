#include "fixture.hpp"

namespace nexus::db::testing {

using namespace std::chrono_literals;
using std::string;

namespace {

const statement insert{"test.insert_thing", "INSERT INTO thing VALUES ($1, $2)"};
const statement update{"test.update_thing", "UPDATE thing SET n = n + 1 WHERE id = $1"};
const statement lock{"test.lock_thing", "SELECT n FROM thing WHERE id = $1 FOR UPDATE"};
const statement find{"test.find_thing", "SELECT n FROM thing WHERE id = $1"};
const statement backend{"test.backend", "SELECT pg_backend_pid()"};
const statement divide{"test.divide_by_nothing", "SELECT 1 / $1::int"};

awaitable<int> count(db::database& db) {
  static const statement all{"test.count_things", "SELECT count(*) FROM thing"};
  co_return (co_await db.use().query(all)).front().get<int>(0);
}

} // namespace

class transaction_test : public database_test {
protected:
  template <class Body>
  void with_things(Body body) {
    with_database([&](db::database& db) -> awaitable<> {
      co_await db.run_script(
          "DROP TABLE IF EXISTS thing; CREATE TABLE thing (id int PRIMARY KEY, n int CONSTRAINT "
          "unique_n UNIQUE DEFERRABLE INITIALLY DEFERRED)");
      co_await body(db);
    });
  }
};

TEST_F(transaction_test, commits) {
  with_things([](db::database& db) -> awaitable<> {
    std::vector<int> acted;
    transaction tx = co_await db.use().begin();
    tx.after_commit([&] { acted.push_back(1); });
    tx.after_commit([] { throw std::runtime_error("does not concern the one who commits"); });
    tx.after_commit([&] { acted.push_back(2); });
    EXPECT_EQ((co_await tx.query(insert, 1, 1)).affected(), 1);
    EXPECT_EQ(co_await count(db), 0) << "nobody sees it yet";
    tx.send(insert, 2, 2);
    tx.send(insert, 3, 3);
    EXPECT_TRUE(acted.empty());
    co_await tx.commit();
    EXPECT_EQ(acted, (std::vector{1, 2}));
    EXPECT_EQ(co_await count(db), 3);
    EXPECT_TRUE(co_await thrown<std::logic_error>(tx.query(find, 1)));
    EXPECT_THROW(tx.send(find, 1), std::logic_error);
    EXPECT_TRUE(co_await thrown<std::logic_error>(tx.commit()));
    co_await tx.rollback(); // too late, harmless
    EXPECT_EQ(co_await count(db), 3);
  });
}

TEST_F(transaction_test, rolls_back_and_keeps_the_connection) {
  with_things([](db::database& db) -> awaitable<> {
    bool acted = false;
    transaction tx = co_await db.use().begin();
    tx.after_commit([&] { acted = true; });
    const int pid = (co_await tx.query(backend)).front().get<int>(0);
    co_await tx.query(insert, 1, 1);
    tx.send(insert, 2, 2);
    co_await tx.rollback();
    EXPECT_EQ(co_await count(db), 0);
    EXPECT_FALSE(acted);
    EXPECT_EQ(db.read_gauges().busy, 0);
    transaction next = co_await db.use().begin();
    EXPECT_EQ((co_await next.query(backend)).front().get<int>(0), pid);
    co_await next.commit();
  });
}

TEST_F(transaction_test, left_unfinished_closes_its_connection) {
  with_things([](db::database& db) -> awaitable<> {
    {
      transaction tx = co_await db.use().begin();
      co_await tx.query(insert, 1, 1);
      EXPECT_EQ(db.read_gauges().busy, 1);
    }
    EXPECT_EQ(db.read_gauges().open, 0);
    transaction tx = co_await db.use().begin();
    co_await tx.query(insert, 1, 1); // waits for the server to notice, and then the key is free
    co_await tx.commit();
    {
      transaction unused = co_await db.use().begin();
    }
    EXPECT_EQ(db.read_gauges().open, 1) << "nothing was begun, nothing is wrong with it";
    EXPECT_EQ(co_await count(db), 1);
  });
}

TEST_F(transaction_test, without_statements_sends_nothing) {
  with_things([](db::database& db) -> awaitable<> {
    bool acted = false;
    transaction tx = co_await db.use().begin();
    tx.after_commit([&] { acted = true; });
    co_await tx.commit();
    EXPECT_TRUE(acted);
    transaction next = co_await db.use().begin();
    static const statement last{"test.last_query",
                                "SELECT query, pid = $1::int FROM pg_stat_activity WHERE backend_type = "
                                "'client backend' AND query IN ('BEGIN', 'COMMIT')"};
    EXPECT_TRUE((co_await db.use().query(last, 0)).empty());
    co_await next.rollback();
    EXPECT_TRUE((co_await db.use().query(last, 0)).empty());
  });
}

TEST_F(transaction_test, reports_an_error_of_what_was_sent_before) {
  with_things([](db::database& db) -> awaitable<> {
    transaction tx = co_await db.use().begin();
    tx.send(insert, 1, 1);
    tx.send(insert, 1, 2);
    tx.send(divide, 0);
    const auto e = co_await thrown<error>(tx.query(find, 1));
    EXPECT_TRUE(e && e->sqlstate() == "23505" && e->constraint() == "thing_pkey" &&
                e->statement() == insert.name());
    co_await tx.rollback();

    transaction again = co_await db.use().begin();
    again.send(insert, 1, 1);
    again.send(divide, 0);
    const auto late = co_await thrown<error>(again.commit());
    EXPECT_TRUE(late && late->sqlstate() == "22012");
    co_await again.rollback();
    EXPECT_EQ(db.read_gauges().busy, 0);
    EXPECT_EQ(db.read_gauges().open, 1);
    EXPECT_EQ(co_await count(db), 0);
  });
}

TEST_F(transaction_test, that_failed_cannot_commit) {
  with_things([](db::database& db) -> awaitable<> {
    transaction tx = co_await db.use().begin();
    co_await tx.query(insert, 1, 1);
    EXPECT_TRUE(co_await thrown<error>(tx.query(divide, 0)));
    const auto e = co_await thrown<error>(tx.commit()); // the server answers ROLLBACK
    EXPECT_TRUE(e && e->sqlstate() == "25P02");
    EXPECT_EQ(co_await count(db), 0);
    EXPECT_EQ(db.read_gauges().busy, 0);
    EXPECT_EQ(db.read_gauges().open, 1);
  });
}

TEST_F(transaction_test, meets_deferred_constraints_at_the_commit) {
  with_things([](db::database& db) -> awaitable<> {
    transaction tx = co_await db.use().begin();
    co_await tx.query(insert, 1, 7);
    co_await tx.query(insert, 2, 7);
    const auto e = co_await thrown<error>(tx.commit());
    EXPECT_TRUE(e && e->constraint() == "unique_n");
    co_await tx.rollback();
    EXPECT_EQ(co_await count(db), 0);
    EXPECT_EQ(db.read_gauges().busy, 0);
    EXPECT_EQ(db.read_gauges().open, 1);
  });
}

TEST_F(transaction_test, may_move_while_it_waits_for_nothing) {
  with_things([](db::database& db) -> awaitable<> {
    transaction first = co_await db.use().begin();
    co_await first.query(insert, 1, 1);
    transaction second = std::move(first);
    co_await second.query(insert, 2, 2);
    co_await second.commit();
    EXPECT_EQ(co_await count(db), 2);
  });
}

TEST_F(transaction_test, waits_for_a_lock_no_longer_than_it_may) {
  opts.lock_timeout = 50ms;
  with_things([](db::database& db) -> awaitable<> {
    co_await db.use().query(insert, 1, 1);
    transaction holder = co_await db.use().begin();
    co_await holder.query(lock, 1);
    transaction other = co_await db.use().begin();
    const auto e = co_await thrown<error>(other.query(lock, 1));
    EXPECT_TRUE(e && e->lock_timeout());
    co_await other.rollback();
    co_await holder.commit();
  });
}

TEST_F(transaction_test, are_lent_in_order_of_asking) {
  opts.transactions = 2;
  with_things([](db::database& db) -> awaitable<> {
    std::vector<int> order;
    const auto take = [&](int number) -> awaitable<> {
      transaction tx = co_await db.use().begin();
      order.push_back(number);
      EXPECT_LE(db.read_gauges().open, 2);
      co_await tx.query(find, number);
      co_await tx.commit();
    };
    std::vector<awaitable<>> all;
    std::vector<int> expected;
    for (int i = 0; i < 40; ++i) {
      all.push_back(take(i));
      expected.push_back(i);
    }
    co_await together(std::move(all));
    EXPECT_EQ(order, expected);
    EXPECT_EQ(db.read_gauges().busy, 0);
    EXPECT_EQ(db.read_gauges().waiting, 0);
  });
}

TEST_F(transaction_test, do_not_wait_for_ever_for_a_connection) {
  opts.transactions = 1;
  opts.waiting_limit = 1;
  opts.acquire_timeout = 50ms;
  with_things([](db::database& db) -> awaitable<> {
    transaction holder = co_await db.use().begin();
    co_await holder.query(find, 1);
    const auto wait_in_vain = [&]() -> awaitable<> {
      EXPECT_TRUE(co_await thrown<unavailable>(db.use().begin()));
    };
    std::vector<awaitable<>> all;
    all.push_back(wait_in_vain()); // waits, too long
    all.push_back(wait_in_vain()); // one too many
    co_await together(std::move(all));
    EXPECT_EQ(db.read_gauges().waiting, 0);
    co_await holder.commit();
    transaction next = co_await db.use().begin();
    co_await next.query(find, 1);
    co_await next.commit();
  });
}

TEST_F(transaction_test, a_deadlock_is_run_again) {
  with_things([](db::database& db) -> awaitable<> {
    co_await db.use().query(insert, 1, 10);
    co_await db.use().query(insert, 2, 20);
    int holding = 0, attempts = 0, finished = 0;
    const auto cross = [&](int first, int second) -> awaitable<> {
      const auto work = [&, first, second](transaction& tx) -> awaitable<int> {
        if (++attempts > 2) // the victim; its second attempt might come between again
          co_await eventually([&]() -> awaitable<bool> { co_return finished == 1; });
        co_await tx.query(update, first);
        ++holding;
        co_await eventually([&]() -> awaitable<bool> { co_return holding >= 2; });
        co_return static_cast<int>((co_await tx.query(update, second)).affected());
      };
      EXPECT_EQ(co_await in_transaction(db.use(), work), 1);
      ++finished;
    };
    std::vector<awaitable<>> all;
    all.push_back(cross(1, 2));
    all.push_back(cross(2, 1));
    co_await together(std::move(all));
    EXPECT_EQ(attempts, 3);
    EXPECT_EQ((co_await db.use().query(find, 1)).front().get<int>(0), 12);
    EXPECT_EQ((co_await db.use().query(find, 2)).front().get<int>(0), 22);
    EXPECT_EQ(db.read_gauges().busy, 0);
  });
}

TEST_F(transaction_test, in_transaction_rolls_back_what_throws) {
  with_things([](db::database& db) -> awaitable<> {
    const auto work = [](transaction& tx) -> awaitable<> {
      co_await tx.query(insert, 1, 1);
      throw std::runtime_error("no");
    };
    EXPECT_TRUE(co_await thrown<std::runtime_error>(in_transaction(db.use(), work)));
    int attempts = 0;
    const auto never = [&](transaction& tx) -> awaitable<> {
      ++attempts;
      co_await tx.query(insert, 1, 1);
      throw error("40001", "could not serialize", "", "");
    };
    EXPECT_TRUE(co_await thrown<error>(in_transaction(db.use(), never)));
    EXPECT_EQ(attempts, 3);
    EXPECT_EQ(co_await count(db), 0);
    EXPECT_EQ(db.read_gauges().open, 1);
    EXPECT_EQ(db.read_gauges().busy, 0);
  });
}

} // namespace nexus::db::testing
