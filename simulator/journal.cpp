#include "simulator/journal.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace nexus::chapa {

namespace {

// The length of all whole lines, each of which was replayed.
std::uintmax_t replay_lines(const std::filesystem::path& path,
                            const std::function<void(const boost::json::object&)>& replay) {
  std::ifstream in(path, std::ios::binary);
  std::uintmax_t whole = 0;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line) && !in.eof(); ++number) {
    try {
      replay(boost::json::parse(line).as_object());
    } catch (const std::exception& fault) {
      throw std::runtime_error(fmt::format("{}, line {}: {}", path.string(), number, fault.what()));
    }
    whole += line.size() + 1;
  }
  return whole;
}

} // namespace

journal::journal(std::filesystem::path path, const std::function<void(const boost::json::object&)>& replay)
    : path_(std::move(path)) {
  const std::uintmax_t whole = replay_lines(path_, replay);
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0)
    throw std::system_error(errno, std::generic_category(), path_.string());
  if (::ftruncate(file_, static_cast<off_t>(whole)) != 0) {
    const int fault = errno;
    ::close(file_);
    throw std::system_error(fault, std::generic_category(), path_.string());
  }
}

journal::~journal() { ::close(file_); }

void journal::append(const boost::json::object& event) {
  const std::string line = boost::json::serialize(event) + "\n";
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size()))
    throw std::system_error(written < 0 ? errno : ENOSPC, std::generic_category(), path_.string());
}

} // namespace nexus::chapa
