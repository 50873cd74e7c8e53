#include "platform/embedded_postgres/layout.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace nexus {
namespace {

namespace fs = std::filesystem;

// FNV-1a, 64 bits: the same for ever, which std::hash does not promise.
std::string hash_of(const fs::path& home) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : home.string())
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("{:016x}", hash);
}

fs::path make_home(const fs::path& home) {
  std::error_code error;
  fs::create_directories(home, error);
  const auto out = error ? fs::path() : fs::canonical(home, error);
  if (error)
    throw std::runtime_error("cannot make the directory " + home.string() + ": " + error.message() +
                             "; choose another with NEXUS_HOME");
  return out;
}

identity known(uid_t uid) {
  if (auto who = find_identity(uid))
    return *who;
  return {uid, ::getegid(), {}, "user " + std::to_string(uid)};
}

// PostgreSQL insists that its user owns the cluster, and will not be root.
identity owner_of(const fs::path& data) {
  struct stat there{};
  if (::stat(data.c_str(), &there) == 0 && there.st_uid != ::geteuid()) {
    auto owner = known(there.st_uid);
    owner.gid = owner.groups.empty() ? there.st_gid : owner.gid;
    if (::geteuid() != 0)
      throw std::runtime_error("the database cluster " + data.string() + " belongs to " + owner.name +
                               ": start as that user or as root, or choose another NEXUS_HOME");
    return owner;
  }
  if (::geteuid() != 0) {
    auto self = known(::geteuid());
    self.gid = ::getegid();
    return self;
  }
  if (auto postgres = find_identity("postgres"))
    return *postgres;
  throw std::runtime_error(
      "PostgreSQL does not run as root, and there is no user postgres to run it: apt-get install "
      "postgresql, or start as another user, or set DATABASE_URL");
}

// The cluster and its kin live in one directory: home, or under roots.clusters.
fs::path base_of(const cluster_layout& where, const layout_roots& roots) {
  const auto visible = where.home / "postgres";
  std::error_code error;
  if (fs::is_symlink(fs::symlink_status(visible, error))) {
    const auto target = (where.home / fs::read_symlink(visible)).lexically_normal();
    return target.parent_path();
  }
  if (fs::exists(visible, error) || can_enter(where.owner, where.home))
    return where.home;
  return roots.clusters / hash_of(where.home);
}

fs::path sockets_of(const cluster_layout& where, const fs::path& base, const layout_roots& roots) {
  auto beside = base / "run";
  // libpq takes a host with a comma for several, and knows no quoting there
  if (beside.string().size() <= longest_socket_directory && beside.string().find(',') == std::string::npos)
    return beside;
  if (::geteuid() == 0)
    return roots.sockets / hash_of(where.home);
  return roots.temporary / fmt::format("nexus-{}-{}", where.owner.uid, hash_of(where.home));
}

// Whatever our umask: the owner has to get to what is inside.
void make_passable(const fs::path& directory) {
  if (fs::create_directories(directory))
    fs::permissions(directory, fs::perms(0755));
}

} // namespace

cluster_layout lay_out(const fs::path& home, const layout_roots& roots) {
  cluster_layout where;
  where.home = make_home(home);
  const auto visible = where.home / "postgres";
  where.owner = owner_of(visible);
  const auto base = base_of(where, roots);
  where.data = base / "postgres";
  where.staging = base / "postgres.new";
  if (where.data != visible)
    where.link = visible;
  where.sockets = sockets_of(where, base, roots);
  where.log = where.home / "postgres.log";
  where.lock = where.home / "postgres.lock";
  return where;
}

void prepare_sockets(const cluster_layout& where) {
  make_passable(where.sockets.parent_path());
  if (::mkdir(where.sockets.c_str(), 0700) == 0) {
    if (where.owner.uid != ::geteuid() &&
        ::chown(where.sockets.c_str(), where.owner.uid, where.owner.gid) != 0)
      throw std::system_error(errno, std::generic_category(), "chown " + where.sockets.string());
    return;
  }
  if (errno != EEXIST)
    throw std::system_error(errno, std::generic_category(), "mkdir " + where.sockets.string());
  struct stat there{};
  if (::lstat(where.sockets.c_str(), &there) != 0)
    throw std::system_error(errno, std::generic_category(), where.sockets.string());
  // Trust authentication rests on this directory: in /tmp anybody may have made it before us.
  if (!S_ISDIR(there.st_mode) || there.st_uid != where.owner.uid || (there.st_mode & 077) != 0)
    throw std::runtime_error(where.sockets.string() + " is not a directory of " + where.owner.name +
                             " alone: remove it, or choose another NEXUS_HOME");
}

void prepare_link(const cluster_layout& where) {
  if (where.link.empty())
    return;
  make_passable(where.data.parent_path().parent_path());
  make_passable(where.data.parent_path());
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(where.link, error)))
    fs::create_symlink(where.data, where.link);
}

} // namespace nexus
