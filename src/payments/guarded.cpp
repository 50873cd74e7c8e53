#include "payments/guarded.hpp"

#include "platform/log/log.hpp"

namespace nexus::payments {

namespace {

using steady = std::chrono::steady_clock;

constexpr const char* down =
    "The payment provider has not answered for a while; it is not asked for a moment.";

// Of one kind of call.
struct meter {
  metrics::histogram seconds;
  metrics::counter answered, failed, refused;
};

meter make_meter(metrics::registry* m, std::string_view provider, const char* call) {
  if (m == nullptr)
    return {};
  const metrics::labels of{{"provider", std::string(provider)}, {"call", call}};
  const auto counted = [&](const char* outcome) {
    metrics::labels with = of;
    with["outcome"] = outcome;
    return m->make_counter("nexus_provider_calls_total", "Calls to payment providers", with);
  };
  return {m->make_histogram("nexus_provider_seconds", "How long payment providers take to answer", of),
          counted("answered"), counted("failed"), counted("not_made")};
}

class guarded_provider final : public provider {
public:
  guarded_provider(std::shared_ptr<const provider> inner, metrics::registry* m, circuit::rules rules)
      : inner_(std::move(inner)), fuse_(std::make_shared<circuit>(rules)),
        start_(make_meter(m, inner_->name(), "start")), fetch_(make_meter(m, inner_->name(), "fetch")),
        cancel_(make_meter(m, inner_->name(), "cancel")), refund_(make_meter(m, inner_->name(), "refund")),
        fetch_refund_(make_meter(m, inner_->name(), "fetch_refund")) {
    if (m != nullptr)
      m->watch("nexus_provider_circuit_open", "1 while the provider is not asked",
               {{"provider", std::string(inner_->name())}},
               [fuse = fuse_] { return fuse->is_open() ? 1. : 0.; });
  }

  [[nodiscard]] std::string_view name() const override { return inner_->name(); }
  [[nodiscard]] money limit(currency of) const override { return inner_->limit(of); }
  [[nodiscard]] std::string start_message(const start_request& r) const override {
    return inner_->start_message(r);
  }
  [[nodiscard]] notice read_webhook(const http::request& r) const override { return inner_->read_webhook(r); }

  [[nodiscard]] awaitable<start_answer> start(start_request r) const override {
    const auto began = begin(start_);
    if (!began)
      co_return start_answer{.result = start_answer::outcome::not_sent, .reason = down};
    auto out = co_await inner_->start(std::move(r));
    end(start_, *began,
        out.result == start_answer::outcome::started || out.result == start_answer::outcome::refused);
    co_return out;
  }

  [[nodiscard]] awaitable<fetch_answer> fetch(std::string tx_ref) const override {
    const auto began = begin(fetch_);
    if (!began)
      co_return fetch_answer{.reason = down};
    auto out = co_await inner_->fetch(std::move(tx_ref));
    end(fetch_, *began, out.result != fetch_answer::outcome::unavailable);
    co_return out;
  }

  [[nodiscard]] awaitable<cancel_answer> cancel(std::string tx_ref) const override {
    const auto began = steady::now();
    auto out = co_await inner_->cancel(std::move(tx_ref));
    measure(cancel_, began, out.closed);
    co_return out;
  }

  [[nodiscard]] awaitable<refund_answer> refund(refund_request r) const override {
    const auto began = begin(refund_);
    if (!began)
      co_return refund_answer{.result = refund_answer::outcome::not_sent, .reason = down};
    auto out = co_await inner_->refund(std::move(r));
    end(refund_, *began,
        out.result == refund_answer::outcome::initiated || out.result == refund_answer::outcome::refused);
    co_return out;
  }

  [[nodiscard]] awaitable<refund_fetch_answer>
  fetch_refund(std::string reference, std::optional<std::string> provider_reference) const override {
    const auto began = begin(fetch_refund_);
    if (!began)
      co_return refund_fetch_answer{.reason = down};
    auto out = co_await inner_->fetch_refund(std::move(reference), std::move(provider_reference));
    end(fetch_refund_, *began, out.result != fetch_answer::outcome::unavailable);
    co_return out;
  }

private:
  [[nodiscard]] std::optional<steady::time_point> begin(meter m) const {
    const auto now = steady::now();
    if (fuse_->admit(now))
      return now;
    m.refused.increment();
    return std::nullopt;
  }

  static steady::time_point measure(meter m, steady::time_point began, bool worked) {
    const auto now = steady::now();
    m.seconds.observe(std::chrono::duration<double>(now - began).count());
    (worked ? m.answered : m.failed).increment();
    return now;
  }

  void end(meter m, steady::time_point began, bool worked) const {
    const auto now = measure(m, began, worked);
    const bool was_open = fuse_->is_open();
    fuse_->note(worked, now);
    if (was_open != fuse_->is_open())
      log::warn(was_open ? "the payment provider answers again" : "the payment provider is down",
                {{"provider", name()}});
  }

  std::shared_ptr<const provider> inner_;
  std::shared_ptr<circuit> fuse_;
  meter start_, fetch_, cancel_, refund_, fetch_refund_;
};

} // namespace

std::shared_ptr<const provider> guard(std::shared_ptr<const provider> inner, metrics::registry* metrics,
                                      circuit::rules rules) {
  return std::make_shared<guarded_provider>(std::move(inner), metrics, rules);
}

} // namespace nexus::payments
