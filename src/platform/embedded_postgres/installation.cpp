#include "platform/embedded_postgres/installation.hpp"

#include "platform/embedded_postgres/process.hpp"

#include <cstdlib>
#include <unistd.h>

namespace nexus {
namespace {

namespace fs = std::filesystem;

bool complete(const fs::path& bin) {
  return std::ranges::all_of(std::array{"postgres", "initdb", "createdb"},
                             [&](const char* name) { return ::access((bin / name).c_str(), X_OK) == 0; });
}

int number(std::string_view text) {
  int out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// "postgres (PostgreSQL) 15.20 (Debian …)" → 15
int major_of(const fs::path& bin) {
  const auto said =
      run_to_end({.program = bin / "postgres", .arguments = {"--version"}}, std::chrono::seconds(10));
  const auto at = said.output.find(") ");
  return said.code == 0 && at != std::string::npos ? number(std::string_view(said.output).substr(at + 2)) : 0;
}

std::optional<postgres_installation> on_the_path(std::optional<int> wanted) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path ? path : "";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const fs::path bin(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    if (!bin.is_absolute() || !complete(bin))
      continue;
    const int major = major_of(bin);
    if (wanted ? major == *wanted : major >= oldest_postgres)
      return postgres_installation{bin, major};
  }
  return std::nullopt;
}

} // namespace

postgres_installation find_postgres(std::optional<int> wanted, const fs::path& debian) {
  postgres_installation best;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(debian, ignored)) {
    const int major = number(entry.path().filename().string());
    const bool fits = wanted ? major == *wanted : major >= oldest_postgres && major > best.major;
    if (fits && complete(entry.path() / "bin"))
      best = {entry.path() / "bin", major};
  }
  if (best.major != 0)
    return best;
  if (const auto found = on_the_path(wanted))
    return *found;
  const auto version = std::to_string(wanted.value_or(oldest_postgres));
  if (wanted)
    throw std::runtime_error(
        "PostgreSQL " + version +
        ", which made this database cluster, is not installed: apt-get install postgresql-" + version +
        ", or bring the cluster to another version with pg_upgrade");
  throw std::runtime_error("PostgreSQL " + version +
                           " or newer is not installed: apt-get install postgresql, or set DATABASE_URL");
}

} // namespace nexus
