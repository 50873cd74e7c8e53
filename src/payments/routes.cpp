#include "payments/endpoints.hpp"

namespace nexus::payments {

std::shared_ptr<const till> make_till(const settings& s) {
  return std::make_shared<const till>(till{s, s.online ? s.online : make_chapa(s)});
}

std::vector<api::endpoint> routes(const settings& s) {
  const auto t = make_till(s);
  return api::under("/payment", "Payment",
                    {
                        initiate_payment(t),
                        verify_payment(t),
                        chapa_callback(t),
                        chapa_webhook(t),
                        request_refund(t),
                        list_refunds(),
                    });
}

} // namespace nexus::payments
