#include "platform/embedded_postgres/installation.hpp"
#include "platform/embedded_postgres/layout.hpp"
#include "platform/embedded_postgres/postmaster_file.hpp"

#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nexus {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class layout : public testing::Test {
protected:
  layout() {
    auto name = testing::TempDir() + "nexus-layout-XXXXXX";
    root_ = ::mkdtemp(name.data());
    fs::permissions(root_, fs::perms(0755));
    roots_ = {.clusters = root_ / "lib", .sockets = root_ / "run-root", .temporary = root_ / "tmp"};
  }
  ~layout() override { fs::remove_all(root_); }

  fs::path fake_installation(const std::string& version, std::initializer_list<const char*> programs) {
    const auto bin = root_ / "versions" / version / "bin";
    fs::create_directories(bin);
    for (const char* program : programs) {
      std::ofstream(bin / program) << "#!/bin/sh\n";
      fs::permissions(bin / program, fs::perms(0755));
    }
    return bin;
  }

  fs::path root_;
  layout_roots roots_;
};

std::string failure(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return {};
}

TEST_F(layout, puts_everything_below_home) {
  const auto where = lay_out(root_ / "a" / "home", roots_);
  EXPECT_EQ(where.data, root_ / "a/home/postgres");
  EXPECT_EQ(where.staging.parent_path(), where.data.parent_path());
  EXPECT_EQ(where.sockets, root_ / "a/home/run");
  EXPECT_TRUE(where.link.empty());
  EXPECT_NE(where.owner.uid, 0U);
}

TEST_F(layout, puts_the_socket_elsewhere_where_the_name_would_be_too_long) {
  for (std::size_t length = 60; length < 200; length += 7) {
    const auto where = lay_out(root_ / std::string(length, 'h'), roots_);
    const bool beside = where.sockets.parent_path() == where.home;
    EXPECT_EQ(beside, (where.home / "run").string().size() <= longest_socket_directory);
    EXPECT_TRUE(beside || where.sockets.string().starts_with(root_.string()));
    EXPECT_EQ(where.sockets, lay_out(where.home, roots_).sockets);
  }
  EXPECT_NE(lay_out(root_ / std::string(150, 'x'), roots_).sockets,
            lay_out(root_ / std::string(150, 'y'), roots_).sockets);
}

TEST_F(layout, refuses_a_socket_directory_that_others_may_enter) {
  const auto where = lay_out(root_ / "home", roots_);
  prepare_sockets(where);
  prepare_sockets(where); // its own it takes again
  struct stat made{};
  ASSERT_EQ(::stat(where.sockets.c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777U, 0700U);
  EXPECT_EQ(made.st_uid, where.owner.uid);
  fs::permissions(where.sockets, fs::perms(0755));
  EXPECT_THAT(failure([&] { prepare_sockets(where); }), HasSubstr(where.sockets.string()));
  fs::remove(where.sockets);
  fs::create_directory_symlink("/tmp", where.sockets);
  EXPECT_THAT(failure([&] { prepare_sockets(where); }), HasSubstr(where.sockets.string()));
}

TEST_F(layout, links_a_home_that_the_postgres_user_cannot_enter) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root runs PostgreSQL as another user";
  fs::create_directory(root_ / "private");
  fs::permissions(root_ / "private", fs::perms(0700));
  const auto where = lay_out(root_ / "private" / "home", roots_);
  EXPECT_EQ(where.link, root_ / "private/home/postgres");
  EXPECT_EQ(where.data.parent_path().parent_path(), roots_.clusters);
  prepare_link(where);
  EXPECT_EQ(fs::read_symlink(where.link), where.data);
  const auto again = lay_out(root_ / "private" / "home", roots_);
  EXPECT_EQ(again.data, where.data);
  EXPECT_EQ(again.sockets, where.sockets);
  fs::permissions(root_ / "private", fs::perms(0755)); // the link is followed, whatever home has become
  EXPECT_EQ(lay_out(root_ / "private" / "home", roots_).data, where.data);
}

TEST_F(layout, names_a_home_that_cannot_be_made) {
  std::ofstream(root_ / "file") << "x";
  EXPECT_THAT(failure([&] { lay_out(root_ / "file" / "home", roots_); }), HasSubstr("NEXUS_HOME"));
}

TEST_F(layout, finds_the_newest_complete_postgres) {
  const auto all = {"postgres", "initdb", "createdb"};
  fake_installation("9.6", all);
  fake_installation("15", all);
  const auto newest = fake_installation("16", all);
  fake_installation("17", {"initdb", "createdb"}); // only the client, say
  EXPECT_EQ(find_postgres({}, root_ / "versions").bin, newest);
  EXPECT_EQ(find_postgres({}, root_ / "versions").major, 16);
  EXPECT_EQ(find_postgres(15, root_ / "versions").major, 15);
}

TEST_F(layout, names_the_package_of_a_missing_postgres) {
  EXPECT_THAT(failure([&] { find_postgres(99, root_); }), HasSubstr("apt-get install postgresql-99"));
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", root_.c_str(), 1);
  const auto said = failure([&] { find_postgres({}, root_); });
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_THAT(said, HasSubstr("apt-get install postgresql, or set DATABASE_URL"));
}

TEST_F(layout, reads_what_a_postmaster_says_of_itself) {
  EXPECT_FALSE(read_postmaster_file(root_));
  std::ofstream(root_ / "postmaster.pid") << "";
  EXPECT_FALSE(read_postmaster_file(root_));
  std::ofstream(root_ / "postmaster.pid") << "4711\n/data\n1700000000\n5432\n/run/x\n\n  1 2\nstopping\n";
  const auto file = read_postmaster_file(root_);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->pid, 4711);
  EXPECT_EQ(file->port, 5432);
  EXPECT_EQ(file->sockets, "/run/x");
  EXPECT_EQ(file->status, "stopping");
  EXPECT_FALSE(is_postmaster_of(::getpid(), root_)); // this is no postgres
  disown_postmaster_file(root_);
  EXPECT_EQ(read_postmaster_file(root_)->pid, ::getpid());
  EXPECT_EQ(read_postmaster_file(root_)->sockets, "/run/x");
}

} // namespace
} // namespace nexus
