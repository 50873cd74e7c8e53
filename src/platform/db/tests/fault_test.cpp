// Connections that are lost, servers that do not answer, coroutines that go away.
#include "fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <fmt/format.h>

namespace nexus::db::testing {

using namespace std::chrono_literals;

namespace {

const statement one{"test.one", "SELECT 1"};
const statement nap{"test.long_nap", "SELECT pg_sleep($1::float8)"};
const statement my_backend{"test.my_backend", "SELECT pg_backend_pid()"};
const statement terminate{"test.terminate", "SELECT pg_terminate_backend($1::int)"};
const statement hold{"test.hold", "SELECT pg_advisory_xact_lock($1::int)"};
const statement insert{"test.insert_guarded", "INSERT INTO guarded VALUES ($1)"};
const statement count_rows{"test.count_guarded", "SELECT count(*) FROM guarded"};
const statement waits{"test.waits",
                      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"};

// A table whose commit waits for an advisory lock.
constexpr const char* guarded = R"(
  DROP TABLE IF EXISTS guarded;
  CREATE TABLE guarded (id int);
  CREATE OR REPLACE FUNCTION wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON guarded DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION wait_for_lock())";

awaitable<int> backend_of(queryable& q) { co_return (co_await q.query(my_backend)).front().get<int>(0); }

awaitable<> until_waiting(db::database& other, int count) {
  return eventually([&other, count]() -> awaitable<bool> {
    co_return (co_await other.use().query(waits)).front().get<int>(0) == count;
  });
}

awaitable<> until_answered(db::database& db) {
  return eventually(
      [&db]() -> awaitable<bool> { co_return !co_await thrown<unavailable>(db.use().query(one)); });
}

} // namespace

class fault : public database_test {
protected:
  // body(database& under test, database& another)
  template <class Body>
  void with_two(Body body) {
    with_database([&](db::database& db) -> awaitable<> {
      options plain;
      plain.dsn = opts.dsn;
      db::database other(co_await boost::asio::this_coro::executor, plain);
      co_await other.connect();
      co_await body(db, other);
    });
  }
};

TEST_F(fault, a_lost_reader_fails_all_at_once_and_comes_back) {
  with_two([](db::database& db, db::database& other) -> awaitable<> {
    session s = db.use();
    const int pid = co_await backend_of(s);
    const auto nap_in_vain = [&]() -> awaitable<> {
      EXPECT_TRUE(co_await thrown<unavailable>(db.use().query(nap, 30.0)));
    };
    const auto end_it = [&]() -> awaitable<> {
      EXPECT_TRUE((co_await other.use().query(terminate, pid)).front().get<bool>(0));
    };
    std::vector<awaitable<>> all;
    for (int i = 0; i < 10; ++i)
      all.push_back(nap_in_vain());
    all.push_back(end_it());
    co_await together(std::move(all));
    EXPECT_TRUE(co_await thrown<unavailable>(db.use().query(one))) << "while it is away, calls fail at once";
    co_await until_answered(db);
    EXPECT_NE(co_await backend_of(s), pid);
  });
}

TEST_F(fault, an_idle_reader_that_is_lost_is_noticed) {
  with_two([](db::database& db, db::database& other) -> awaitable<> {
    session s = db.use();
    const int pid = co_await backend_of(s);
    co_await other.use().query(terminate, pid);
    co_await eventually([&]() -> awaitable<bool> {
      const auto r = co_await thrown<unavailable>(db.use().query(one));
      co_return r.has_value();
    });
    co_await until_answered(db);
  });
}

TEST_F(fault, a_write_under_way_is_in_doubt) {
  with_two([](db::database& db, db::database& other) -> awaitable<> {
    co_await db.run_script(guarded);
    session s = db.use();
    const int pid = co_await backend_of(s);
    transaction holder = co_await other.use().begin();
    co_await holder.query(hold, 1);
    const auto write = [&]() -> awaitable<> {
      EXPECT_TRUE(co_await thrown<in_doubt>(db.use().query(insert, 1)));
    };
    const auto end_it = [&]() -> awaitable<> {
      co_await until_waiting(other, 1);
      co_await other.use().query(terminate, pid);
    };
    std::vector<awaitable<>> all;
    all.push_back(write());
    all.push_back(end_it());
    co_await together(std::move(all));
    co_await holder.commit();
  });
}

TEST_F(fault, a_transaction_whose_connection_is_lost) {
  with_two([](db::database& db, db::database& other) -> awaitable<> {
    co_await db.run_script(guarded);
    transaction tx = co_await db.use().begin();
    const int pid = co_await backend_of(tx);
    co_await tx.query(insert, 1);
    co_await other.use().query(terminate, pid);
    EXPECT_TRUE(co_await thrown<unavailable>(tx.query(nap, 30.0)));
    EXPECT_TRUE(co_await thrown<unavailable>(tx.query(one))) << "and stays so";
    EXPECT_TRUE(co_await thrown<unavailable>(tx.commit())) << "nothing was to be committed yet";
    co_await tx.rollback();
    EXPECT_EQ(db.read_gauges().open, 0);
    transaction next = co_await db.use().begin();
    EXPECT_EQ((co_await next.query(count_rows)).front().get<int>(0), 0);
    co_await next.commit();
  });
}

TEST_F(fault, a_commit_under_way_is_in_doubt) {
  with_two([](db::database& db, db::database& other) -> awaitable<> {
    co_await db.run_script(guarded);
    transaction holder = co_await other.use().begin();
    co_await holder.query(hold, 1);
    transaction tx = co_await db.use().begin();
    const int pid = co_await backend_of(tx);
    co_await tx.query(insert, 1);
    const auto commit = [&]() -> awaitable<> { EXPECT_TRUE(co_await thrown<in_doubt>(tx.commit())); };
    const auto end_it = [&]() -> awaitable<> {
      co_await until_waiting(other, 1);
      co_await other.use().query(terminate, pid);
    };
    std::vector<awaitable<>> all;
    all.push_back(commit());
    all.push_back(end_it());
    co_await together(std::move(all));
    co_await tx.rollback();
    EXPECT_EQ(db.read_gauges().busy, 0);
    co_await holder.commit();
  });
}

TEST_F(fault, an_idle_connection_that_died_is_replaced) {
  with_two([](db::database& db, db::database& other) -> awaitable<> {
    transaction tx = co_await db.use().begin();
    const int pid = co_await backend_of(tx);
    co_await tx.commit();
    EXPECT_EQ(db.read_gauges().open, 1);
    co_await other.use().query(terminate, pid);
    co_await eventually([&]() -> awaitable<bool> { co_return db.read_gauges().open == 0; });
    transaction next = co_await db.use().begin();
    EXPECT_NE(co_await backend_of(next), pid);
    co_await next.commit();
  });
}

TEST_F(fault, waiters_are_served_though_the_lent_connection_died) {
  opts.transactions = 1;
  with_two([](db::database& db, db::database& other) -> awaitable<> {
    auto tx = std::make_unique<transaction>(co_await db.use().begin());
    const int pid = co_await backend_of(*tx);
    const auto wait = [&]() -> awaitable<> {
      transaction next = co_await db.use().begin();
      EXPECT_NE(co_await backend_of(next), pid);
      co_await next.commit();
    };
    const auto end_it = [&]() -> awaitable<> { co_await other.use().query(terminate, pid); };
    std::vector<awaitable<>> all;
    all.push_back(wait());
    all.push_back(wait());
    all.push_back(end_it());
    co_await together(std::move(all));
  });
}

TEST_F(fault, a_server_that_falls_silent_is_given_up) {
  opts.statement_timeout = 100ms;
  with_two([](db::database& db, db::database&) -> awaitable<> {
    session s = db.use();
    const int pid = co_await backend_of(s);
    transaction tx = co_await db.use().begin();
    const int other = co_await backend_of(tx);
    ::kill(pid, SIGSTOP);
    ::kill(other, SIGSTOP);
    const auto ask = [&]() -> awaitable<> { EXPECT_TRUE(co_await thrown<unavailable>(db.use().query(one))); };
    const auto commit = [&]() -> awaitable<> { EXPECT_TRUE(co_await thrown<in_doubt>(tx.commit())); };
    std::vector<awaitable<>> all;
    all.push_back(ask());
    all.push_back(commit());
    co_await together(std::move(all));
    ::kill(pid, SIGCONT);
    ::kill(other, SIGCONT);
    co_await until_answered(db);
  });
}

TEST_F(fault, nobody_is_there) {
  run_to_end(loop, [](executor on) -> awaitable<> {
    options nowhere;
    nowhere.dsn = "host=/nonexistent user=nobody";
    db::database db(on, nowhere);
    const auto reason = co_await thrown<unavailable>(db.connect());
    EXPECT_TRUE(reason && has(*reason, "/nonexistent"));
    EXPECT_TRUE(co_await thrown<unavailable>(db.use().query(one)));
    EXPECT_TRUE(co_await thrown<unavailable>(db.use().begin()));
    EXPECT_TRUE(co_await thrown<unavailable>(db.use().begin())) << "during the back-off";
    EXPECT_TRUE(co_await thrown<unavailable>(db.run_script("SELECT 1")));
    nowhere.dsn = "nonsense=1";
    EXPECT_TRUE(co_await thrown<unavailable>(db::database(on, nowhere).connect()));
  });
}

TEST_F(fault, a_host_that_does_not_answer_is_given_up) {
  run_to_end(loop, [](executor on) -> awaitable<> {
    using boost::asio::ip::tcp;
    tcp::acceptor deaf(on, {boost::asio::ip::address_v4::loopback(), 0});
    options o;
    o.dsn = fmt::format("host=127.0.0.1 port={} user=nobody", deaf.local_endpoint().port());
    o.connect_timeout = 100ms;
    db::database db(on, o);
    EXPECT_TRUE(co_await thrown<unavailable>(db.connect()));
    EXPECT_TRUE(co_await thrown<unavailable>(db.use().begin()));
  });
}

TEST_F(fault, closing_ends_what_is_pending) {
  opts.dsn = dsn();
  opts.transactions = 1;
  run_to_end(loop, [&](executor on) -> awaitable<> {
    auto db = std::make_unique<db::database>(on, opts);
    co_await db->connect();
    transaction holder = co_await db->use().begin();
    co_await holder.query(one);
    const auto ask = [&]() -> awaitable<> {
      EXPECT_TRUE(co_await thrown<unavailable>(db->use().query(nap, 30.0)));
    };
    const auto wait = [&]() -> awaitable<> { EXPECT_TRUE(co_await thrown<unavailable>(db->use().begin())); };
    const auto close = [&]() -> awaitable<> {
      db = nullptr;
      co_return;
    };
    std::vector<awaitable<>> all;
    all.push_back(ask());
    all.push_back(wait());
    all.push_back(close());
    co_await together(std::move(all));
    EXPECT_TRUE(co_await thrown<unavailable>(holder.query(one))) << "and a transaction outlives it";
    co_await holder.rollback();
  });
}

// What a cancelled coroutine asked is answered, to nobody; the pipeline goes on for the others.
TEST_F(fault, a_coroutine_may_be_cancelled) {
  with_two([](db::database& db, db::database& other) -> awaitable<> {
    const executor on = co_await boost::asio::this_coro::executor;
    session s = db.use();
    const int pid = co_await backend_of(s);
    transaction holder = co_await other.use().begin();
    co_await holder.query(hold, 1);
    int ended = 0, went_on = 0;
    const auto work = [&](queryable& q) -> awaitable<> {
      co_await q.query(hold, 1);
      co_await q.query(one);
      ++went_on;
    };
    const auto write = [&]() -> awaitable<> {
      co_await in_transaction(db.use(), [&](transaction& tx) { return work(tx); });
    };
    boost::asio::cancellation_signal first, second;
    const auto count_end = [&](std::exception_ptr) { ++ended; };
    boost::asio::co_spawn(on, work(s), boost::asio::bind_cancellation_slot(first.slot(), count_end));
    boost::asio::co_spawn(on, write(), boost::asio::bind_cancellation_slot(second.slot(), count_end));
    co_await until_waiting(other, 2);
    first.emit(boost::asio::cancellation_type::terminal);
    second.emit(boost::asio::cancellation_type::terminal);
    co_await holder.commit();
    co_await eventually([&]() -> awaitable<bool> { co_return ended == 2; });
    EXPECT_EQ(went_on, 0);
    EXPECT_EQ(co_await backend_of(s), pid);
    EXPECT_EQ(db.read_gauges().busy, 0);
  });
}

// The loop ends with statements, transactions and waiters under way: nothing leaks, nothing is used after its
// end.
TEST_F(fault, a_loop_may_end_at_any_moment) {
  opts.dsn = dsn();
  opts.transactions = 2;
  for (int turns = 0; turns < 60; turns += 3) {
    boost::asio::io_context short_lived(1);
    db::database db(short_lived.get_executor(), opts);
    bool connected = false;
    spawn(short_lived.get_executor(), [](db::database& to, bool& done) -> awaitable<> {
      co_await to.connect();
      done = true;
    }(db, connected));
    while (!connected)
      short_lived.run_one();
    const auto endless = [](db::database& to) -> awaitable<> {
      for (;;) {
        co_await to.use().query(one);
        transaction tx = co_await to.use().begin();
        tx.send(one);
        co_await tx.query(one);
        co_await tx.commit();
      }
    };
    for (int i = 0; i < 5; ++i)
      boost::asio::co_spawn(short_lived, endless(db), [](std::exception_ptr) {});
    for (int i = 0; i < turns; ++i)
      short_lived.run_one();
  }
}

} // namespace nexus::db::testing
