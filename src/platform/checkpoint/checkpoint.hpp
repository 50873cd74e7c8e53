// Marked points at which a test ends the program as a power cut would: between a call to the outside and a
// commit, where it hurts most.
//
//   checkpoint("payments.initiate.before_call");
//
// does nothing, at the cost of one comparison, unless crash_at() named that very point (NEXUS_CRASH_AT, which
// production refuses). Names are <module>.<use case>.<before or after what>; docs/architecture.md lists them.
#pragma once

#include <string>
#include <string_view>

namespace nexus {

namespace checkpoints {
extern bool is_armed;
void reach(std::string_view name);
} // namespace checkpoints

inline void checkpoint(std::string_view name) {
  if (checkpoints::is_armed) [[unlikely]]
    checkpoints::reach(name);
}

// The first to reach that point kills the process (SIGKILL). Once, before any thread is started.
void crash_at(std::string name);

} // namespace nexus
