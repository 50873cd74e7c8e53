#include "inventory/endpoints.hpp"

namespace nexus::inventory {

std::vector<api::endpoint> routes() {
  return api::under("/inventory", "Inventory",
                    {
                        read_stock(),
                        limit_purchases(),
                        move_stock(),
                        list_movements(),
                    });
}

} // namespace nexus::inventory
