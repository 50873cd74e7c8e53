// What must be so after the chaos, from what the clients remember.
#pragma once

#include "chaos_clients.hpp"

namespace nexus::blackbox::chaos {

struct verdict {
  std::size_t placed = 0, refused = 0, doubtful = 0, found = 0,
              sold = 0; // found: of the doubtful, placed after all
};

// Every answered order is there, whole, and what its client was told last; every answer is replayed for its
// key; what nobody answered was done once or not at all; every refusal was true; the stock is the sum of it
// all. Each variant began with so many pieces. Fails the test where not.
verdict prove(shop& where, const battlefield& field, const std::vector<memory>& memories, int began_with);

} // namespace nexus::blackbox::chaos
