// Chapa v1 over HTTP.
#include "payments/chapa_answers.hpp"
#include "payments/guarded.hpp"
#include "payments/payments.hpp"
#include "platform/async/sleep.hpp"

namespace nexus::payments {

namespace {

using namespace std::chrono_literals;

class chapa_provider final : public provider {
public:
  explicit chapa_provider(const settings& s)
      : client_(s.client), base_url_(s.base_url), secret_key_(s.secret_key),
        webhook_secret_(s.webhook_secret) {
    while (base_url_.ends_with('/'))
      base_url_.pop_back();
  }

  [[nodiscard]] std::string_view name() const override { return "chapa"; }

  // Seen on the wire; the documentation says 9,999,999.99.
  [[nodiscard]] money limit(currency of) const override { return {100'000'000, of}; }

  [[nodiscard]] std::string start_message(const start_request& r) const override {
    return chapa::initialize_body(r);
  }

  [[nodiscard]] awaitable<start_answer> start(start_request r) const override {
    auto call = request("POST", "/transaction/initialize");
    call.headers.emplace_back("Content-Type", "application/json");
    call.body = chapa::initialize_body(r);
    call.timeout = 15s;
    co_return chapa::read_start(co_await client_->call(std::move(call)));
  }

  [[nodiscard]] awaitable<fetch_answer> fetch(std::string tx_ref) const override {
    auto call = request("GET", "/transaction/verify/" + http::percent_encode(tx_ref));
    co_return chapa::read_fetch(co_await get(std::move(call)));
  }

  [[nodiscard]] awaitable<cancel_answer> cancel(std::string tx_ref) const override {
    auto call = request("PUT", "/transaction/cancel/" + http::percent_encode(tx_ref));
    co_return chapa::read_cancel(co_await client_->call(std::move(call)));
  }

  [[nodiscard]] awaitable<refund_answer> refund(refund_request r) const override {
    auto call = request("POST", "/refund/" + http::percent_encode(r.provider_reference));
    call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    call.body = "amount=" + to_string(r.amount) + "&reference=" + http::percent_encode(r.reference) +
                "&reason=" + http::percent_encode(r.reason);
    co_return chapa::read_refund(co_await client_->call(std::move(call)));
  }

  [[nodiscard]] awaitable<refund_fetch_answer>
  fetch_refund(std::string reference, std::optional<std::string> provider_reference) const override {
    // Which of the two it goes by is disputed.
    if (provider_reference) {
      auto told = co_await fetch_refund_by(*provider_reference);
      if (told.result != fetch_answer::outcome::not_known)
        co_return told;
    }
    co_return co_await fetch_refund_by(std::move(reference));
  }

  [[nodiscard]] notice read_webhook(const http::request& r) const override {
    return chapa::read_webhook(webhook_secret_, r.header("x-chapa-signature"), r.body);
  }

private:
  [[nodiscard]] awaitable<refund_fetch_answer> fetch_refund_by(std::string reference) const {
    auto call = request("GET", "/refund/" + http::percent_encode(reference) + "/verify");
    co_return chapa::read_refund_state(co_await get(std::move(call)));
  }

  // Once more where it failed quickly: asking changes nothing there. A timeout is not repeated, for who waits
  // has waited long enough.
  [[nodiscard]] awaitable<net::http_answer> get(net::http_request call) const {
    const auto began = std::chrono::steady_clock::now();
    auto answer = co_await client_->call(call);
    const bool failed = answer.result != net::http_answer::outcome::answered || answer.status >= 500;
    if (!failed || std::chrono::steady_clock::now() - began > 1s)
      co_return answer;
    co_await sleep_for(50ms);
    co_return co_await client_->call(std::move(call));
  }

  [[nodiscard]] net::http_request request(std::string method, const std::string& path) const {
    net::http_request out;
    out.method = std::move(method);
    out.url = base_url_ + path;
    out.headers = {{"Authorization", "Bearer " + secret_key_}, {"Accept", "application/json"}};
    out.timeout = 10s;
    return out;
  }

  net::client* client_;
  std::string base_url_, secret_key_, webhook_secret_;
};

} // namespace

std::shared_ptr<const provider> make_chapa(const settings& s) {
  return guard(std::make_shared<chapa_provider>(s), s.metrics);
}

} // namespace nexus::payments
