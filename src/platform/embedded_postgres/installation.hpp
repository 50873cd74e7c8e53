// Where PostgreSQL's programs are.
#pragma once

#include <filesystem>
#include <optional>

namespace nexus {

struct postgres_installation {
  std::filesystem::path bin; // has postgres, initdb and createdb
  int major = 0;
};

inline constexpr int oldest_postgres = 15;

// The newest of `debian`/<version>/bin (Debian's place) from 15 on, else the one on the PATH. A cluster that
// is there already can be run only by the version that made it: `major` asks for that one. Throws
// std::runtime_error that names the package to install.
postgres_installation find_postgres(std::optional<int> major = {},
                                    const std::filesystem::path& debian = "/usr/lib/postgresql");

} // namespace nexus
