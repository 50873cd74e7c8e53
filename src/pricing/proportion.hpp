// The two places where an amount is divided: there is no other rounding in the shop. Internal to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nexus::pricing {

// amount × part / whole in minor units, half up. amount ≥ 0, 0 ≤ part ≤ whole, whole > 0.
std::int64_t proportion(std::int64_t amount, std::int64_t part, std::int64_t whole);

// The amount in as many parts as there are weights, in proportion to them: each is its exact share, rounded
// down, and those that lost most by that get one more until all is given out (of equal ones the first).
// amount and weights ≥ 0; without any weight there must be nothing to split. Where amount ≤ Σ weights no part
// exceeds its weight.
std::vector<std::int64_t> split(std::int64_t amount, std::span<const std::int64_t> weights);

} // namespace nexus::pricing
