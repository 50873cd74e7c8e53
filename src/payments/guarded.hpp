// A provider behind a fuse, its calls measured: nexus_provider_seconds{provider, call},
// nexus_provider_calls_total{provider, call, outcome}, nexus_provider_circuit_open{provider}.
#pragma once

#include "payments/circuit.hpp"
#include "payments/provider.hpp"
#include "platform/metrics/metrics.hpp"

#include <memory>

namespace nexus::payments {

// metrics may be null. While the fuse is open every call ends at once as if it had not been sent; but cancel,
// which the fuse neither holds up nor counts: it keeps a payer from paying under a reference that was given
// up, and a provider that has nothing left to cancel is not down.
std::shared_ptr<const provider> guard(std::shared_ptr<const provider> inner, metrics::registry* metrics,
                                      circuit::rules rules = {});

} // namespace nexus::payments
