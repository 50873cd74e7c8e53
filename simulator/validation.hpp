// The rules of Chapa's request fields, and its words where one is broken.
#pragma once

#include "core/money.hpp"
#include "simulator/transactions.hpp"
#include "simulator/transfers.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace nexus::chapa {

// The fields of a JSON or form body. Keys such as "customization[title]" are put where they belong, in
// either. Like Chapa's framework it takes what it cannot read for an empty body.
boost::json::object read_fields(std::string_view content_type, std::string_view body);

// The message of a 400: a string, or {field: [strings]}.
using complaint = boost::json::value;

// documented: the limits of Chapa's documentation instead of those seen.
std::variant<payment_request, complaint> validate_payment(const boost::json::object& fields, bool documented);

// currency: of the transaction to refund.
std::variant<transactions::refund_request, complaint> validate_refund(const boost::json::object& fields,
                                                                      nexus::currency currency);

// One transfer out; its amount has no upper limit here.
std::variant<transfer, complaint> validate_transfer(const boost::json::object& fields);

// What is wrong with a subaccount; nullopt: nothing.
std::optional<complaint> complain_of_subaccount(const boost::json::object& fields);

} // namespace nexus::chapa
