// Is the configured Redis there? For /readyz.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace nexus::redis {

// url: redis://[user:password@]host[:port][/db]. Blocks up to the timeout: call it off the loops. Nullopt
// where Redis answers PING, else why not, without the password.
std::optional<std::string> ping(const std::string& url, std::chrono::milliseconds timeout);

} // namespace nexus::redis
