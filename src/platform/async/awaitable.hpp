// The one coroutine type of the program: Asio's awaitable on the concrete executor of a loop.
//
// A loop is one io_context(1) run by one thread, so what belongs to a loop needs no lock. any_io_executor
// would cost a third of the throughput (docs/architecture.md).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace nexus {

using executor = boost::asio::io_context::executor_type;

template <class T = void>
using awaitable = boost::asio::awaitable<T, executor>;

} // namespace nexus
