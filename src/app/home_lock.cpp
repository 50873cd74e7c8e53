#include "app/home_lock.hpp"

#include <fcntl.h>
#include <stdexcept>
#include <sys/file.h>
#include <unistd.h>

namespace nexus::app {

home_lock::home_lock(const std::filesystem::path& home) {
  std::error_code failure;
  std::filesystem::create_directories(home, failure);
  const auto path = home / "serve.lock";
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0)
    throw std::runtime_error("NEXUS_HOME is " + home.string() + ", which cannot be written: set another.");
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    ::close(file_);
    throw std::runtime_error("A shop runs from " +
                             std::filesystem::absolute(home).lexically_normal().string() +
                             " already: set another NEXUS_HOME, or DATABASE_URL for several servers.");
  }
}

home_lock::~home_lock() { ::close(file_); }

} // namespace nexus::app
