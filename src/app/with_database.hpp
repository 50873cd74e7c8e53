// For commands: connects to the shop's database, runs work(database) to its end.
#pragma once

#include "app/database_source.hpp"
#include "platform/async/run.hpp"

namespace nexus::app {

// work: awaitable<T>(db::database&). The schema is brought up to date first where the database is the
// embedded one.
template <class Work>
auto with_database(const config& c, Work work) {
  const database_source source(c);
  boost::asio::io_context context{1};
  db::options options = source.options("nexus command");
  options.statement_timeout = std::chrono::minutes{10}; // nobody waits for an answer over HTTP
  db::database database(context.get_executor(), std::move(options));
  run_to_end(context, [&](executor) -> awaitable<> {
    co_await database.connect();
    if (source.is_embedded())
      co_await migrate_schema(database);
  });
  return run_to_end(context, [&](executor) { return work(database); });
}

} // namespace nexus::app
