#include "platform/embedded_postgres/embedded_postgres.hpp"

#include "platform/embedded_postgres/installation.hpp"
#include "platform/embedded_postgres/layout.hpp"
#include "platform/embedded_postgres/postmaster_file.hpp"
#include "platform/embedded_postgres/process.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <libpq-fe.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace nexus {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::string_view database_name = "nexus";
constexpr std::string_view role = "nexus"; // superuser of its own cluster

constexpr auto poll_interval = 5ms;
constexpr auto lock_patience = 60s;
constexpr auto ending_patience = 15s;  // for a server that runs already to answer or to end
constexpr auto ready_patience = 10min; // for our own: after a crash it replays its log
constexpr auto stop_patience = 20s;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class file_descriptor {
public:
  file_descriptor(const fs::path& file, int flags, mode_t mode)
      : fd_(::open(file.c_str(), flags | O_CLOEXEC, mode)) {
    if (fd_ < 0)
      fail("cannot open " + file.string());
  }
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;
  ~file_descriptor() { ::close(fd_); }
  [[nodiscard]] int get() const { return fd_; }

private:
  int fd_;
};

// A conninfo value: libpq wants spaces, quotes and backslashes quoted.
std::string conninfo_value(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + "'";
}

std::string dsn_of(const postmaster_file& server, std::string_view database) {
  return fmt::format("host={} port={} user={} dbname={}", conninfo_value(server.sockets.string()),
                     server.port, role, conninfo_value(database));
}

// Empty where it connects.
std::string connection_failure(const postmaster_file& server) {
  const auto dsn = dsn_of(server, database_name) + " connect_timeout=5";
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(dsn.c_str()), &PQfinish);
  return PQstatus(connection.get()) == CONNECTION_OK ? "" : PQerrorMessage(connection.get());
}

// An entry of unix_socket_directories, which is a list with commas.
std::string list_entry(const fs::path& directory) {
  std::string out = "\"";
  for (const char c : directory.string())
    out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string last_lines(std::string text) {
  constexpr std::size_t at_most = 2000;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  if (text.size() > at_most)
    text.erase(0, text.find('\n', text.size() - at_most) + 1);
  return text;
}

// PostgreSQL's own words say what is wrong; this says what to do where they do not.
std::string with_remedy(std::string said) {
  const auto mentions = [&](std::string_view words) { return said.find(words) != std::string::npos; };
  if (mentions("No space left on device"))
    said += "\nThe disk is full: free some space, or choose another NEXUS_HOME.";
  else if (mentions("Cannot allocate memory"))
    said += "\nThere is too little memory for shared_buffers=256MB: free some, or set DATABASE_URL.";
  else if (mentions("Permission denied"))
    said += "\nA file or directory above is not PostgreSQL's: mend its owner, or choose another NEXUS_HOME.";
  return said;
}

// For one shop on one machine. fsync and synchronous_commit stay on: an order that was answered is on the
// disk.
constexpr std::array shop_settings = {"fsync=on",
                                      "synchronous_commit=on",
                                      "shared_buffers=256MB",
                                      "max_connections=100",
                                      "max_wal_size=2GB",
                                      "checkpoint_timeout=15min",
                                      "autovacuum_naptime=10s",
                                      "jit=off",
                                      "random_page_cost=1.1",
                                      "timezone=UTC",
                                      "log_timezone=UTC",
                                      "lc_messages=C",
                                      "log_min_messages=warning",
                                      "log_checkpoints=off",
                                      "logging_collector=off",
                                      "log_destination=stderr",
                                      "log_line_prefix=%m [%p] ",
                                      "cluster_name=nexus"};

class running final : public embedded_postgres {
public:
  running(postmaster_file server, std::unique_ptr<process> child)
      : server_(std::move(server)), child_(std::move(child)) {}
  running(const running&) = delete;
  running& operator=(const running&) = delete;

  ~running() override {
    if (!child_)
      return;
    child_->signal(SIGINT); // fast: transactions are rolled back, a checkpoint is written
    if (child_->wait(stop_patience))
      return;
    child_->signal(SIGQUIT); // at once: the next start replays the log
    if (!child_->wait(10s))
      child_->signal(SIGKILL);
    (void)child_->wait(1s);
  }

  [[nodiscard]] std::string dsn() const override { return dsn_of(server_, database_name); }
  [[nodiscard]] std::string dsn(std::string_view database) const override {
    return dsn_of(server_, database);
  }
  [[nodiscard]] bool started_here() const override { return child_ != nullptr; }
  [[nodiscard]] int pid() const override { return server_.pid; }
  [[nodiscard]] bool has_ended() override {
    return child_ ? child_->ended().has_value() : ::kill(server_.pid, 0) != 0 && errno == ESRCH;
  }

private:
  postmaster_file server_;
  std::unique_ptr<process> child_; // none where another process owns it
};

// A postmaster that was killed leaves backends, for moments, and their shared memory; and until it is reaped,
// its socket's lock file names a process that is there.
bool is_of_a_killed_one(std::string_view failure) {
  return failure.find("pre-existing shared memory block") != std::string_view::npos ||
         (failure.find("lock file") != std::string_view::npos &&
          failure.find("already exists") != std::string_view::npos);
}

// One call of start().
class starter {
public:
  explicit starter(embedded_postgres::options o) : options_(std::move(o)), where_(lay_out(options_.home)) {}

  std::unique_ptr<embedded_postgres> start() {
    const file_descriptor lock(where_.lock, O_RDWR | O_CREAT, 0600);
    take(lock);
    if (auto server = running_server())
      return std::make_unique<running>(std::move(*server), nullptr);
    prepare();
    if (read_postmaster_file(where_.data))
      disown_postmaster_file(where_.data);
    for (const auto deadline = steady::now() + 5s;; std::this_thread::sleep_for(100ms)) {
      std::string failure;
      if (auto server = launch(failure))
        return server;
      if (!is_of_a_killed_one(failure) || steady::now() > deadline)
        throw std::runtime_error(fmt::format("PostgreSQL did not start on {}:\n{}", where_.data.string(),
                                             with_remedy(last_lines(failure))));
    }
  }

private:
  void tell(const std::string& what) const {
    if (options_.tell)
      options_.tell(what);
  }

  // Against a second start on the same home, for as long as this one takes. Ends with us, however we end.
  void take(const file_descriptor& lock) const {
    const auto begun = steady::now();
    for (bool told = false; ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0;) {
      if (errno != EWOULDBLOCK && errno != EINTR)
        fail("cannot lock " + where_.lock.string());
      const auto waited = steady::now() - begun;
      if (waited > lock_patience)
        throw std::runtime_error("another nexus has been starting on " + where_.home.string() +
                                 " for a minute: stop it, or choose another NEXUS_HOME");
      if (waited > 1s && !std::exchange(told, true))
        tell("Waiting for another nexus that is starting on " + where_.home.string());
      std::this_thread::sleep_for(poll_interval);
    }
  }

  // A server of this cluster that accepts connections; nullopt where none runs, after waiting for the end of
  // one that is shutting down (its owner was killed a moment ago, say).
  std::optional<postmaster_file> running_server() const {
    const auto begun = steady::now();
    std::string failure = "it is not ready";
    for (bool told = false;; std::this_thread::sleep_for(poll_interval)) {
      const auto server = read_postmaster_file(where_.data);
      if (!server || !is_postmaster_of(server->pid, where_.data))
        return std::nullopt;
      if (server->status == "ready" && (failure = connection_to(*server)).empty())
        return server;
      const auto waited = steady::now() - begun;
      if (waited > ending_patience)
        throw std::runtime_error(
            fmt::format("PostgreSQL runs on {} already (process {}) but cannot be used: {}; stop "
                        "it with  kill -INT {}",
                        where_.data.string(), server->pid, last_lines(failure), server->pid));
      if (waited > 500ms && !std::exchange(told, true))
        tell(fmt::format("Waiting for PostgreSQL (process {}), which is {}", server->pid, server->status));
    }
  }

  void prepare() {
    if (const auto version = where_.data / "PG_VERSION"; fs::exists(version)) {
      int major = 0;
      std::ifstream(version) >> major;
      installation_ = find_postgres(major);
      check_owner();
      if (!where_.link.empty() &&
          !fs::exists(where_.link)) // home was removed, or has been copied here without links
        tell("Using the database cluster that this home had in " + where_.data.string());
      prepare_link(where_);
    } else {
      installation_ = find_postgres();
      make_cluster();
    }
    prepare_sockets(where_);
  }

  void check_owner() const {
    struct stat there{};
    if (::stat(where_.data.c_str(), &there) != 0)
      fail(where_.data.string());
    const auto& name = where_.owner.name;
    if (there.st_uid != where_.owner.uid)
      throw std::runtime_error(
          fmt::format("the database cluster {0} is not {1}'s, as which PostgreSQL would run: "
                      "chown -R {1} {0}",
                      where_.data.string(), name));
    if (!can_enter(where_.owner, where_.data))
      throw std::runtime_error(
          fmt::format("{1}, as which PostgreSQL would run, cannot enter {0}: chmod o+x the "
                      "directories above it, or choose another NEXUS_HOME",
                      where_.data.string(), name));
  }

  [[nodiscard]] command run(const char* program, std::vector<std::string> arguments) const {
    return {
        .program = installation_.bin / program, .arguments = std::move(arguments), .run_as = where_.owner};
  }

  // In staging, durable, then renamed: whatever ends us in the middle leaves no half cluster.
  void make_cluster() const {
    tell("Making a database cluster in " + where_.data.string());
    if (fs::exists(where_.data) && !fs::is_empty(where_.data))
      throw std::runtime_error(
          where_.data.string() +
          " holds files but no database cluster: move them away, or choose another NEXUS_HOME");
    prepare_link(where_);
    remove_staging();
    if (::mkdir(where_.staging.c_str(), 0700) != 0 ||
        (where_.owner.uid != ::geteuid() &&
         ::chown(where_.staging.c_str(), where_.owner.uid, where_.owner.gid) != 0))
      fail("cannot make " + where_.staging.string());
    // Collation C: the order of C.UTF-8, by memcmp, and usable for LIKE 'x%'. With TZ it need not search all
    // zones.
    auto initdb = run("initdb", {"--pgdata=" + where_.staging.string(), "--username=" + std::string(role),
                                 "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C",
                                 "--data-checksums", "--no-instructions"});
    initdb.environment = {"TZ=UTC"};
    if (const auto done = run_to_end(initdb, 5min); done.code != 0) {
      remove_staging();
      throw std::runtime_error(fmt::format("the database cluster could not be made in {} (initdb: {}):\n{}",
                                           where_.data.string(), done.code,
                                           with_remedy(last_lines(done.output))));
    }
    if (::rename(where_.staging.c_str(), where_.data.c_str()) != 0)
      fail("cannot rename " + where_.staging.string());
    ::fsync(file_descriptor(where_.data.parent_path(), O_RDONLY | O_DIRECTORY, 0).get());
  }

  // An initdb killed a moment ago may leave one that still writes.
  void remove_staging() const {
    for (const auto deadline = steady::now() + 3s;; std::this_thread::sleep_for(20ms)) {
      std::error_code error;
      fs::remove_all(where_.staging, error);
      if (!error)
        return;
      if (steady::now() > deadline)
        throw std::runtime_error("cannot remove " + where_.staging.string() + ": " + error.message());
    }
  }

  [[nodiscard]] std::vector<std::string> postgres_arguments() const {
    std::vector<std::string> out{"-D", where_.data.string()};
    const auto set = [&](std::string setting) { out.insert(out.end(), {"-c", std::move(setting)}); };
    set("listen_addresses=");
    set("port=5432"); // names the socket
    set("unix_socket_directories=" + list_entry(where_.sockets));
    set("unix_socket_permissions=0700");
    for (const char* setting : shop_settings)
      set(setting);
    if (run_to_end(run("postgres",
                       {"-D", where_.data.string(), "-c", "wal_compression=lz4", "-C", "wal_compression"}),
                   10s)
            .code == 0) // some builds have no lz4
      set("wal_compression=lz4");
    for (const auto& setting : options_.settings)
      set(setting);
    return out;
  }

  // nullptr and its log where PostgreSQL ends before it is ready.
  std::unique_ptr<embedded_postgres> launch(std::string& failure) const {
    constexpr std::uintmax_t log_limit = 16U << 20U;
    std::error_code error;
    if (const auto size = fs::file_size(where_.log, error); !error && size > log_limit)
      fs::rename(where_.log, fs::path(where_.log) += ".1");
    const file_descriptor log(where_.log, O_WRONLY | O_CREAT | O_APPEND, 0640);
    const auto log_begin = ::lseek(log.get(), 0, SEEK_END);
    auto child = std::make_unique<process>(run("postgres", postgres_arguments()), log.get(), SIGINT);
    if (auto server = wait_until_ready(*child))
      return std::make_unique<running>(std::move(*server), std::move(child));
    std::ifstream said(where_.log);
    said.seekg(log_begin);
    failure.assign(std::istreambuf_iterator<char>(said), {});
    return nullptr;
  }

  std::optional<postmaster_file> wait_until_ready(process& child) const {
    auto deadline = steady::now() + ready_patience;
    const auto tell_at = steady::now() + 3s;
    std::string failure; // of a server that says it is ready
    for (bool told = false; !child.ended(); std::this_thread::sleep_for(poll_interval)) {
      // Its file says when to try: an attempt before that would only fill the log.
      const auto server = read_postmaster_file(where_.data);
      if (server && server->pid == child.pid() && server->status == "ready") {
        if (failure.empty())
          deadline = steady::now() + ending_patience;
        failure = connection_to(*server);
        if (failure.empty())
          return server;
      }
      if (steady::now() > tell_at && !std::exchange(told, true))
        tell("Waiting for PostgreSQL; after a crash it replays its log (" + where_.log.string() + ")");
      if (steady::now() > deadline) {
        child.signal(SIGQUIT);
        (void)child.wait(10s);
        throw std::runtime_error("PostgreSQL has started but cannot be used: " +
                                 (failure.empty() ? "it is not ready" : last_lines(failure)));
      }
    }
    return std::nullopt;
  }

  // As connection_failure(); makes the database where the one who made the cluster did not get so far.
  [[nodiscard]] std::string connection_to(const postmaster_file& server) const {
    auto failure = connection_failure(server);
    if (failure.find(fmt::format("database \"{}\" does not exist", database_name)) == std::string::npos)
      return failure;
    const auto bin = installation_.major != 0 ? installation_ : find_postgres();
    command createdb{.program = bin.bin / "createdb", .run_as = where_.owner};
    createdb.arguments = {"--host=" + server.sockets.string(), "--port=" + std::to_string(server.port),
                          "--username=" + std::string(role), "--maintenance-db=postgres",
                          std::string(database_name)};
    const auto done = run_to_end(createdb, 60s);
    return done.code == 0 ? connection_failure(server) : done.output;
  }

  embedded_postgres::options options_;
  cluster_layout where_;
  postgres_installation installation_; // known after prepare()
};

} // namespace

std::unique_ptr<embedded_postgres> embedded_postgres::start(options o) {
  return starter(std::move(o)).start();
}

} // namespace nexus
