// How Chapa writes what it knows: the shapes of its answers and webhooks.
#pragma once

#include "simulator/transactions.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace nexus::chapa {

// As boost::json::serialize, but a number such as 3.5 in plain digits, as Chapa writes it, not as "3.5E0".
std::string to_json_text(const boost::json::value& value);

// {"message": …, "status": …, "data": …}
boost::json::object success(std::string_view message, boost::json::value data);
boost::json::object failure(boost::json::value message);

boost::json::object verified(const transaction& t, bool documented);
boost::json::object listed(const transaction& t, bool documented);
boost::json::array logged(const transaction& t);
boost::json::object refunded(const transaction& t, const refund& r, std::string_view status);
boost::json::array banks();

enum class webhook_event { paid, failed_or_cancelled, refunded };
boost::json::object webhook(const transaction& t, webhook_event event, bool documented);

// "success", "failed", …: data.status of verify, status of the callback
std::string_view status_text(payment_status status, bool documented);

} // namespace nexus::chapa
