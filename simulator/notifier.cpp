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

void notifier::call_back(std::string url, delivery how) {
  for (int copy = 0; copy < how.copies && !stopping_ && !url.empty(); ++copy)
    spawn(loop_, deliver_callback(url, how));
}

void notifier::post_webhook(std::string body, delivery how) {
  for (int copy = 0; copy < how.copies && !stopping_ && !options_.webhook_url.empty(); ++copy)
    spawn(loop_, deliver_webhook(options_.webhook_url, body, how));
}

awaitable<> notifier::deliver_callback(std::string url, delivery how) {
  const counted mine(under_way_);
  co_await wait_before(how);
  if (stopping_)
    co_return;
  const net::http_answer answer = co_await client_.call({.url = url});
  if (witness_)
    witness_("callback", url, answer.status);
  if (!how.is_held_back)
    let_go();
}

awaitable<> notifier::deliver_webhook(std::string url, std::string body, delivery how) {
  const counted mine(under_way_);
  co_await wait_before(how);
  const std::string key = how.is_signed ? options_.webhook_secret : options_.webhook_secret + "-guessed";
  // The second is a constant that authenticates nothing, as Chapa sends it.
  const std::vector<std::pair<std::string, std::string>> headers{
      {"Content-Type", "application/json"},
      {"x-chapa-signature", crypto::hmac_sha256_hex(key, body)},
      {"chapa-signature", crypto::hmac_sha256_hex(options_.webhook_secret, options_.webhook_secret)}};
  const int retries = how.is_signed ? options_.retries : 0; // who forges one does not come again
  for (int retry = 0; retry <= retries && !stopping_; ++retry) {
    if (retry > 0)
      co_await pause(options_.retry_delay, pauses_);
    if (stopping_)
      co_return;
    net::http_request request{.method = "POST", .url = url, .headers = headers, .body = body};
    const net::http_answer answer = co_await client_.call(std::move(request));
    if (witness_)
      witness_(how.is_signed ? "webhook" : "forged webhook", body, answer.status);
    if (!how.is_held_back)
      let_go();
    if (answer.result == net::http_answer::outcome::answered && answer.status == 200)
      co_return;
  }
}

awaitable<> notifier::wait_before(delivery how) {
  if (how.delay.count() > 0 && !stopping_)
    co_await pause(how.delay, pauses_);
  if (how.is_held_back && !stopping_)
    co_await pause(how.hold_back, held_back_);
}

awaitable<> notifier::pause(std::chrono::milliseconds at_most, std::set<timer*>& among) {
  timer wait(loop_, at_most);
  among.insert(&wait);
  boost::system::error_code woken;
  co_await wait.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable_t<executor>{}, woken));
  among.erase(&wait);
}

// Another message has arrived: those held back may follow it.
void notifier::let_go() {
  for (timer* wait : held_back_)
    wait->cancel();
}

void notifier::stop() {
  stopping_ = true;
  for (timer* wait : pauses_)
    wait->cancel();
  let_go();
}

} // namespace nexus::chapa
