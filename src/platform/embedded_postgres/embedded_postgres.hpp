// A private PostgreSQL cluster under a directory, for those who configured none: made with initdb, on a Unix
// socket only, run as the postgres user when started by root, stopped with its owner.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nexus {

class embedded_postgres {
public:
  struct options {
    std::filesystem::path home; // the cluster is home/postgres (a link to /var/lib/nexus/… where the postgres
                                // user cannot reach home, as under /root)
    std::vector<std::string> settings;               // further "name=value"
    std::function<void(std::string_view)> tell = {}; // progress: "Making a database cluster in …"
  };

  // Starts the cluster, or joins it where another process of the same home has it running (then it is not
  // stopped here). Makes the cluster and its database "nexus" if need be. Throws std::runtime_error that
  // names what is missing and the remedy (package postgresql, a running nexus on the same home, a full disk
  // …). Must be called on a thread that outlives the cluster: the server is told to end when that thread
  // does.
  static std::unique_ptr<embedded_postgres> start(options o);

  virtual ~embedded_postgres() = default; // fast shutdown, waits for the end (if started here)
  [[nodiscard]] virtual std::string dsn() const = 0;
  // Another database of the same cluster: the tests give each suite its own.
  [[nodiscard]] virtual std::string dsn(std::string_view database) const = 0;
  [[nodiscard]] virtual bool started_here() const = 0;
  [[nodiscard]] virtual int pid() const = 0; // of the postmaster
  // It was killed, or crashed: nothing but another start() on the same home helps. Reaps it; call it now and
  // then.
  [[nodiscard]] virtual bool has_ended() = 0;
};

} // namespace nexus
