// Pricing: what an order costs beside its goods. price.hpp has the pure rules; here is what the database has
// to do with them. Knows no orders: who places one asks for what is needed, decides with price(), and writes
// the uses.
#pragma once

#include "core/ids.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/db/consistency.hpp"
#include "platform/db/database.hpp"
#include "pricing/price.hpp"

namespace nexus::pricing {

inline constexpr std::string_view write_permission = "pricing.write";

// For nexus audit.
std::vector<db::consistency_check> consistency_checks();

// Under /pricing.
std::vector<api::endpoint> routes();

} // namespace nexus::pricing
