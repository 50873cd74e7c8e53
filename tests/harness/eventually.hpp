// The one way to wait in these tests: for an event, with a deadline.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace nexus::blackbox {

// True as soon as ask() is; false where it is not by the deadline. What ask() throws comes through.
template <class Ask>
bool eventually(Ask ask, std::chrono::milliseconds at_most = std::chrono::seconds{20}) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  auto pause = std::chrono::milliseconds{1};
  while (!ask()) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds{50});
  }
  return true;
}

} // namespace nexus::blackbox
