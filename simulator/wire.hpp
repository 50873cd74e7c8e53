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

// "2023-02-02T07:05:23.000000Z": always six digits.
std::string timestamp(time_point at);

// {"message": …, "status": …, "data": …}
boost::json::object success(std::string_view message, boost::json::value data);
boost::json::object failure(boost::json::value message);

boost::json::object verified(const transaction& t, bool documented);
boost::json::object listed(const transaction& t, bool documented);
boost::json::array logged(const transaction& t);
boost::json::object refunded(const transaction& t, const refund& r, std::string_view status);

enum class webhook_event { paid, failed_or_cancelled, refunded, reversed };
boost::json::object webhook(const transaction& t, webhook_event event, bool documented);

// "success", "failed", …: data.status of verify, status of the callback
std::string_view status_text(payment_status status, bool documented);

} // namespace nexus::chapa
