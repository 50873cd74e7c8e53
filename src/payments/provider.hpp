// What a payment provider can do, in the shop's words. Every call may take seconds and may end with its
// outcome unknown; no transaction is open meanwhile.
#pragma once

#include "core/money.hpp"
#include "platform/async/awaitable.hpp"
#include "platform/http/message.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace nexus::payments {

struct start_request {
  std::string tx_ref; // ours, unique for ever, [A-Za-z0-9_-]{1,50}
  money amount;
  std::string order_number;
  std::string email, full_name, phone_number;
  std::string return_url, callback_url;
};

struct start_answer {
  enum class outcome {
    started,  // payment_url is where the payer goes
    refused,  // for good; nothing exists there
    not_sent, // it never heard of it
    unknown,  // it may exist there
  };
  outcome result = outcome::unknown;
  std::string payment_url = {};
  std::string reason = {};  // for the log and staff
  std::string message = {}; // as received, for the record
};

// What the provider says of one reference.
enum class charge_state { pending, success, failed, cancelled, refunded, reversed, unknown };
constexpr std::array<std::string_view, 7> enum_names(charge_state) {
  return {"pending", "success", "failed", "cancelled", "refunded", "reversed", "unknown"};
}

struct charge {
  charge_state state = charge_state::unknown;
  std::string tx_ref;            // empty where it was not said
  std::optional<decimal> amount; // as written, exact
  std::string currency;          // as written
  std::string mode;              // "test", "live", or empty
  std::string reference;         // the provider's own
  std::string word = {};         // the state as it was written, for the record
};

struct fetch_answer {
  enum class outcome {
    told,        // charge is what the provider says
    not_known,   // it does not know the reference
    unavailable, // no answer, or none that makes sense
  };
  outcome result = outcome::unavailable;
  payments::charge charge = {};
  std::string reason = {};
  std::string message = {};
};

struct cancel_answer {
  bool closed = false; // the provider takes no more money under the reference
  std::string message = {};
};

struct refund_request {
  std::string provider_reference; // the tx_ref where it is not known
  std::string reference;          // ours, unique for ever
  money amount;
  std::string reason;
};

// What the provider says of a refund. Asynchronous: refunded may come days after initiated.
enum class refund_state {
  initiated,
  processing,
  refunded, // the payer has it
  reversed, // it came back to us
  failed,
  unknown,
};
constexpr std::array<std::string_view, 6> enum_names(refund_state) {
  return {"initiated", "processing", "refunded", "reversed", "failed", "unknown"};
}

struct refund_news {
  refund_state state = refund_state::unknown;
  std::optional<decimal> amount;       // as written, where it was said
  std::string provider_reference = {}; // its own, where it was said
  std::string word = {};               // the state as it was written
};

struct refund_answer {
  enum class outcome {
    initiated, // the provider has it
    refused,   // for good, so far as it says
    not_sent,  // it never heard of it
    unknown,   // it may have it
  };
  outcome result = outcome::unknown;
  refund_news news = {}; // for initiated
  std::string reason = {};
  std::string message = {};
};

struct refund_fetch_answer {
  fetch_answer::outcome result = fetch_answer::outcome::unavailable;
  refund_news news = {};
  std::string reason = {};
  std::string message = {};
};

// A message that the provider sent by itself: at best a hint to fetch.
struct notice {
  enum class kind {
    forged,     // it does not prove where it comes from
    unreadable, // it does, but makes no sense
    ignored,    // about something else
    charge,     // about tx_ref
  };
  kind what = kind::forged;
  std::string event = {};
  std::string tx_ref = {};
};

// Thread-safe.
class provider {
public:
  virtual ~provider() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // The most it takes at once.
  [[nodiscard]] virtual money limit(currency of) const = 0;

  // What start() will send, without secrets, for the record.
  [[nodiscard]] virtual std::string start_message(const start_request& r) const = 0;
  [[nodiscard]] virtual awaitable<start_answer> start(start_request r) const = 0;
  [[nodiscard]] virtual awaitable<fetch_answer> fetch(std::string tx_ref) const = 0;
  [[nodiscard]] virtual awaitable<cancel_answer> cancel(std::string tx_ref) const = 0;
  [[nodiscard]] virtual awaitable<refund_answer> refund(refund_request r) const = 0;
  // By the merchant's reference, and the provider's own where that is known.
  [[nodiscard]] virtual awaitable<refund_fetch_answer>
  fetch_refund(std::string reference, std::optional<std::string> provider_reference) const = 0;
  [[nodiscard]] virtual notice read_webhook(const http::request& r) const = 0;
};

} // namespace nexus::payments
