#include "simulator/simulator.hpp"

#include "platform/async/run.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/http/server.hpp"
#include "platform/log/log.hpp"
#include "platform/net/http_client.hpp"
#include "simulator/journal.hpp"
#include "simulator/notifier.hpp"
#include "simulator/routes.hpp"
#include "simulator/transactions.hpp"
#include "simulator/wire.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <thread>

namespace nexus::chapa {

namespace {

const clock& clock_of(const simulator::options& o) {
  static const system_clock real;
  return o.clock ? *o.clock : real;
}

http::response failed() { return json_response(500, failure("Something went wrong")); }

} // namespace

// Everything belongs to the one loop; the thread runs it.
struct simulator::impl {
  using timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, executor>;

  explicit impl(options o)
      : given(std::move(o)), time(clock_of(given)),
        all({.session_length = given.session_length, .refund_step = given.refund_step}, time,
            [this](const boost::json::object& event) {
              if (written)
                written->append(event);
            }),
        tell(loop.get_executor(), *client,
             {given.webhook_secret, given.webhook_url, given.webhook_retry_delay, given.webhook_retries}),
        plan(given.seed), served{all,
                                 tell,
                                 given.secret_key,
                                 given.public_url,
                                 given.simulate_documented_errors,
                                 [this] { refunds.cancel(); },
                                 plan,
                                 seen,
                                 time},
        refunds(loop.get_executor()) {
    for (const std::string& text : given.faults)
      add_faults(text);
    tell.report_to([this](std::string_view what, const std::string& message, int status) {
      report(what, message, status);
    });
    if (!given.journal.empty())
      written = std::make_unique<journal>(given.journal,
                                          [this](const boost::json::object& event) { all.replay(event); });
    if (given.port != 0)
      http::check_free(given.address, given.port);
    listening =
        std::make_unique<http::listener>(loop.get_executor(), given.address, given.port, listener_options());
    if (served.public_url.empty())
      served.public_url = origin();
    listening->start();
    spawn(loop.get_executor(), settle_refunds());
    thread = std::thread([this] { loop.run(); });
  }

  ~impl() {
    spawn(loop.get_executor(), stop());
    thread.join();
  }

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  // Where it can be reached from this machine.
  [[nodiscard]] std::string origin() const {
    const bool any = given.address == "0.0.0.0" || given.address == "::";
    const std::string host = any ? "127.0.0.1" : given.address;
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return fmt::format("http://{}:{}", name, listening->port());
  }

  http::listener::options listener_options() {
    return {.limits = {.connections = 1'000},
            .handle = [this](const http::request& r) { return handle(r); },
            .refuse =
                [](const error_kind& kind) {
                  return json_response(kind.status, failure(boost::json::string(kind.title)));
                }};
  }

  awaitable<http::response> handle(const http::request& r) {
    try {
      co_return co_await answer_hostile(served, r);
    } catch (const std::exception& fault) {
      log::error("the simulator could not answer", {{"reason", fault.what()}});
    }
    co_return failed();
  }

  void add_faults(const std::string& text) {
    auto parsed = parse_rules(text);
    if (const auto* wrong = std::get_if<rule_fault>(&parsed))
      throw std::runtime_error(text + ": " + *wrong);
    for (rule& each : std::get<std::vector<rule>>(parsed))
      plan.add(std::move(each));
  }

  // How a message went, in the history of its transaction.
  void report(std::string_view what, const std::string& message, int status) {
    for (const std::string_view before : {"\"tx_ref\":\"", "trx_ref="}) {
      const auto at = message.find(before);
      if (at == std::string::npos)
        continue;
      const auto from = at + before.size();
      seen.note(message.substr(from, message.find_first_of("\"&", from) - from),
                status == 0 ? fmt::format("{} was not answered", what)
                            : fmt::format("{} was answered {}", what, status),
                time.now());
    }
  }

  awaitable<> settle_refunds() {
    while (!stopping) {
      try {
        for (const auto& [paid, made] : all.settle_due_refunds())
          if (made->status == refund_status::refunded)
            tell_refunded(served, *paid);
      } catch (const std::exception& fault) {
        log::error("the simulator could not settle a refund", {{"reason", fault.what()}});
      }
      const auto due = all.next_refund_due();
      refunds.expires_after(
          due ? std::max<std::chrono::microseconds>(*due - time.now(), std::chrono::milliseconds(1))
              : std::chrono::hours(24));
      boost::system::error_code woken;
      co_await refunds.async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable_t<executor>{}, woken));
    }
  }

  awaitable<> stop() {
    stopping = true;
    refunds.cancel();
    tell.stop();
    client.reset(); // what is under way ends now
    co_await listening->drain(std::chrono::milliseconds(500));
    listening.reset();
    while (tell.under_way() > 0)
      co_await boost::asio::post(loop.get_executor(), boost::asio::use_awaitable_t<executor>{});
    loop.stop();
  }

  options given;
  const nexus::clock& time;
  boost::asio::io_context loop{1};
  std::unique_ptr<net::client> client = std::make_unique<net::client>();
  std::unique_ptr<journal> written;
  transactions all;
  notifier tell;
  fault_plan plan;
  witness seen;
  service served;
  timer refunds;
  std::unique_ptr<http::listener> listening;
  bool stopping = false;
  std::thread thread;
};

simulator::simulator(options o) {
  crypto::initialize();
  impl_ = std::make_unique<impl>(std::move(o));
}

simulator::~simulator() = default;

std::uint16_t simulator::port() const { return impl_->listening->port(); }

std::string simulator::base_url() const { return impl_->origin() + "/v1"; }

std::string simulator::url() const { return impl_->origin(); }

void simulator::set_webhook_url(std::string url) {
  boost::asio::post(impl_->loop, [i = impl_.get(), url = std::move(url)]() mutable {
    i->tell.set_webhook_url(std::move(url));
  });
}

} // namespace nexus::chapa
