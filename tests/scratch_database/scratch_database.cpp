#include "scratch_database/scratch_database.hpp"

#include "platform/crypto/crypto.hpp"
#include "platform/db/migrate.hpp"
#include "platform/embedded_postgres/embedded_postgres.hpp"

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <stdlib.h> // mkdtemp

namespace nexus {

namespace {

namespace fs = std::filesystem;

// In memory initdb takes a fraction of the time, most of all where the disk is busy.
fs::path scratch_root() {
  constexpr std::uintmax_t enough = 1U << 30U; // a cluster has about 60 MB, and many programs run at once
  std::error_code none;
  if (!std::getenv("TMPDIR")) // NOLINT(concurrency-mt-unsafe): nobody writes the environment
    if (const fs::path memory = "/dev/shm"; fs::space(memory, none).available >= enough && !none)
      return memory;
  return fs::temp_directory_path();
}

awaitable<> apply_migrations(executor on, std::string dsn) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(NEXUS_MIGRATIONS))
    if (entry.path().extension() == ".sql")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::deque<std::string> texts; // for the views in a migration
  std::vector<db::migration> all;
  for (const auto& file : files) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    const std::string& name = texts.emplace_back(file.filename().string());
    all.push_back({name, texts.emplace_back(text.str())});
  }
  db::database db(on, {.dsn = std::move(dsn)});
  co_await db::migrate(db, all, nullptr);
}

class cluster final : public ::testing::Environment {
public:
  // The dsn of an empty database that nobody else has.
  std::string make_database() {
    if (!running_) {
      start();
      return running_->dsn(); // what it comes with: most programs run by ctest need no other
    }
    const std::string name = "scratch_" + std::to_string(++made_);
    boost::asio::io_context loop{1};
    run_to_end(loop, [&](executor on) -> awaitable<> {
      db::database db(on, {.dsn = running_->dsn("postgres")});
      co_await db.run_script("CREATE DATABASE " + name);
    });
    return running_->dsn(name);
  }

private:
  void start() {
    std::string home = (scratch_root() / "nexus-scratch-XXXXXX").string();
    if (!::mkdtemp(home.data()))
      throw std::runtime_error("no temporary directory");
    home_ = home;
    fs::permissions(home_, fs::perms(0755)); // for the postgres user
    running_ = embedded_postgres::start(
        {.home = home_,
         .settings = {"fsync=off", "deadlock_timeout=50ms", "autovacuum=off", "shared_buffers=16MB"}});
  }
  void SetUp() override { crypto::initialize(); }
  void TearDown() override {
    running_ = nullptr;
    std::error_code ignored;
    fs::remove_all(home_, ignored);
  }

  fs::path home_ = "/nonexistent";
  std::unique_ptr<embedded_postgres> running_;
  int made_ = 0;
};

auto* const environment =
    static_cast<cluster*>(::testing::AddGlobalTestEnvironment(std::make_unique<cluster>().release()));

} // namespace

const std::string& scratch_database::dsn() {
  if (dsn_.empty()) {
    const std::string made = environment->make_database();
    if (begin_with_ == contents::schema) {
      boost::asio::io_context own{1};
      run_to_end(own, [&](executor on) { return apply_migrations(on, made); });
    }
    dsn_ = made;
  }
  return dsn_;
}

} // namespace nexus
