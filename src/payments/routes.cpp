#include "payments/endpoints.hpp"
#include "payments/refund.hpp"

namespace nexus::payments {

std::shared_ptr<const till> make_till(const settings& s) {
  till out{s, s.online ? s.online : make_chapa(s), make_manual(), {}, {}};
  if (s.metrics != nullptr) {
    for (std::size_t i = 0; i < out.payments_by_status.size(); ++i)
      out.payments_by_status[i] =
          s.metrics->make_counter("nexus_payments_total", "Payments by what became of them",
                                  {{"status", std::string(enum_names(attempt_status{})[i])}});
    for (std::size_t i = 0; i < out.refunds_by_status.size(); ++i)
      out.refunds_by_status[i] =
          s.metrics->make_counter("nexus_refunds_total", "Refunds by what became of them",
                                  {{"status", std::string(enum_names(refund_status{})[i])}});
  }
  return std::make_shared<const till>(std::move(out));
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
                        confirm_payment(t),
                        list_payments(),
                        get_payment(),
                    });
}

} // namespace nexus::payments
