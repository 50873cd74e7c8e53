// What the simulator answers to each request: /v1 for merchants, /checkout/payment/… for payers.
#pragma once

#include "platform/http/message.hpp"
#include "simulator/notifier.hpp"
#include "simulator/transactions.hpp"

#include <functional>
#include <string>

namespace nexus::chapa {

// What the routes work on. Belongs to one loop.
struct service {
  transactions& all;
  notifier& tell;
  std::string secret_key;
  std::string public_url; // "http://127.0.0.1:4000"
  bool documented = false;
  std::function<void()> refund_requested; // for the clock that ends it
};

http::response answer(service& s, const http::request& r);

// The two halves. segments: the path's, decoded, without "v1" and "checkout".
http::response answer_api(service& s, const http::request& r, const std::vector<std::string>& segments);
http::response answer_checkout(service& s, const http::request& r, const std::vector<std::string>& segments);

http::response json_response(int status, const boost::json::value& body);
http::response html_response(int status, std::string body);

} // namespace nexus::chapa
