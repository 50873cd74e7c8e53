#include "orders/use_cases.hpp"

namespace nexus::orders {

std::vector<api::endpoint> routes(const settings& s) {
  return api::under("/orders", "Orders",
                    {
                        create_order(s),
                        quote_order(s),
                        list_orders(),
                        get_order(),
                        cancel_order(s),
                        ship_order(s),
                        deliver_order(s),
                    });
}

} // namespace nexus::orders
