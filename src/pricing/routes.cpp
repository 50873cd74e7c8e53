#include "pricing/endpoints.hpp"

namespace nexus::pricing {

std::vector<api::endpoint> routes() {
  return api::under("/pricing", "Pricing",
                    {
                        list_shipping_methods(),
                        read_shipping_method(),
                        create_shipping_method(),
                        update_shipping_method(),
                        delete_shipping_method(),
                        list_tax_rates(),
                        read_tax_rate(),
                        create_tax_rate(),
                        update_tax_rate(),
                        delete_tax_rate(),
                        list_promotions(),
                        read_promotion(),
                        read_promotion_usage(),
                        create_promotion(),
                        update_promotion(),
                        delete_promotion(),
                    });
}

} // namespace nexus::pricing
