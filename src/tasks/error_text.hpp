// The words of a failure, for the log and for the task's row.
#pragma once

#include <exception>
#include <string>

namespace nexus::tasks {

std::string text_of(std::exception_ptr failure);

// What PostgreSQL can store of an exception's text; at most 1,000 bytes, whole characters.
std::string storable(std::string text);

} // namespace nexus::tasks
