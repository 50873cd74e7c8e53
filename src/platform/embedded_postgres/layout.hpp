// Where the parts of a private cluster lie, and whose they are.
#pragma once

#include "platform/embedded_postgres/process.hpp"

#include <filesystem>
#include <string>

namespace nexus {

struct cluster_layout {
  std::filesystem::path home;    // absolute, without links
  std::filesystem::path data;    // the cluster
  std::filesystem::path staging; // where it is made, beside data: a rename then shows it whole or not at all
  std::filesystem::path link;    // home/postgres where that is to be a link to data, else empty
  std::filesystem::path sockets; // 0700
  std::filesystem::path log;
  std::filesystem::path lock;
  identity owner; // of the cluster, and who runs it
};

// The longest directory PostgreSQL can have its socket in: sockaddr_un holds 107 bytes and a NUL.
inline constexpr std::size_t longest_socket_directory = 107 - std::string_view("/.s.PGSQL.5432").size();

struct layout_roots {
  std::filesystem::path clusters = "/var/lib/nexus"; // for homes the owner cannot enter
  std::filesystem::path sockets = "/run/nexus";      // for homes with names too long for a socket, of root
  std::filesystem::path temporary = "/tmp";          // the same, of others
};

// Makes home if need be and decides; makes nothing else. The owner is that of the cluster which is there,
// else the postgres user for root, else we ourselves. Throws std::runtime_error with the remedy.
cluster_layout lay_out(const std::filesystem::path& home, const layout_roots& roots = {});

// Makes the socket directory, or checks that it is the owner's and nobody else's.
void prepare_sockets(const cluster_layout& where);

// home/postgres as a link, if it is to be one. Before the cluster itself: no link means no cluster.
void prepare_link(const cluster_layout& where);

} // namespace nexus
