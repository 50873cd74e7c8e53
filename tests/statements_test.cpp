// A statement that the schema does not carry is found here, not by the first customer who needs it.
#include "app/commands.hpp"
#include "app/database_source.hpp"
#include "platform/db/database.hpp"
#include "platform/db/statement.hpp"
#include "scratch_database/scratch_database.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <set>

namespace nexus {
namespace {

// The program's entry holds on to every module, so that the linker keeps all their statements.
[[gnu::used]] int (*const entry)(int, char**) = &app::run;

class statements : public scratch_database {
protected:
  statements() : scratch_database(contents::nothing) {}
  void SetUp() override {
    with_database([](db::database& database) -> awaitable<> {
      const int applied = co_await app::migrate_schema(database);
      EXPECT_EQ(static_cast<std::size_t>(applied), app::known_migrations().size());
    });
  }
};

using connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

TEST_F(statements, fit_the_schema) {
  const connection to(PQconnectdb(dsn().c_str()), &PQfinish);
  ASSERT_EQ(PQstatus(to.get()), CONNECTION_OK) << PQerrorMessage(to.get());
  std::set<std::string> modules;
  for (const db::statement* s : db::statement::all()) {
    const std::string name(s->name());
    const std::string text(s->text());
    const answer a(PQprepare(to.get(), "", text.c_str(), 0, nullptr), &PQclear);
    EXPECT_EQ(PQresultStatus(a.get()), PGRES_COMMAND_OK)
        << name << ": " << PQresultErrorMessage(a.get()) << text;
    modules.insert(name.substr(0, name.find('.')));
  }
  for (const char* module : {"accounts", "catalogue", "inventory", "cart", "pricing", "orders", "payments",
                             "tasks", "api", "db", "app"})
    EXPECT_TRUE(modules.contains(module)) << "no statement of " << module << " was seen";
  RecordProperty("statements", static_cast<int>(db::statement::all().size()));
}

} // namespace
} // namespace nexus
