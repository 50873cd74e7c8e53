// What products refer to: found by name in any capitalisation, made where it is not there yet.
#pragma once

#include "core/clock.hpp"
#include "platform/db/database.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nexus::catalogue_import {

// An id for each name, in their order; made grows by those that were new.
awaitable<std::vector<std::int64_t>> ensure_brands(db::transaction& tx, std::vector<std::string> names,
                                                   time_point now, int& made);

// The innermost category's id for each path (none may be empty), in their order.
awaitable<std::vector<std::int64_t>> ensure_categories(db::transaction& tx,
                                                       std::vector<std::vector<std::string>> paths,
                                                       time_point now, int& made);

} // namespace nexus::catalogue_import
