// The events of the simulator in a file, one JSON object a line, appended.
#pragma once

#include <boost/json/object.hpp>

#include <filesystem>
#include <functional>

namespace nexus::chapa {

class journal {
public:
  // Gives what is there to replay, in order, then stands at the end. A last line that was cut off by the end
  // of the program is dropped. Throws std::runtime_error, with the line, where one cannot be read, and where
  // the file cannot.
  journal(std::filesystem::path path, const std::function<void(const boost::json::object&)>& replay);
  ~journal();
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  // Throws std::system_error where it cannot be written. Outlives the program's end, not the machine's.
  void append(const boost::json::object& event);

private:
  std::filesystem::path path_;
  int file_ = -1;
};

} // namespace nexus::chapa
