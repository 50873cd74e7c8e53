// Pricing: what an order costs beside its goods. price.hpp has the pure rules; here is what the database has
// to do with them. Knows no orders: who places one asks for what is needed, decides with price(), and writes
// the uses.
#pragma once

#include "core/ids.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/db/consistency.hpp"
#include "platform/db/database.hpp"
#include "pricing/price.hpp"

#include <functional>
#include <memory>
#include <mutex>

namespace nexus::pricing {

inline constexpr std::string_view write_permission = "pricing.write";

// ---- The rules in force

// The rules as one revision of the database has them, without the promotions that have codes.
struct edition {
  uuid revision{};
  pricing::rules rules;
  std::vector<std::int64_t> limited; // those of the promotions whose uses are counted before they are had
  bool speaks_of_categories = false; // a line's categories are needed
};

// The latest edition that this node has read. Every change of a rule renews the database's revision, so one
// small row tells whether it still holds: nothing is ever decided by rules of yesterday. Thread-safe.
class rule_book {
public:
  [[nodiscard]] std::shared_ptr<const edition> latest() const {
    const std::lock_guard held(lock_);
    return latest_;
  }
  void put(std::shared_ptr<const edition> e) {
    const std::lock_guard held(lock_);
    latest_ = std::move(e);
  }

private:
  mutable std::mutex lock_;
  std::shared_ptr<const edition> latest_ = std::make_shared<const edition>(); // of no database
};

// Whom and what baskets are about.
struct interest {
  std::vector<std::string> codes;                      // normalised
  std::function<std::vector<std::string>()> customers; // customer_key() of each; asked where uses are counted
};

struct in_force {
  std::shared_ptr<const edition> book;
  std::vector<promotion> coded; // of the codes asked for
  allowance left;               // of these and of the limited ones
  // Whether the lines' categories are needed.
  [[nodiscard]] bool need_categories() const;
  // Whether a basket that names no code and no shipping method costs its lines and no more.
  [[nodiscard]] bool are_none() const { return book->rules.empty(); }
};

// For placing orders, in two steps. question() queues what is asked of the database beside the caller's own
// statements (one small one where there are neither codes nor limited promotions), after the locks of the
// variants: promotions with codes or limits are locked by ascending id. answer(), once the caller has awaited
// a later statement of its own, makes a round trip more only where the rules have changed since this node
// read them.
class question {
public:
  question(db::transaction& tx, rule_book& book, interest about, time_point now);
  // Whether the lines' categories are needed, as far as is known.
  [[nodiscard]] bool needs_categories() const {
    return known_->speaks_of_categories || !about_.codes.empty();
  }
  awaitable<in_force> answer(db::transaction& tx);

private:
  rule_book& book_;
  interest about_;
  time_point now_;
  std::shared_ptr<const edition> known_;
  db::asked revision_;
  std::optional<db::asked> promotions_, customers_;
};

// For a quote: the same without locks.
awaitable<in_force> read_in_force(db::session db, rule_book& book, interest about, time_point now);

// ---- The uses of promotions

struct use {
  std::int64_t promotion_id = 0;
  uuid order_id{};
  std::string customer;
};

// Counts the uses that were decided, and writes their ledger. Queued; a limit that was passed after all fails
// at its CHECK.
void write_uses(db::transaction& tx, const std::vector<use>& uses, time_point now);

// Orders that end unpaid give their uses back: the locks first (after the variants', before the orders'),
// then, for those that have really ended, the uses. Both queued; orders without uses cost no more than a
// look.
void lock_uses_of(db::transaction& tx, const std::vector<uuid>& order_ids);
void give_back(db::transaction& tx, const std::vector<uuid>& order_ids, time_point now);

// An expired order that is paid after all needs its uses again. Locks them; the uses to be written, or
// nullopt where one of them is no longer to be had.
awaitable<std::optional<std::vector<use>>> lock_uses_again(db::transaction& tx, uuid order_id);

// For nexus audit.
std::vector<db::consistency_check> consistency_checks();

// Under /pricing.
std::vector<api::endpoint> routes();

} // namespace nexus::pricing
