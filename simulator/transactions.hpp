// What Chapa knows of each transaction and what may happen to it. No I/O; the time is injected.
//
// Every change is an event, a JSON object, which is handed to the recorder and then applied; applying the
// recorded events again gives the same state. So there is one way to change anything, and the journal is the
// whole of it.
#pragma once

#include "core/clock.hpp"
#include "core/money.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nexus::chapa {

// What a merchant asks for, after validation.
struct payment_request {
  money amount;
  std::string tx_ref; // the merchant's
  std::optional<std::string> email, first_name, last_name, phone_number;
  std::optional<std::string> callback_url, return_url;
  std::optional<std::string> title, description, logo; // of the page
  boost::json::value meta;                             // object or null
};

// failed may still become success while the session lasts; cancelled is the payer's word and final.
// refunded: all of it; reversed: Chapa took it back by itself.
enum class payment_status { pending, failed, cancelled, success, refunded, reversed };

enum class refund_status { initiated, processing, refunded, reversed };

// What becomes of a refund by itself: it is paid out, it comes back, or it never moves.
enum class refund_fate { refunded, reversed, stuck };

struct refund {
  std::int64_t id = 0;
  std::string ref;                               // Chapa's own
  std::optional<std::string> merchant_reference; // unique
  std::string bank_reference;
  money amount;
  std::optional<std::string> reason;
  refund_status status = refund_status::initiated; // as it was moved; transactions::status_of() tells
  refund_fate fate = refund_fate::refunded;
  time_point created_at, updated_at;

  [[nodiscard]] bool is_over() const {
    return status == refund_status::refunded || status == refund_status::reversed;
  }
};

struct log_entry {
  std::string message;
  time_point at;
};

struct transaction {
  std::int64_t id = 0;
  payment_request request;
  std::string token; // of the page
  payment_status status = payment_status::pending;
  std::string reference; // Chapa's; empty until the first attempt to pay
  std::string mobile;    // of the last attempt, 09… or 07…
  std::string failure_reason;
  int attempts = 0;
  bool link_expired = false; // by the merchant's cancel
  time_point created_at, updated_at;
  std::deque<refund> refunds;
  std::vector<log_entry> log;
};

// "pending", "failed", …; nullopt where it is none.
std::optional<payment_status> parse_payment_status(std::string_view name);
std::string_view name_of(payment_status s);
std::optional<refund_status> parse_refund_status(std::string_view name);
std::string_view name_of(refund_status s);

// Money was taken, whatever became of it since.
constexpr bool is_paid(payment_status s) {
  return s == payment_status::success || s == payment_status::refunded || s == payment_status::reversed;
}

// What the hosted page can still do.
enum class session_state { open, paid, cancelled, expired, exhausted };

enum class refund_fault { not_paid, too_much, reference_used };

// 3.5 % of the amount, half a minor unit up.
money charge_of(const money& amount);

// "+251 911 22 33 44", "251911…", "0911…" -> "0911223344"; nullopt where it is no mobile number.
std::optional<std::string> normalize_mobile(std::string_view text);

// The test phones of Chapa's documentation.
bool is_paying_mobile(std::string_view normalized);

class transactions {
public:
  struct rules {
    std::chrono::milliseconds session_length{std::chrono::minutes(60)};
    std::chrono::milliseconds refund_step{2'000};
    int max_attempts = 10;
  };
  using recorder = std::function<void(const boost::json::object&)>; // may throw: then nothing has changed

  transactions(rules r, const clock& time, recorder record);

  // An event recorded before. Throws std::exception where it does not fit.
  void replay(const boost::json::object& event) { apply(event); }

  // nullptr where the reference has been used before: it is burned for ever, paid or not.
  const transaction* initialize(const payment_request& request);

  [[nodiscard]] const transaction* find(std::string_view tx_ref) const;
  [[nodiscard]] const transaction* find_by_token(std::string_view token) const;
  // Chapa's reference or the merchant's: which one a call takes is disputed.
  [[nodiscard]] const transaction* find_by_either(std::string_view reference) const;
  // Chapa's refund reference, the merchant's, or that of the transaction (then its latest).
  struct refund_of {
    const transaction* paid;
    const refund* made;
  };
  [[nodiscard]] std::optional<refund_of> find_refund(std::string_view reference) const;
  // Newest first; pages from 1.
  [[nodiscard]] std::vector<const transaction*> page(std::size_t number, std::size_t size) const;
  [[nodiscard]] std::size_t size() const { return all_.size(); }

  [[nodiscard]] session_state session_of(const transaction& t) const;
  [[nodiscard]] int attempts_left(const transaction& t) const { return rules_.max_attempts - t.attempts; }
  [[nodiscard]] refund_status status_of(const refund& r) const;

  // The merchant's cancel: the page ends, the payment stays as it is. False where it has ended already.
  bool expire_link(const transaction& t);
  // The payer's attempt, whose session must be open; mobile is normalized. The status says how it went.
  void pay(const transaction& t, std::string_view mobile);
  // The payer's cancel, whose session must be open.
  void cancel(const transaction& t);

  struct refund_request {
    std::optional<money> amount; // nullopt: all that is left
    std::optional<std::string> reason, reference;
    refund_fate fate = refund_fate::refunded;
  };
  std::variant<refund_of, refund_fault> refund_payment(const transaction& t, const refund_request& r);
  // For tests: the refund is that now, if it is not over. False where it is.
  bool move_refund(const refund_of& r, refund_status to);
  // For tests: whatever it was, it is that now.
  void force(const transaction& t, payment_status to);
  void set_refund_step(std::chrono::milliseconds step) { rules_.refund_step = step; }
  // Ends the refunds whose time has come, and gives them.
  std::vector<refund_of> settle_due_refunds();
  // When the next one comes; nullopt where none is under way.
  [[nodiscard]] std::optional<time_point> next_refund_due() const;

private:
  void change(boost::json::object event);
  void apply(const boost::json::object& event);
  void apply_initialized(const boost::json::object& event, time_point at);
  void apply_attempt(transaction& t, const boost::json::object& event);
  void apply_refund(transaction& t, const boost::json::object& event, time_point at);
  void apply_refund_moved(transaction& t, refund& r, refund_status to, time_point at);
  void apply_forced(transaction& t, const boost::json::object& event);
  transaction& known(const boost::json::object& event);

  rules rules_;
  const clock& clock_;
  recorder record_;
  std::deque<transaction> all_; // a transaction never moves
  std::map<std::string, transaction*, std::less<>> by_tx_ref_, by_token_, by_reference_;
  std::map<std::string, std::pair<transaction*, refund*>, std::less<>> refunds_; // by either reference
  std::deque<refund_of> unsettled_; // in the order in which they are due
  std::int64_t refund_count_ = 0;
};

} // namespace nexus::chapa
