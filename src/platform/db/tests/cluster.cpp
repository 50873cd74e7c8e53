#include "cluster.hpp"

#include "platform/crypto/crypto.hpp"
#include "platform/embedded_postgres/embedded_postgres.hpp"

#include <cstdlib>
#include <filesystem>

namespace nexus::db::testing {

namespace {

class cluster final : public ::testing::Environment {
public:
  const embedded_postgres& get() {
    if (!running_) {
      std::string home = (std::filesystem::temp_directory_path() / "nexus-db-test-XXXXXX").string();
      if (!::mkdtemp(home.data()))
        throw std::runtime_error("no temporary directory");
      home_ = home;
      std::filesystem::permissions(home_, std::filesystem::perms(0755)); // for the postgres user
      running_ = embedded_postgres::start(
          {.home = home_,
           .settings = {"fsync=off", "deadlock_timeout=50ms", "autovacuum=off", "shared_buffers=16MB"}});
    }
    return *running_;
  }

private:
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

} // namespace nexus::db::testing
