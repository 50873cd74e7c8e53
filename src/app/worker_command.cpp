// nexus worker: tasks alone, for a node that serves none.
#include "app/commands.hpp"
#include "app/database_source.hpp"
#include "app/signals.hpp"
#include "app/worker_thread.hpp"
#include "platform/log/log.hpp"

namespace nexus::app {

int work(const config& c) {
  const ending_signals signals;
  const database_source source(c);
  services s(c, {c.public_url.value_or(""), c.chapa_base_url.value_or("")});
  s.books.emplace(s.clock, source.options("nexus audit"));
  worker_thread worker(s, source.options("nexus worker"));
  log::info("worker ready");
  signals.wait();
  log::info("stopping");
  worker.stop(std::chrono::seconds{30});
  return 0;
}

} // namespace nexus::app
