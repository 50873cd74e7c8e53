// Single statements on the shared pipeline.
#include "fixture.hpp"

namespace nexus::db::testing {

using std::string;
using namespace std::chrono_literals;

const statement echo{"test.echo", "SELECT $1::int4"};
const statement divide{"test.divide", "SELECT 1 / $1::int4"};
const statement broken{"test.broken", "SELECT broken FROM"};
const statement nap{"test.nap", "SELECT pg_sleep($1::float8)"};

struct database : database_test {};

namespace {

awaitable<> expect_echo(session s, int n) {
  const rows r = co_await s.query(echo, n);
  EXPECT_EQ(r.front().get<int>(0), n);
}

template <class... A>
awaitable<> expect_error(session s, const statement& what, string sqlstate, A... values) {
  const auto e = co_await thrown<error>(s.query(what, values...));
  EXPECT_TRUE(e) << what.name();
  if (e)
    EXPECT_EQ(e->sqlstate(), sqlstate) << e->what();
}

} // namespace

TEST_F(database, many_share_the_pipeline) {
  with_database([](db::database& db) -> awaitable<> {
    std::vector<awaitable<>> all;
    for (int i = 0; i < 1000; ++i)
      all.push_back(expect_echo(db.use(), i));
    co_await together(std::move(all));
  });
}

TEST_F(database, several_readers_serve) {
  opts.readers = 3;
  with_database([](db::database& db) -> awaitable<> {
    std::vector<awaitable<>> all;
    for (int i = 0; i < 100; ++i)
      all.push_back(expect_echo(db.use(), i));
    co_await together(std::move(all));
  });
}

TEST_F(database, an_error_is_its_own_statements_alone) {
  with_database([](db::database& db) -> awaitable<> {
    std::vector<awaitable<>> all;
    for (int i = 0; i < 200; ++i)
      if (i % 50 == 25)
        all.push_back(expect_error(db.use(), divide, "22012", 0));
      else if (i % 50 == 30)
        all.push_back(expect_error(db.use(), broken, "42601"));
      else
        all.push_back(expect_echo(db.use(), i));
    co_await together(std::move(all));
    co_await expect_echo(db.use(), 1); // and the connection is as good as new
  });
}

TEST_F(database, an_error_says_what_and_where) {
  with_database([](db::database& db) -> awaitable<> {
    co_await db.run_script("CREATE TABLE named (id int CONSTRAINT only_positive CHECK (id > 0), "
                           "CONSTRAINT one_of_each UNIQUE (id))");
    static const statement insert{"test.insert_named", "INSERT INTO named VALUES ($1)"};
    const auto negative = co_await thrown<error>(db.use().query(insert, -1));
    EXPECT_TRUE(negative && negative->integrity() && !negative->retryable());
    EXPECT_EQ(negative->constraint(), "only_positive");
    EXPECT_EQ(negative->statement(), "test.insert_named");
    co_await db.use().query(insert, 1);
    const auto twice = co_await thrown<error>(db.use().query(insert, 1));
    EXPECT_EQ(twice->sqlstate(), "23505");
    EXPECT_EQ(twice->constraint(), "one_of_each");
    EXPECT_EQ(string(twice->what()).find("(1)"), string::npos) << "the values of a row stay out of the log";
    co_await db.run_script("DROP TABLE named");
  });
}

// A segment is one implicit transaction: a write must not share it with what may fail.
TEST_F(database, a_neighbours_error_does_not_undo_a_write) {
  with_database([](db::database& db) -> awaitable<> {
    co_await db.run_script("CREATE TABLE written (id int)");
    static const statement insert{"test.insert_written", "INSERT INTO written VALUES ($1)"};
    static const statement count{"test.count_written", "SELECT count(*) FROM written"};
    std::vector<awaitable<>> all;
    for (int i = 0; i < 20; ++i) {
      all.push_back([](session s, int n) -> awaitable<> { co_await s.query(insert, n); }(db.use(), i));
      all.push_back(expect_error(db.use(), divide, "22012", 0));
      all.push_back(expect_echo(db.use(), i));
    }
    co_await together(std::move(all));
    EXPECT_EQ((co_await db.use().query(count)).front().get<int>(0), 20);
    co_await db.run_script("DROP TABLE written");
  });
}

TEST_F(database, the_answer_to_a_write_means_committed) {
  with_database([](db::database& db) -> awaitable<> {
    co_await db.run_script(
        "CREATE TABLE late (id int CONSTRAINT late_id UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    static const statement insert{"test.insert_late", "INSERT INTO late VALUES (1), ($1)"};
    static const statement count{"test.count_late", "SELECT count(*) FROM late"};
    const auto e =
        co_await thrown<error>(db.use().query(insert, 1)); // fails at the commit, after the statement
    EXPECT_TRUE(e && e->sqlstate() == "23505" && e->constraint() == "late_id");
    EXPECT_EQ((co_await db.use().query(count)).front().get<int>(0), 0);
    co_await db.use().query(insert, 2);
    EXPECT_EQ((co_await db.use().query(count)).front().get<int>(0), 2);
    co_await db.run_script("DROP TABLE late");
  });
}

TEST_F(database, a_plan_made_stale_is_made_anew) {
  with_database([](db::database& db) -> awaitable<> {
    co_await db.run_script("CREATE TABLE altered AS SELECT 1 AS id");
    static const statement all_of{"test.all_of_altered", "SELECT * FROM altered"};
    EXPECT_EQ((co_await db.use().query(all_of)).front().get<int>(0), 1);
    co_await db.run_script("ALTER TABLE altered ADD COLUMN name text DEFAULT 'new'");
    const auto ask = [](session s) -> awaitable<> {
      const rows r = co_await s.query(all_of);
      EXPECT_EQ(r.front().get<string>(1), "new");
    };
    std::vector<awaitable<>> all;
    for (int i = 0; i < 10; ++i)
      all.push_back(ask(db.use()));
    co_await together(std::move(all));
    co_await db.run_script("DROP TABLE altered");
  });
}

TEST_F(database, the_session_is_set_up) {
  opts.application_name = "a shop";
  opts.statement_timeout = 4s;
  opts.lock_timeout = 3s;
  opts.dsn = dsn();
  opts.dsn += " options='-c work_mem=5MB'";
  with_database([](db::database& db) -> awaitable<> {
    static const statement show{
        "test.show", "SELECT array_agg(current_setting(name) ORDER BY place) FROM unnest($1::text[]) "
                     "WITH ORDINALITY AS asked(name, place)"};
    const rows r = co_await db.use().query(
        show, std::vector<string>{"TimeZone", "statement_timeout", "lock_timeout",
                                  "default_transaction_isolation", "application_name",
                                  "idle_in_transaction_session_timeout", "client_encoding", "work_mem"});
    EXPECT_EQ(r.front().get<std::vector<string>>(0),
              (std::vector<string>{"UTC", "4s", "3s", "read committed", "a shop", "10s", "UTF8", "5MB"}));
  });
}

TEST_F(database, a_slow_statement_is_ended_by_the_server) {
  opts.statement_timeout = 50ms;
  with_database([](db::database& db) -> awaitable<> {
    std::vector<awaitable<>> all;
    all.push_back(expect_error(db.use(), nap, "57014", 5.0));
    all.push_back(expect_echo(db.use(), 1));
    co_await together(std::move(all));
  });
}

TEST_F(database, usage_is_counted) {
  with_database([](db::database& db) -> awaitable<> {
    usage count;
    const session s = db.use(&count);
    co_await session(s).query(echo, 1);
    EXPECT_EQ(count.statements, 1);
    EXPECT_GT(count.waited, 0ns);
    co_await session(s).query(nap, 0.05);
    EXPECT_EQ(count.statements, 2);
    EXPECT_GE(count.waited, 50ms);
    EXPECT_TRUE(co_await thrown<error>(session(s).query(broken)));
    EXPECT_EQ(count.statements, 3);
    transaction tx = co_await session(s).begin();
    tx.send(echo, 1);
    co_await tx.query(echo, 2);
    co_await tx.commit();
    EXPECT_EQ(count.statements, 5);
  });
}

TEST_F(database, a_temporary_session_will_do) {
  with_database([](db::database& db) -> awaitable<> {
    auto later = db.use().query(echo, 5);
    auto begin = db.use().begin();
    EXPECT_EQ((co_await std::move(later)).front().get<int>(0), 5);
    transaction tx = co_await std::move(begin);
    EXPECT_EQ((co_await tx.query(echo, 6)).front().get<int>(0), 6);
    co_await tx.rollback();
  });
}

TEST_F(database, large_values_go_both_ways) {
  with_database([](db::database& db) -> awaitable<> {
    static const statement text{"test.text", "SELECT $1::text"};
    const auto ask = [](session s, char c) -> awaitable<> {
      const string large(5'000'000, c);
      const rows r = co_await s.query(text, large);
      EXPECT_TRUE(r.front().get<std::string_view>(0) == large);
    };
    std::vector<awaitable<>> all;
    for (const char c : {'a', 'b', 'c', 'd'})
      all.push_back(ask(db.use(), c));
    co_await together(std::move(all));
  });
}

TEST_F(database, a_script_has_many_statements_and_stops_at_the_first_error) {
  with_database([](db::database& db) -> awaitable<> {
    co_await db.run_script("CREATE TABLE one (id int); CREATE TABLE two (id int); SELECT 1");
    const auto e = co_await thrown<error>(db.run_script("DROP TABLE one; SELECT 1 / 0; DROP TABLE two"));
    EXPECT_TRUE(e && e->sqlstate() == "22012");
    co_await db.run_script("DROP TABLE one; DROP TABLE two"); // a script without BEGIN is one transaction
  });
}

TEST_F(database, too_many_parameters_are_refused) {
  with_database([](db::database& db) -> awaitable<> {
    params many;
    for (int i = 0; i < 70'000; ++i)
      many.add(i);
    EXPECT_THROW((void)db.use().run(echo, many), std::invalid_argument);
    co_await expect_echo(db.use(), 1);
  });
}

} // namespace nexus::db::testing
