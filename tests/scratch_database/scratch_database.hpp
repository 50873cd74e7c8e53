// A PostgreSQL database of a test's own, for tests that need a real one.
//
// All the tests of a program share one cluster, which the first that asks starts, and which goes with the
// program (a program that is killed leaves a directory nexus-scratch-*, no server). It lies in $TMPDIR;
// without one in memory, where there is room for it. Made for tests: nothing is synced to the disk, no
// autovacuum comes between, and a deadlock is found after 50 ms.
#pragma once

#include "platform/async/run.hpp"
#include "platform/db/database.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <string>

namespace nexus {

// libsodium is initialised in a program that has one of these.
class scratch_database : public ::testing::Test {
protected:
  enum class contents { schema, nothing }; // what it begins with: the program's schema, without rows
  explicit scratch_database(contents begin_with = contents::schema) : begin_with_(begin_with) {}

  // The connection string of the test's own database, the same throughout the test; made at the first call,
  // which must not come from within the loop.
  const std::string& dsn();

  // body(database&) -> awaitable<>, connected as opts says. Not ASSERT in there: it would return.
  template <class Body>
  void with_database(Body body) {
    if (opts.dsn.empty())
      opts.dsn = dsn();
    run_to_end(loop, [&](executor on) -> awaitable<> {
      db::database db(on, opts);
      co_await db.connect();
      co_await body(db);
    });
  }

  boost::asio::io_context loop{1};
  db::options opts; // without a dsn: the test's own

private:
  const contents begin_with_;
  std::string dsn_;
};

} // namespace nexus
