// Tells the merchant: the callback (GET, unsigned, once) and the webhook (POST, signed, again until it
// answers 200); late, often, or in another order where a delivery says so.
//
// Belongs to one loop. Deliveries run beside each other, in no order, as Chapa's do.
#pragma once

#include "platform/async/awaitable.hpp"
#include "platform/net/http_client.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <functional>
#include <set>
#include <string>

namespace nexus::chapa {

// How a message goes.
struct delivery {
  std::chrono::milliseconds delay{0};
  int copies = 1;
  bool is_held_back = false; // until the first attempt of the next message, or hold_back
  std::chrono::milliseconds hold_back{0};
  bool is_signed = true; // by us; otherwise under a key that is not ours
};

class notifier {
public:
  struct options {
    std::string webhook_secret;
    std::string webhook_url; // empty: no webhooks
    std::chrono::milliseconds retry_delay;
    int retries;
  };

  notifier(executor loop, net::client& client, options o);

  void set_webhook_url(std::string url) { options_.webhook_url = std::move(url); }
  void set_retry_delay(std::chrono::milliseconds delay) { options_.retry_delay = delay; }

  void call_back(std::string url, delivery how = {});
  void post_webhook(std::string body, delivery how = {});

  // Who wants to know how each went: "webhook", and 200, or 0 where it was not answered.
  using witness = std::function<void(std::string_view what, const std::string& body_or_url, int status)>;
  void report_to(witness w) { witness_ = std::move(w); }

  // Wakes those that wait to try again; none tries again. Deliveries under way end with the client.
  void stop();
  [[nodiscard]] int under_way() const { return under_way_; }

private:
  using timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, executor>;

  awaitable<> deliver_callback(std::string url, delivery how);
  awaitable<> deliver_webhook(std::string url, std::string body, delivery how);
  awaitable<> pause(std::chrono::milliseconds at_most, std::set<timer*>& among);
  awaitable<> wait_before(delivery how);
  void let_go();

  executor loop_;
  net::client& client_;
  options options_;
  witness witness_;
  std::set<timer*> pauses_, held_back_;
  bool stopping_ = false;
  int under_way_ = 0;
};

// "a.example/cb?x=1" and trx_ref, ref_id, status behind it.
std::string callback_target(std::string_view callback_url, std::string_view tx_ref,
                            std::string_view reference, std::string_view status);

} // namespace nexus::chapa
