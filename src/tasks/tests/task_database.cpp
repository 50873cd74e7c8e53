#include "task_database.hpp"

#include "platform/crypto/crypto.hpp"
#include "platform/db/migrate.hpp"
#include "platform/embedded_postgres/embedded_postgres.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace nexus::tasks::testing {

namespace {

const db::statement select_tasks{"test.select_tasks",
                                 "SELECT state, attempt, max_attempts, run_at, coalesce(last_error, '') "
                                 "FROM task ORDER BY id"};

// The schema as the program has it.
awaitable<> apply_migrations(executor on, std::string dsn) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(NEXUS_MIGRATIONS))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> names, texts;
  for (const auto& file : files) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    names.push_back(file.filename().string());
    texts.push_back(text.str());
  }
  std::vector<db::migration> all;
  for (std::size_t i = 0; i < names.size(); ++i)
    all.push_back({names[i], texts[i]});
  db::database db(on, {.dsn = std::move(dsn)});
  co_await db::migrate(db, all, nullptr);
}

class cluster final : public ::testing::Environment {
public:
  const embedded_postgres& get() {
    if (!running_)
      start();
    return *running_;
  }

private:
  void start() {
    std::string home = (std::filesystem::temp_directory_path() / "nexus-tasks-test-XXXXXX").string();
    if (!::mkdtemp(home.data()))
      throw std::runtime_error("no temporary directory");
    home_ = home;
    std::filesystem::permissions(home_, std::filesystem::perms(0755)); // for the postgres user
    running_ = embedded_postgres::start(
        {.home = home_, .settings = {"fsync=off", "autovacuum=off", "shared_buffers=16MB"}});
    boost::asio::io_context loop{1};
    run_to_end(loop, [&](executor on) { return apply_migrations(on, running_->dsn()); });
  }
  void SetUp() override { crypto::initialize(); }
  void TearDown() override {
    running_ = nullptr;
    std::error_code ignored;
    std::filesystem::remove_all(home_, ignored);
  }

  std::filesystem::path home_ = "/nonexistent";
  std::unique_ptr<embedded_postgres> running_;
};

auto* const environment =
    static_cast<cluster*>(::testing::AddGlobalTestEnvironment(std::make_unique<cluster>().release()));

} // namespace

std::string cluster_dsn() { return environment->get().dsn(); }

awaitable<std::vector<task_row>> read_tasks(db::database& db) {
  std::vector<task_row> out;
  const db::rows found = co_await db.use().query(select_tasks);
  for (const db::row& each : found) {
    auto [state, attempt, max_attempts, run_at, last_error] =
        each.as<std::string, int, int, time_point, std::string>();
    out.push_back({std::move(state), attempt, max_attempts, run_at, std::move(last_error)});
  }
  co_return out;
}

awaitable<> until_state(db::database& db, std::string state) {
  for (;;) {
    const auto all = co_await read_tasks(db);
    if (!all.empty() &&
        std::all_of(all.begin(), all.end(), [&](const task_row& t) { return t.state == state; }))
      co_return;
    co_await sleep_for(std::chrono::milliseconds(2));
  }
}

} // namespace nexus::tasks::testing
