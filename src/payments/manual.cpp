// Money that changes hands without a provider: cash on delivery, a transfer that staff find on the account.
// Staff say that it came (confirm.cpp), and give it back themselves.
#include "payments/payments.hpp"

namespace nexus::payments {

namespace {

class manual_provider final : public provider {
public:
  [[nodiscard]] std::string_view name() const override { return manual_provider_name; }
  [[nodiscard]] money limit(currency of) const override { return {1'000'000'000'000'000, of}; }
  [[nodiscard]] std::string start_message(const start_request& r) const override {
    return R"({"amount":")" + to_string(r.amount) + R"(","tx_ref":")" + r.tx_ref + R"("})";
  }

  // The payer is shown our own page, which says what is awaited.
  [[nodiscard]] awaitable<start_answer> start(start_request r) const override {
    co_return start_answer{.result = start_answer::outcome::started,
                           .payment_url = std::move(r.return_url),
                           .message = R"({"status":"awaited"})"};
  }
  // Nobody to ask: what staff confirm settles it.
  [[nodiscard]] awaitable<fetch_answer> fetch(std::string tx_ref) const override {
    charge said{.state = charge_state::pending, .tx_ref = std::move(tx_ref)};
    co_return fetch_answer{.result = fetch_answer::outcome::told,
                           .charge = std::move(said),
                           .message = R"({"status":"awaited"})"};
  }
  [[nodiscard]] awaitable<cancel_answer> cancel(std::string) const override {
    co_return cancel_answer{.closed = true, .message = R"({"status":"closed"})"};
  }
  // Who asks for the refund hands the money over.
  [[nodiscard]] awaitable<refund_answer> refund(refund_request) const override {
    co_return refund_answer{.result = refund_answer::outcome::initiated,
                            .news = {.state = refund_state::refunded, .word = "handed over"},
                            .message = R"({"status":"handed over"})"};
  }
  [[nodiscard]] awaitable<refund_fetch_answer> fetch_refund(std::string,
                                                            std::optional<std::string>) const override {
    co_return refund_fetch_answer{.result = fetch_answer::outcome::told,
                                  .news = {.state = refund_state::refunded, .word = "handed over"},
                                  .message = R"({"status":"handed over"})"};
  }
  [[nodiscard]] notice read_webhook(const http::request&) const override { return {}; }
};

} // namespace

std::shared_ptr<const provider> make_manual() { return std::make_shared<manual_provider>(); }

} // namespace nexus::payments
