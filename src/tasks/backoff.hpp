// How long a failed attempt waits for the next.
#pragma once

#include <chrono>

namespace nexus::tasks {

// attempt⁴ seconds (1 s, 16 s, 81 s, … 44 h after the 20th) and up to a tenth more: jitter in [0, 1) says how
// much, so that tasks which failed together do not come back together. attempt counts from 1.
std::chrono::milliseconds backoff(int attempt, double jitter);

// While the database is away: doubles from 500 ms to 30 s. failures counts from 1.
std::chrono::milliseconds outage_pause(int failures);

} // namespace nexus::tasks
