// result<T>: a value, or the problem that the client caused. Exceptions are for what an operator must mend.
#pragma once

#include "core/problem.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>

namespace nexus {

template <class T>
using result = boost::system::result<T, problem>;

// What boost::system::result calls when value() is asked of a problem: a mistake of ours, never the client's.
[[noreturn]] inline void throw_exception_from_error(const problem& p, const boost::source_location&) {
  throw std::logic_error("value() of a problem: " + std::string(p.kind->code));
}

// For handlers that answer nothing (204), and for requests without a part.
struct none {};

} // namespace nexus
