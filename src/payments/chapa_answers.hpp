// What Chapa's answers mean: pure, and tolerant where its documentation and its servers disagree.
//
// The top-level "status" is the outcome of the call, "data.status" that of the payment; "message" is text or
// an object of lists; an amount is a number or a string.
#pragma once

#include "payments/provider.hpp"
#include "platform/net/http_client.hpp"

namespace nexus::payments::chapa {

start_answer read_start(const net::http_answer& a);
fetch_answer read_fetch(const net::http_answer& a);
cancel_answer read_cancel(const net::http_answer& a);
refund_answer read_refund(const net::http_answer& a);
// Of GET /refund/{ref}/verify: "initiated", also written "Refund Initiated".
refund_fetch_answer read_refund_state(const net::http_answer& a);

// signature: of the x-chapa-signature header, HMAC-SHA256 in hex over the raw body. The other header,
// chapa-signature, is the same for every message and proves nothing. An empty secret authenticates nobody.
notice read_webhook(std::string_view secret, std::optional<std::string_view> signature,
                    std::string_view body);

// The JSON body of /transaction/initialize.
std::string initialize_body(const start_request& r);

} // namespace nexus::payments::chapa
