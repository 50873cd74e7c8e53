// Tells the merchant: the callback (GET, unsigned, once) and the webhook (POST, signed, again until it
// answers 200).
//
// Belongs to one loop. Deliveries run beside each other, in no order, as Chapa's do.
#pragma once

#include "platform/async/awaitable.hpp"
#include "platform/net/http_client.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <set>
#include <string>

namespace nexus::chapa {

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

  void call_back(std::string callback_url, std::string tx_ref, std::string reference, std::string status);
  void post_webhook(std::string body);

  // Wakes those that wait to try again; none tries again. Deliveries under way end with the client.
  void stop();
  [[nodiscard]] int under_way() const { return under_way_; }

private:
  using timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, executor>;

  awaitable<> deliver_callback(std::string url);
  awaitable<> deliver_webhook(std::string url, std::string body);
  awaitable<> pause();

  executor loop_;
  net::client& client_;
  options options_;
  std::set<timer*> pauses_;
  bool stopping_ = false;
  int under_way_ = 0;
};

// "a.example/cb?x=1" and trx_ref, ref_id, status behind it.
std::string callback_target(std::string_view callback_url, std::string_view tx_ref,
                            std::string_view reference, std::string_view status);

} // namespace nexus::chapa
