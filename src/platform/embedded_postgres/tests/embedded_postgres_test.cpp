#include "platform/embedded_postgres/embedded_postgres.hpp"

#include "platform/embedded_postgres/layout.hpp"
#include "platform/embedded_postgres/postmaster_file.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <latch>
#include <libpq-fe.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace nexus {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

// The first value of the answer; throws libpq's words.
std::string ask(const std::string& dsn, const char* statement) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(dsn.c_str()), &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQexec(connection.get(), statement), &PQclear);
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  return PQntuples(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "";
}

bool alive(pid_t pid) { return ::kill(pid, 0) == 0; }

class embedded_postgres_test : public testing::Test {
protected:
  embedded_postgres_test() {
    auto name = testing::TempDir() + "nexus-pg-XXXXXX";
    root_ = ::mkdtemp(name.data());
    fs::permissions(root_, fs::perms(0755)); // where root runs this, the postgres user has to get through
    home_ = root_ / "home";
  }
  ~embedded_postgres_test() override {
    std::error_code ignored;
    if (const auto sockets = lay_out(home_).sockets; sockets.parent_path() != home_)
      fs::remove_all(sockets);
    if (fs::is_symlink(home_ / "postgres", ignored))
      fs::remove_all(fs::read_symlink(home_ / "postgres").parent_path());
    fs::remove_all(root_);
  }

  std::unique_ptr<embedded_postgres> start(std::vector<std::string> settings = {}) {
    return embedded_postgres::start({.home = home_, .settings = std::move(settings)});
  }

  // A process that starts the cluster, says so through the pipe and stays until it is killed.
  struct owner {
    pid_t pid = 0;
    int postmaster = 0;
    bool started_here = false;
  };
  owner start_in_another_process() {
    struct {
      int pid;
      bool started_here;
    } said{};
    int fds[2];
    EXPECT_EQ(::pipe(fds), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::close(fds[0]);
      try {
        const auto server = start();
        said = {server->pid(), server->started_here()};
        if (::write(fds[1], &said, sizeof said) == sizeof said)
          for (;;)
            ::pause();
      } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
      }
      ::_exit(1);
    }
    ::close(fds[1]);
    EXPECT_EQ(::read(fds[0], &said, sizeof said), static_cast<ssize_t>(sizeof said));
    ::close(fds[0]);
    return {pid, said.pid, said.started_here};
  }
  static void kill_at_once(pid_t pid) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }

  fs::path root_, home_;
};

TEST_F(embedded_postgres_test, keeps_its_data_from_one_start_to_the_next) {
  int first = 0;
  {
    const auto server = start();
    first = server->pid();
    EXPECT_TRUE(server->started_here());
    ask(server->dsn(), "CREATE TABLE kept (n int)");
    ask(server->dsn(), "INSERT INTO kept VALUES (42)");
    EXPECT_TRUE(alive(first));
  }
  EXPECT_FALSE(alive(first));
  EXPECT_FALSE(fs::exists(home_ / "postgres/postmaster.pid"));
  EXPECT_FALSE(fs::exists(home_ / "postgres.new"));
  const auto again = start();
  EXPECT_TRUE(again->started_here());
  EXPECT_EQ(ask(again->dsn(), "SELECT n FROM kept"), "42");
}

TEST_F(embedded_postgres_test, is_safe_private_and_in_unicode) {
  const auto server = start({"work_mem=7MB", "fsync=on"});
  const auto show = [&](const char* statement) { return ask(server->dsn(), statement); };
  EXPECT_EQ(show("SHOW fsync"), "on");
  EXPECT_EQ(show("SHOW synchronous_commit"), "on");
  EXPECT_EQ(show("SHOW full_page_writes"), "on");
  EXPECT_EQ(show("SHOW data_checksums"), "on");
  EXPECT_EQ(show("SHOW listen_addresses"), "");
  EXPECT_EQ(show("SHOW server_encoding"), "UTF8");
  EXPECT_EQ(show("SHOW wal_compression"), "lz4");
  EXPECT_EQ(show("SHOW work_mem"), "7MB");
  EXPECT_EQ(show("SELECT upper('kötö')"), "KÖTÖ");
  EXPECT_EQ(show("SELECT current_database()"), "nexus");
  EXPECT_EQ(ask(server->dsn("postgres"), "SELECT current_database()"), "postgres");
  struct stat process{}, log{};
  ASSERT_EQ(::stat(("/proc/" + std::to_string(server->pid())).c_str(), &process), 0);
  EXPECT_NE(process.st_uid, 0U);
  ASSERT_EQ(::stat((home_ / "postgres.log").c_str(), &log), 0);
  EXPECT_EQ(log.st_mode & 07U, 0U);
}

TEST_F(embedded_postgres_test, is_joined_by_a_second_instance_which_does_not_stop_it) {
  const auto server = start();
  {
    const auto second = start();
    EXPECT_FALSE(second->started_here());
    EXPECT_EQ(second->pid(), server->pid());
    EXPECT_EQ(ask(second->dsn(), "SELECT 1"), "1");
  }
  const auto other = start_in_another_process();
  EXPECT_FALSE(other.started_here);
  EXPECT_EQ(other.postmaster, server->pid());
  kill_at_once(other.pid);
  EXPECT_EQ(ask(server->dsn(), "SELECT 1"), "1");
}

TEST_F(embedded_postgres_test, ends_with_an_owner_that_is_killed) {
  const auto owner = start_in_another_process();
  ASSERT_TRUE(owner.started_here);
  {
    const auto joined = start();
    ask(joined->dsn(), "CREATE TABLE kept (n int)");
  }
  kill_at_once(owner.pid);
  const auto server = start();
  EXPECT_TRUE(server->started_here());
  EXPECT_NE(server->pid(), owner.postmaster);
  EXPECT_FALSE(is_postmaster_of(owner.postmaster, home_ / "postgres"));
  EXPECT_EQ(ask(server->dsn(), "SELECT count(*) FROM kept"), "0");
}

TEST_F(embedded_postgres_test, starts_after_the_postmaster_itself_was_killed) {
  auto server = start();
  ask(server->dsn(), "CREATE TABLE kept (n int)");
  ::kill(server->pid(), SIGKILL);
  server.reset();
  EXPECT_EQ(ask(start()->dsn(), "SELECT count(*) FROM kept"), "0");
}

TEST_F(embedded_postgres_test, begins_anew_where_the_making_was_cut_off) {
  const pid_t maker = ::fork();
  if (maker == 0) {
    const auto server = start();
    ::_exit(1);
  }
  while (!fs::exists(home_ / "postgres.new/PG_VERSION")) { // it is at it; the rename comes much later
    ASSERT_EQ(::waitpid(maker, nullptr, WNOHANG), 0);
    std::this_thread::yield();
  }
  kill_at_once(maker);
  EXPECT_TRUE(fs::exists(home_ / "postgres.new"));
  EXPECT_FALSE(fs::exists(home_ / "postgres"));
  EXPECT_EQ(ask(start()->dsn(), "SELECT 1"), "1");
  EXPECT_FALSE(fs::exists(home_ / "postgres.new"));
}

TEST_F(embedded_postgres_test, makes_the_database_where_the_maker_did_not_get_so_far) {
  {
    const auto server = start();
    ask(server->dsn("postgres"), "DROP DATABASE nexus");
  }
  EXPECT_EQ(ask(start()->dsn(), "SELECT current_database()"), "nexus");
}

TEST_F(embedded_postgres_test, is_made_once_by_two_at_once) {
  std::latch both(2);
  std::array<bool, 2> started{};
  std::array<int, 2> pids{};
  const auto work = [&](std::size_t i) {
    const auto server = start();
    started[i] = server->started_here();
    pids[i] = server->pid();
    both.arrive_and_wait(); // a thread that ended would take its server along
  };
  std::thread first(work, 0), second(work, 1);
  first.join();
  second.join();
  EXPECT_NE(started[0], started[1]);
  EXPECT_EQ(pids[0], pids[1]);
}

TEST_F(embedded_postgres_test, has_a_home_with_any_name) {
  home_ = root_ / "it's, a \"home\" \\ with spaces";
  EXPECT_EQ(ask(start()->dsn(), "SELECT 1"), "1");
}

TEST_F(embedded_postgres_test, has_a_home_with_a_long_name) {
  home_ = root_ / std::string(100, 'l') / std::string(100, 'o');
  const auto server = start();
  EXPECT_EQ(ask(server->dsn(), "SELECT 1"), "1");
  EXPECT_TRUE(fs::exists(lay_out(home_).sockets / ".s.PGSQL.5432"));
}

TEST_F(embedded_postgres_test, lives_elsewhere_where_the_postgres_user_cannot_enter_home) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root runs PostgreSQL as another user";
  fs::create_directory(root_ / "private");
  fs::permissions(root_ / "private", fs::perms(0700));
  home_ = root_ / "private" / "home";
  ask(start()->dsn(), "CREATE TABLE kept (n int)");
  EXPECT_TRUE(fs::is_symlink(home_ / "postgres"));
  EXPECT_TRUE(fs::exists(home_ / "postgres/PG_VERSION"));
  EXPECT_EQ(ask(start()->dsn(), "SELECT count(*) FROM kept"), "0");
  fs::remove_all(home_); // not its data: they are found again, and that is said
  std::string told;
  const auto again =
      embedded_postgres::start({.home = home_, .tell = [&](std::string_view what) { told += what; }});
  EXPECT_EQ(ask(again->dsn(), "SELECT count(*) FROM kept"), "0");
  EXPECT_TRUE(fs::is_symlink(home_ / "postgres"));
  EXPECT_THAT(told, HasSubstr(fs::read_symlink(home_ / "postgres").string()));
}

TEST_F(embedded_postgres_test, is_not_deceived_by_a_number_that_another_process_has_now) {
  start().reset();
  const auto where = lay_out(home_);
  const int log = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  process other({.program = "/bin/sleep", .arguments = {"1000"}, .run_as = where.owner}, log, SIGKILL);
  ::close(log);
  std::ofstream(where.data / "postmaster.pid") << other.pid() << '\n'
                                               << where.data.string() << "\n1700000000\n5432\n"
                                               << where.sockets.string() << "\n\n  1 2\nready\n";
  fs::permissions(where.data / "postmaster.pid", fs::perms(0644));
  EXPECT_EQ(ask(start()->dsn(), "SELECT 1"), "1");
  EXPECT_FALSE(other.ended());
  other.signal(SIGKILL);
}

TEST_F(embedded_postgres_test, says_what_postgres_said_where_it_does_not_start) {
  try {
    const auto server = start({"no_such_setting=1"});
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("no_such_setting"));
  }
  EXPECT_EQ(ask(start()->dsn(), "SELECT 1"), "1"); // nothing of it is left
}

TEST_F(embedded_postgres_test, does_not_touch_files_that_are_no_cluster) {
  fs::create_directories(home_ / "postgres");
  std::ofstream(home_ / "postgres/diary.txt") << "mine";
  try {
    const auto server = start();
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr((home_ / "postgres").string()));
  }
  EXPECT_TRUE(fs::exists(home_ / "postgres/diary.txt"));
}

} // namespace
} // namespace nexus
