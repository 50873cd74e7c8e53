// A statement that the schema does not carry is found here, not by the first customer who needs it.
#include "app/commands.hpp"
#include "app/database_source.hpp"
#include "platform/async/run.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/db/database.hpp"
#include "platform/db/statement.hpp"
#include "platform/embedded_postgres/embedded_postgres.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <cstdlib>
#include <filesystem>
#include <set>

namespace nexus {
namespace {

class statements : public ::testing::Test {
protected:
  void SetUp() override {
    // The program's entry holds on to every module, so that the linker keeps all their statements.
    ASSERT_NE(&app::run, nullptr);
    crypto::initialize();
    std::string made = (std::filesystem::temp_directory_path() / "nexus-statements-XXXXXX").string();
    ASSERT_NE(::mkdtemp(made.data()), nullptr);
    home_ = made;
    std::filesystem::permissions(home_, std::filesystem::perms(0755)); // for the postgres user
    cluster_ = embedded_postgres::start({.home = home_, .settings = {"fsync=off"}});
    boost::asio::io_context context{1};
    run_to_end(context, [this](executor on) -> awaitable<> {
      db::options options;
      options.dsn = cluster_->dsn();
      db::database database(on, options);
      co_await database.connect();
      const int applied = co_await app::migrate_schema(database);
      EXPECT_EQ(static_cast<std::size_t>(applied), app::known_migrations().size());
    });
  }
  void TearDown() override {
    cluster_ = nullptr;
    std::error_code ignored;
    std::filesystem::remove_all(home_, ignored);
  }

  std::filesystem::path home_;
  std::unique_ptr<embedded_postgres> cluster_;
};

using connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

TEST_F(statements, fit_the_schema) {
  const connection to(PQconnectdb(cluster_->dsn().c_str()), &PQfinish);
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
  for (const char* module :
       {"accounts", "catalogue", "inventory", "cart", "orders", "payments", "tasks", "api", "db", "app"})
    EXPECT_TRUE(modules.contains(module)) << "no statement of " << module << " was seen";
  RecordProperty("statements", static_cast<int>(db::statement::all().size()));
}

} // namespace
} // namespace nexus
