// postmaster.pid: what a running PostgreSQL says of itself in its data directory
// (src/include/utils/pidfile.h).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

namespace nexus {

struct postmaster_file {
  pid_t pid = 0;
  int port = 0;
  std::filesystem::path sockets;
  std::string status; // starting, ready, stopping, standby; empty while still being written
};

// nullopt if there is none, or none that says anything.
std::optional<postmaster_file> read_postmaster_file(const std::filesystem::path& data);

// Whether that process is there and may be this cluster's: one that certainly is another program, or serves
// another directory, is not.
bool is_postmaster_of(pid_t pid, const std::filesystem::path& data);

// After a crash and a restart of the machine (or container), the number in a stale file may belong to another
// process of the same user, and PostgreSQL would refuse to start. Our own number it knows to be no
// postmaster; the rest of the file stays, with the shared memory segment it looks for.
void disown_postmaster_file(const std::filesystem::path& data);

} // namespace nexus
