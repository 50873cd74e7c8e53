// How Chapa goes wrong: rules, and what strikes a given call. Pure: no I/O and no clock; chance comes from a
// seed, so that a run can be repeated.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nexus::chapa {

// Where a fault strikes: Chapa's calls, the payer's way back to the shop, and what the shop is told.
enum class moment { initialize, verify, cancel, refund, verify_refund, redirect, callback, webhook };
inline constexpr std::array<std::string_view, 8> moment_names{
    "initialize", "verify", "cancel", "refund", "verify_refund", "redirect", "callback", "webhook"};

enum class fault_kind {
  delay,          // ms late
  drop,           // a call: the connection is closed without an answer; a message: it is never sent
  timeout,        // a call: no answer for ms (60 s), then the connection is closed
  repeat,         // a message: `times` copies beside each other
  reorder,        // a message: after the next one (or after ms, 2 s, where there is none)
  forge,          // a message: beside the true one, one that says success and is not signed by us
  status_500,     // {"message": "Server Error"} …
  status_429,     // … with Retry-After: 1
  html,           // 502, a page of a proxy
  half_json,      // 200, the answer cut in half
  object_message, // 400, "message" is an object of lists
  pending,        // says pending, whatever it is
  failed,         // says failed, whatever it is
  success,        // says success, whatever it is
  unknown_status, // says "splendid"
  other_amount,   // says value (1.00)
  other_currency, // says value (USD)
  other_tx_ref,   // says value ("somebody-elses")
  other_mode,     // says value (live)
  other_source,   // answers as the documentation says, not as was seen (or the other way round)
  refuse,         // 400: will not do it
  unknown,        // knows no such transaction or refund
  reversed,       // a refund: it ends reversed
  stuck,          // a refund: it never moves, unless it is told to
};
inline constexpr std::array<std::string_view, 24> fault_names{
    "delay",      "drop",         "timeout",        "repeat",       "reorder",        "forge",
    "status_500", "status_429",   "html",           "half_json",    "object_message", "pending",
    "failed",     "success",      "unknown_status", "other_amount", "other_currency", "other_tx_ref",
    "other_mode", "other_source", "refuse",         "unknown",      "reversed",       "stuck"};

struct fault {
  moment at = moment::webhook;
  fault_kind what = fault_kind::drop;
  std::chrono::milliseconds ms{0}; // of delay, timeout, reorder
  int times = 2;                   // of repeat: all of them, the true one too
  bool acts = false;               // a call that is not answered as it should be: was it done all the same?
  std::string value = {};          // of other_…
};

// A fault and when it strikes.
struct rule {
  chapa::fault fault;
  int percent = 100;             // of the calls that it fits
  std::optional<int> count = {}; // so often, then never again; nullopt: for ever
  int after = 0;                 // lets so many pass first
  std::string tx_ref = {};       // of this transaction alone; empty: of all
  std::string email = {};        // of this payer's alone; empty: of all
};

using rule_fault = std::string; // what is wrong with the text of a rule, for who wrote it

// {"at": "verify", "fault": "status_500", "count": 2, "acts": true, …}
std::variant<rule, rule_fault> parse_rule(const boost::json::object& given);
// "verify:status_500;count=2;acts=true": the same on a command line or in a header
std::variant<rule, rule_fault> parse_rule(std::string_view text);
// "webhook:drop, callback:delay;ms=200"
std::variant<std::vector<rule>, rule_fault> parse_rules(std::string_view text);
boost::json::object to_json(const rule& r);

// Whom a call is about.
struct subject {
  std::string tx_ref, email;
};

// What all the faults that strike one call or message make of it.
struct treatment {
  std::chrono::milliseconds delay{0};
  bool acts = true;
  // A call: what is answered in place of the answer (status_500, …, timeout, drop), nullopt: the answer.
  std::optional<fault_kind> instead = {};
  std::chrono::milliseconds hold{0}; // of timeout
  // What the payment's data say in place of the truth: {"status": "pending"}
  boost::json::object says = {};
  bool other_source = false;
  // A refund's end.
  bool is_reversed = false, is_stuck = false;
  // A message.
  bool is_sent = true, is_reordered = false, is_forged = false;
  std::chrono::milliseconds hold_back{0};
  int copies = 1;
};
treatment combine(const std::vector<fault>& struck);

class fault_plan {
public:
  explicit fault_plan(std::uint64_t seed = 0) : chance_(seed) {}
  void reseed(std::uint64_t seed) { chance_.seed(seed); }

  std::int64_t add(rule r); // its id
  bool remove(std::int64_t id);
  void clear() { rules_.clear(); }

  // All that strike, in the order in which they were added; each counts as having struck.
  std::vector<fault> strike(moment at, const subject& about);

  struct entry {
    std::int64_t id = 0;
    chapa::rule rule;
    int fitted = 0, struck = 0;
  };
  [[nodiscard]] const std::vector<entry>& entries() const { return rules_; }

private:
  std::vector<entry> rules_;
  std::int64_t last_id_ = 0;
  std::mt19937_64 chance_;
};

} // namespace nexus::chapa
