// What the simulator answers to each request: /v1 for merchants, /checkout/payment/… for payers, /_control
// for tests, and pages that show what is going on. Faults strike around it, in hostile.cpp.
#pragma once

#include "platform/async/awaitable.hpp"
#include "platform/http/message.hpp"
#include "simulator/faults.hpp"
#include "simulator/notifier.hpp"
#include "simulator/transactions.hpp"
#include "simulator/transfers.hpp"
#include "simulator/wire.hpp"
#include "simulator/witness.hpp"

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
  std::function<void()> refunds_changed; // for the clock that ends them
  fault_plan& faults;
  witness& seen;
  const nexus::clock& time;
  transfers paid_out = {};

  // Of the request that is being answered: what its header asks for, and what a refund made by it becomes.
  std::vector<rule> of_request = {};
  refund_fate next_refund = refund_fate::refunded;
};

// With the faults of the plan, and those that the request's X-Chapa-Simulate header names.
awaitable<http::response> answer_hostile(service& s, const http::request& r);
// All that strike now.
treatment strike(service& s, moment m, const subject& about);

// Callback and webhook of what has just happened; they go wrong where a fault says so.
void tell_merchant(service& s, const transaction& t, webhook_event event);
// The webhook alone; says: what it claims in place of the truth.
struct message_wish {
  webhook_event event = webhook_event::paid;
  boost::json::object says = {};
  delivery how = {};
};
// The webhook of a refund that has been paid out.
void tell_refunded(service& s, const transaction& t);
void post_webhook(service& s, const transaction& t, message_wish wish);
void call_back(service& s, const transaction& t, const boost::json::object& says, delivery how);

http::response answer(service& s, const http::request& r);
std::vector<std::string> split_path(std::string_view path);

// The parts. segments: the path's, decoded, without "v1", "checkout" and "_control".
http::response answer_control(service& s, const http::request& r, const std::vector<std::string>& segments);
http::response answer_watch(service& s, const http::request& r, const std::vector<std::string>& segments);
http::response answer_api(service& s, const http::request& r, const std::vector<std::string>& segments);
http::response answer_checkout(service& s, const http::request& r, const std::vector<std::string>& segments);

http::response json_response(int status, const boost::json::value& body);
http::response html_response(int status, std::string body);

} // namespace nexus::chapa
