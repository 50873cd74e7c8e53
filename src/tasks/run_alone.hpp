// One turn of a periodic job, on one node at a time.
#pragma once

#include "tasks/tasks.hpp"

#include <string>

namespace nexus::tasks {

// What went wrong, or nothing; also nothing where another node is at it. What is passed outlives the
// coroutine.
awaitable<std::string> run_alone(executor on, db::database& db, const periodic& job);

} // namespace nexus::tasks
