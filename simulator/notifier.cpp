#include "simulator/notifier.hpp"

#include "platform/async/run.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/http/message.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace nexus::chapa {

namespace {

struct counted {
  explicit counted(int& n) : count(n) { ++count; }
  ~counted() { --count; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  int& count;
};

} // namespace

std::string callback_target(std::string_view callback_url, std::string_view tx_ref,
                            std::string_view reference, std::string_view status) {
  return fmt::format("{}{}trx_ref={}&ref_id={}&status={}", callback_url,
                     callback_url.find('?') == std::string_view::npos ? '?' : '&',
                     http::percent_encode(tx_ref), http::percent_encode(reference),
                     http::percent_encode(status));
}

notifier::notifier(executor loop, net::client& client, options o)
    : loop_(loop), client_(client), options_(std::move(o)) {}

void notifier::call_back(std::string callback_url, std::string tx_ref, std::string reference,
                         std::string status) {
  if (!stopping_ && !callback_url.empty())
    spawn(loop_, deliver_callback(callback_target(callback_url, tx_ref, reference, status)));
}

void notifier::post_webhook(std::string body) {
  if (!stopping_ && !options_.webhook_url.empty())
    spawn(loop_, deliver_webhook(options_.webhook_url, std::move(body)));
}

awaitable<> notifier::deliver_callback(std::string url) {
  const counted mine(under_way_);
  if (!stopping_)
    co_await client_.call({.url = std::move(url)});
}

awaitable<> notifier::deliver_webhook(std::string url, std::string body) {
  const counted mine(under_way_);
  // The second is a constant that authenticates nothing, as Chapa sends it.
  const std::vector<std::pair<std::string, std::string>> headers{
      {"Content-Type", "application/json"},
      {"x-chapa-signature", crypto::hmac_sha256_hex(options_.webhook_secret, body)},
      {"chapa-signature", crypto::hmac_sha256_hex(options_.webhook_secret, options_.webhook_secret)}};
  for (int retry = 0; retry <= options_.retries && !stopping_; ++retry) {
    if (retry > 0)
      co_await pause();
    if (stopping_)
      co_return;
    net::http_request request{.method = "POST", .url = url, .headers = headers, .body = body};
    const net::http_answer answer = co_await client_.call(std::move(request));
    if (answer.result == net::http_answer::outcome::answered && answer.status == 200)
      co_return;
  }
}

awaitable<> notifier::pause() {
  timer wait(loop_, options_.retry_delay);
  pauses_.insert(&wait);
  boost::system::error_code woken;
  co_await wait.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable_t<executor>{}, woken));
  pauses_.erase(&wait);
}

void notifier::stop() {
  stopping_ = true;
  for (timer* wait : pauses_)
    wait->cancel();
}

} // namespace nexus::chapa
