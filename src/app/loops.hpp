// A node's loops: each a thread with its io_context, its database connections and its listener on the shared
// port.
#pragma once

#include "app/services.hpp"
#include "platform/api/router.hpp"
#include "platform/db/database.hpp"
#include "platform/http/server.hpp"

#include <memory>
#include <thread>
#include <vector>

namespace nexus::app {

class loops {
public:
  // Binds the port for every loop. Throws std::system_error where it is taken.
  loops(const config& c, const db::options& database);
  ~loops(); // stops the threads
  loops(const loops&) = delete;
  loops& operator=(const loops&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  // Connects to the database on every loop and begins to serve. The services and the router outlive the
  // loops.
  void start(services& s, const api::router& router);
  // Takes no more connections, lets requests end, at most that long; then stops.
  void drain(std::chrono::milliseconds at_most);

private:
  struct loop;
  std::vector<std::unique_ptr<loop>> loops_;
};

} // namespace nexus::app
