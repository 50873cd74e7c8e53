#include "payments/endpoints.hpp"

namespace nexus::payments {

std::vector<api::endpoint> routes(const settings& s) { return routes(s, make_chapa(s)); }

std::vector<api::endpoint> routes(const settings& s, std::shared_ptr<const provider> p) {
  const auto t = std::make_shared<const till>(till{s, std::move(p)});
  return api::under("/payment", "Payment",
                    {
                        initiate_payment(t),
                        verify_payment(t),
                        chapa_callback(t),
                        chapa_webhook(t),
                    });
}

} // namespace nexus::payments
