// The plainest reading of what placing orders means, in memory; and what may be asked of a shop, at random.
#pragma once

#include "core/clock.hpp"
#include "orders/orders.hpp"

#include <map>
#include <rapidcheck.h>
#include <string>
#include <vector>

namespace nexus::orders::model {

struct level {
  int on_hand = 0, reserved = 0;
  std::optional<int> per_order, per_customer;
};

struct step {
  enum class what { place, cancel, complete, ship, deliver, refund, move, pass_time };
  struct buyer {
    std::vector<std::pair<std::size_t, int>> wants; // variant, pieces
    int customer = 0;
    bool shouts = false;   // writes the address in capitals
    int key = 0;           // 0: none
    std::size_t again = 0; // not 0: sends an earlier request once more
  };
  what does = what::place;
  std::vector<buyer> batch;
  int number = 0;    // which order or variant; minutes
  int target = 0;    // pieces, after a movement
  bool dies = false; // before its commit
};
std::ostream& operator<<(std::ostream& out, const step& s);
std::ostream& operator<<(std::ostream& out, const level& l);

order_event event_of(step::what w);

rc::Gen<std::vector<level>> some_levels();
rc::Gen<std::vector<step>> some_steps();

struct request {
  std::string cart; // its body, too: two carts are two bodies
  int customer = 0;
  std::string key;
  std::map<std::size_t, int> wants;
};

struct answer {
  std::string refusal;                     // a code; empty: placed
  std::vector<std::pair<int, int>> bounds; // requested and available, of each line that is short
  bool is_replay = false;
  std::size_t order = 0; // which, from 0
};

struct seen_order {
  std::string status;
  std::map<std::size_t, int> wants;
  bool operator==(const seen_order&) const = default;
};
std::ostream& operator<<(std::ostream& out, const seen_order& o);

class shop {
public:
  explicit shop(std::vector<level> levels) : levels_(std::move(levels)) {}

  answer place(const request& r, time_point expires_at);
  std::string advance(std::size_t order, order_event event); // the refusal's code
  completion complete(std::size_t order);
  void expire(time_point now);
  void set_on_hand(std::size_t variant, int target);

  [[nodiscard]] const std::vector<level>& levels() const { return levels_; }
  [[nodiscard]] seen_order look(std::size_t order) const;
  [[nodiscard]] std::int64_t total(std::size_t order) const; // each piece costs 1

private:
  struct placed_order {
    int customer = 0;
    std::map<std::size_t, int> wants;
    order_status status = order_status::pending;
    time_point expires_at;
  };
  struct kept {
    std::string cart;
    std::size_t order = 0;
  };
  [[nodiscard]] int had(int customer, std::size_t variant) const;
  void hold(const placed_order& o, int sign);

  std::vector<level> levels_;
  std::vector<placed_order> orders_;
  std::map<std::string, kept> keys_;
  std::map<std::string, std::size_t> ordered_carts_;
};

} // namespace nexus::orders::model
