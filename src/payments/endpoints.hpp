// The module's endpoints, one file each. Private to this folder.
#pragma once

#include "payments/settle.hpp"

namespace nexus::payments {

api::endpoint initiate_payment(std::shared_ptr<const till> t);
api::endpoint verify_payment(std::shared_ptr<const till> t);
api::endpoint chapa_callback(std::shared_ptr<const till> t);
api::endpoint chapa_webhook(std::shared_ptr<const till> t);
api::endpoint request_refund(std::shared_ptr<const till> t);
api::endpoint list_refunds();
api::endpoint confirm_payment(std::shared_ptr<const till> t);
api::endpoint list_payments();
api::endpoint get_payment();

} // namespace nexus::payments
