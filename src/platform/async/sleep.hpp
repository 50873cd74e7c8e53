// A pause on the loop, for back-off and polling; never for a test to pass.
#pragma once

#include "platform/async/awaitable.hpp"

#include <chrono>

namespace nexus {

awaitable<> sleep_for(std::chrono::milliseconds pause);

} // namespace nexus
