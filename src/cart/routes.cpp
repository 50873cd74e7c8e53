#include "cart/cart_view.hpp"

namespace nexus::cart {

std::vector<api::endpoint> routes() {
  return api::under("/cart", "Cart",
                    {
                        create_cart(),
                        get_cart(),
                        delete_cart(),
                        add_item(),
                        set_quantity(),
                        remove_item(),
                        claim_cart(),
                    });
}

} // namespace nexus::cart
