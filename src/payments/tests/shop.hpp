// A shop with a real database, one product, and a payment provider that says what the test wants.
#pragma once

#include "core/clock.hpp"
#include "payments/carry_refund.hpp"
#include "payments/chapa_answers.hpp"
#include "payments/payments.hpp"
#include "payments/reconcile.hpp"
#include "platform/api/dispatch.hpp"
#include "platform/async/one_shot.hpp"
#include "platform/async/sleep.hpp"
#include "platform/crypto/crypto.hpp"
#include "scratch_database/scratch_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

namespace nexus::payments::testing {

inline constexpr std::string_view webhook_secret = "webhook-secret";

class turned_clock final : public clock {
public:
  [[nodiscard]] time_point now() const override { return at; }
  time_point at = *parse_rfc3339("2026-11-22T12:00:00Z");
};

// Used from one loop alone.
class fake_provider final : public provider {
public:
  [[nodiscard]] std::string_view name() const override { return "chapa"; }
  [[nodiscard]] money limit(currency of) const override { return {100'000'000, of}; }
  [[nodiscard]] std::string start_message(const start_request& r) const override {
    return chapa::initialize_body(r);
  }
  [[nodiscard]] awaitable<start_answer> start(start_request r) const override;
  [[nodiscard]] awaitable<fetch_answer> fetch(std::string tx_ref) const override;
  [[nodiscard]] awaitable<cancel_answer> cancel(std::string tx_ref) const override;
  [[nodiscard]] awaitable<refund_answer> refund(refund_request r) const override;
  [[nodiscard]] awaitable<refund_fetch_answer>
  fetch_refund(std::string reference, std::optional<std::string> provider_reference) const override;
  [[nodiscard]] notice read_webhook(const http::request& r) const override {
    return chapa::read_webhook(webhook_secret, r.header("x-chapa-signature"), r.body);
  }

  mutable std::deque<start_answer::outcome> start_script; // then: started
  mutable std::vector<start_request> started;
  mutable std::map<std::string, payments::charge>
      says; // what fetch tells; pending where a reference is not in here
  mutable std::vector<std::string> cancelled;
  mutable int fetches = 0;
  mutable std::deque<refund_answer::outcome> refund_script; // then: initiated
  bool refund_acts = true;                     // whether what is not initiated is known there after all
  mutable std::vector<refund_request> refunds; // as they came
  mutable std::map<std::string, refund_state> refund_says; // by our reference; not known where not in here
  bool is_away = false;
  bool forgets = false; // knows no reference
  // Runs while we talk to it, to look at the database as others see it then.
  std::function<awaitable<>()> meanwhile;
};

class shop : public scratch_database {
protected:
  void TearDown() override { database.reset(); }

  // body() -> awaitable<>, with everything open. EXPECT in there, not ASSERT: it would return.
  template <class Body>
  void in_shop(Body body) {
    opts.dsn = dsn();
    run_to_end(loop, [&](executor on) -> awaitable<> {
      database.emplace(on, opts);
      co_await database->connect();
      co_await open_shop();
      co_await body();
    });
  }

  awaitable<> open_shop();
  // A pending order of some pieces at 200.00; of a guest where nobody is named.
  awaitable<uuid> place(int pieces, std::optional<std::int64_t> user = {});
  awaitable<http::response> call(http::method m, std::string target,
                                 std::vector<std::pair<std::string_view, std::string_view>> headers = {},
                                 std::string body = {});
  awaitable<http::response> initiate(uuid order) {
    return call(http::method::post, "/payment/initiate/" + to_string(order) + "/");
  }
  awaitable<http::response> verify(std::string tx_ref) {
    return call(http::method::get, "/payment/verify/" + tx_ref + "/");
  }
  awaitable<http::response> webhook(std::string body, std::optional<std::string> signature);
  // The first attempt's reference, started by initiate().
  awaitable<std::string> start_paying(uuid order);
  [[nodiscard]] payments::charge paid(const std::string& tx_ref, std::string_view amount = "400.00") const {
    return {charge_state::success, tx_ref, decimal::parse(amount), "ETB", "test", "AP1"};
  }
  // The one text of "SELECT …::text"; "" where there is no row.
  awaitable<std::string> ask(std::string sql);
  awaitable<std::string> state_of(uuid order); // "completed 40000 success"
  // An order of some pieces at 200.00, paid in good order; its payment's reference.
  awaitable<std::string> buy(uuid order, std::string_view amount);
  awaitable<http::response> ask_refund(std::string tx_ref, std::string body = "{}", std::string key = "");
  awaitable<> carry_out();  // the tasks of refunds that are due, once
  awaitable<> look_after(); // a round of the reconciler
  // What nexus audit would say, one line a fault.
  awaitable<std::string> audit();

  std::optional<db::database> database;
  turned_clock now;
  std::shared_ptr<const till> desk;
  tasks::bell bell;
  std::optional<tasks::outbox> outbox;
  payments::settings settings;
  std::shared_ptr<fake_provider> bank = std::make_shared<fake_provider>();

private:
  void open_routes();
  std::optional<api::router> router_;
  std::unique_ptr<api::authenticator> authenticator_;
  http::handler handler_;
  int placed_ = 0;
};

// Runs them side by side; ends when all have.
awaitable<std::vector<http::response>> together(std::vector<awaitable<http::response>> all);

} // namespace nexus::payments::testing
