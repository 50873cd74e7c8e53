#include "platform/db/migrate.hpp"

#include "fixture.hpp"

namespace nexus::db::testing {

using std::string;

namespace {

constexpr const char* clean = "DROP TABLE IF EXISTS schema_migration, first, second, third";

const std::vector<migration> two{
    {"0001_first.sql", "CREATE TABLE first (id int); INSERT INTO first VALUES (1); -- the end"},
    {"0002_second.sql", "CREATE TABLE second (id int);\nCREATE INDEX ON second (id);\n"},
};

std::vector<migration> and_also(std::vector<migration> known, migration more) {
  known.push_back(more);
  return known;
}

awaitable<bool> exists(db::database& db, string table) {
  static const statement ask{"test.exists", "SELECT to_regclass($1) IS NOT NULL"};
  co_return (co_await db.use().query(ask, table)).front().get<bool>(0);
}

} // namespace

class migrations : public database_test {
protected:
  template <class Body>
  void with_empty_database(Body body) {
    with_database([&](db::database& db) -> awaitable<> {
      co_await db.run_script(clean);
      co_await body(db);
      co_await db.run_script(clean);
    });
  }
};

TEST_F(migrations, are_applied_once_in_order) {
  with_empty_database([](db::database& db) -> awaitable<> {
    const auto before = co_await check_migrations(db, two);
    EXPECT_EQ(before.applied, 0);
    EXPECT_EQ(before.pending, (std::vector<string>{"0001_first.sql", "0002_second.sql"}));
    EXPECT_FALSE(co_await exists(db, "schema_migration")) << "to check changes nothing";

    std::vector<string> told;
    const auto tell = [&](std::string_view name) { told.emplace_back(name); };
    const std::vector<migration> backwards(two.rbegin(), two.rend());
    EXPECT_EQ(co_await migrate(db, backwards, tell), 2);
    EXPECT_EQ(told, before.pending);
    EXPECT_TRUE(co_await exists(db, "second"));

    EXPECT_EQ(co_await migrate(db, two, tell), 0);
    const auto third = and_also(two, {"0003_third.sql", "CREATE TABLE third (id int)"});
    const auto between = co_await check_migrations(db, third);
    EXPECT_EQ(between.applied, 2);
    EXPECT_EQ(between.pending, std::vector<string>{"0003_third.sql"});
    EXPECT_EQ(co_await migrate(db, third, nullptr), 1);
    EXPECT_TRUE((co_await check_migrations(db, third)).pending.empty());
  });
}

TEST_F(migrations, that_fail_leave_nothing_behind) {
  with_empty_database([](db::database& db) -> awaitable<> {
    const auto bad = and_also(two, {"0003_bad.sql", "CREATE TABLE third (id int); SELECT 1 / 0"});
    const auto e = co_await thrown<error>(migrate(db, bad, nullptr));
    EXPECT_TRUE(e && e->sqlstate() == "22012" && e->statement() == "0003_bad.sql");
    EXPECT_FALSE(co_await exists(db, "third"));
    const auto state = co_await check_migrations(db, bad);
    EXPECT_EQ(state.applied, 2);
    EXPECT_EQ(state.pending, std::vector<string>{"0003_bad.sql"});
    const auto mended = and_also(two, {"0003_bad.sql", "CREATE TABLE third (id int)"});
    EXPECT_EQ(co_await migrate(db, mended, nullptr), 1);
  });
}

TEST_F(migrations, do_not_change_afterwards) {
  with_empty_database([](db::database& db) -> awaitable<> {
    co_await migrate(db, two, nullptr);
    std::vector<migration> changed = two;
    changed[1].sql = "CREATE TABLE second (id bigint)";
    const auto e = co_await thrown<std::runtime_error>(migrate(db, changed, nullptr));
    EXPECT_TRUE(e && has(*e, "0002_second.sql"));
    EXPECT_TRUE(co_await thrown<std::runtime_error>(check_migrations(db, changed)));
  });
}

TEST_F(migrations, of_a_newer_program_are_respected) {
  with_empty_database([](db::database& db) -> awaitable<> {
    co_await migrate(db, two, nullptr);
    const std::span older(two.data(), 1);
    const auto e = co_await thrown<std::runtime_error>(migrate(db, older, nullptr));
    EXPECT_TRUE(e && has(*e, "0002_second.sql"));
    EXPECT_TRUE(co_await thrown<std::runtime_error>(check_migrations(db, older)));
  });
}

TEST_F(migrations, have_a_number_each) {
  with_empty_database([](db::database& db) -> awaitable<> {
    for (const char* name :
         {"first.sql", "0_first.sql", "0001.sql", "-1_first.sql", "99999999999_first.sql", "", "1"}) {
      const std::vector<migration> odd{{name, "SELECT 1"}};
      EXPECT_TRUE(co_await thrown<std::runtime_error>(migrate(db, odd, nullptr))) << name;
    }
    const auto same = and_also(two, {"2_again.sql", "SELECT 1"});
    EXPECT_TRUE(co_await thrown<std::runtime_error>(migrate(db, same, nullptr)));
    EXPECT_FALSE(co_await exists(db, "schema_migration"));
  });
}

TEST_F(migrations, of_many_nodes_at_once_are_applied_once) {
  with_empty_database([this](db::database& db) -> awaitable<> {
    const executor on = co_await boost::asio::this_coro::executor;
    int applied = 0;
    options impatient = opts;
    impatient.lock_timeout = std::chrono::milliseconds(20); // to wait for another node is no failure
    const std::vector<migration> slow = and_also(two, {"0003_slow.sql", "SELECT pg_sleep(0.2)"});
    const auto node = [&]() -> awaitable<> {
      db::database own(on, impatient);
      applied += co_await migrate(own, slow, nullptr);
    };
    std::vector<awaitable<>> nodes;
    for (int i = 0; i < 4; ++i)
      nodes.push_back(node());
    co_await together(std::move(nodes));
    EXPECT_EQ(applied, 3);
    EXPECT_EQ((co_await check_migrations(db, slow)).applied, 3);
  });
}

} // namespace nexus::db::testing
