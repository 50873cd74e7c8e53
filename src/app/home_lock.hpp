// One server a home: two would share an embedded database, a simulator's journal and a directory of mails.
#pragma once

#include <filesystem>

namespace nexus::app {

class home_lock {
public:
  // Throws std::runtime_error with the remedy where another process holds it. It ends with the process,
  // however that happens.
  explicit home_lock(const std::filesystem::path& home);
  ~home_lock();
  home_lock(const home_lock&) = delete;
  home_lock& operator=(const home_lock&) = delete;

private:
  int file_ = -1;
};

} // namespace nexus::app
