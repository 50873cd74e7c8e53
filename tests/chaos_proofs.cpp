#include "chaos_proofs.hpp"

#include <boost/json/serialize.hpp>
#include <map>

namespace nexus::blackbox::chaos {

namespace {

using namespace std::chrono_literals;

// As a client does: again, where it is told that the database was away. A loop of the server may find it
// again a moment later than the one that said that it is ready.
template <class Ask>
reply until_served(Ask ask) {
  reply out;
  eventually(
      [&] {
        out = ask();
        return out.status != 503;
      },
      60s);
  return out;
}
json::value read(client& c, const std::string& target) {
  return expect_body(until_served([&] { return c.get(target); }), 200);
}

struct ledger_row {
  std::int64_t id = 0, quantity = 0, reserved_change = 0;
  std::string reason, note;
  moment at;
};
using ledger = std::vector<ledger_row>; // oldest first

ledger read_ledger(client& staff, std::int64_t variant) {
  ledger out;
  std::string next = "inventory/" + std::to_string(variant) + "/movements/?page_size=100";
  while (!next.empty()) {
    const json::value page = read(staff, next);
    for (const json::value& m : page.at("results").as_array())
      out.push_back({number_at(m, "/id"), number_at(m, "/quantity"), number_at(m, "/reserved_change"),
                     text_at(m, "/reason"), text_at(m, "/note"), parse_time(text_at(m, "/created_at"))});
    next = page.at("next").is_null() ? "" : text_at(page, "/next");
  }
  std::reverse(out.begin(), out.end());
  return out;
}

// Rows of one variant are written under its lock, so their ids are in the order of what happened. A row's
// time is that at which its transaction began: it may have waited for locks a while.
constexpr auto longest_wait = 15s;

bool was_true(const ledger& all, const refusal& r) {
  std::int64_t available = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    available += all[i].quantity - all[i].reserved_change;
    const bool had_begun = all[i].at <= r.answered_at;
    const bool had_ended = i + 1 < all.size() && all[i + 1].at < r.sent_at - longest_wait;
    if (had_begun && !had_ended && available == r.available)
      return r.available < r.requested;
  }
  return false;
}

std::map<std::int64_t, std::int64_t> summed(const std::vector<piece>& pieces) {
  std::map<std::int64_t, std::int64_t> out;
  for (const piece& p : pieces)
    out[p.variant] += p.quantity;
  return out;
}

std::map<std::int64_t, std::int64_t> items_of(const json::value& order) {
  std::map<std::int64_t, std::int64_t> out;
  for (const json::value& item : order.at("items").as_array())
    out[number_at(item, "/variant_id")] += number_at(item, "/quantity");
  return out;
}

bool may_have_become(const order_record& o, const std::string& status) {
  switch (o.last) {
  case told::cancelled:
    return status == "cancelled";
  case told::paid:
    return status == "completed";
  case told::paid_too_late:
  case told::expired:
    return status == "expired";
  case told::placed:
  case told::nothing:
    return status == "expired" || (o.is_doubtful && (status == "cancelled" || status == "completed"));
  }
  return false;
}

class trial {
public:
  trial(shop& where, const battlefield& field, int began_with)
      : staff_(where.port(), field.staff_token), guest_(where.guest()), field_(field),
        began_with_(began_with) {}

  void judge_order(const order_record& o) {
    if (o.key.empty()) {
      ++out_.refused;
      expect_none(o);
    } else if (o.answer.empty()) {
      ++out_.doubtful;
      judge_doubtful(o);
    } else {
      ++out_.placed;
      judge_placed(o, read(staff_, "orders/" + o.id + "/"));
      if (out_.placed % 7 == 0)
        judge_replay("orders/", o.body, o.key, o.answer, guest_);
    }
  }

  void judge_movement(const movement_record& m) {
    const auto times = times_noted(m);
    if (m.answer.empty()) {
      EXPECT_LE(times, 1);
      return;
    }
    EXPECT_EQ(times, 1) << m.key;
    judge_replay("inventory/" + std::to_string(m.variant) + "/movements/", m.body, m.key, m.answer, staff_);
  }

  void judge_refusal(const refusal& r) {
    EXPECT_TRUE(was_true(ledger_of(r.variant), r))
        << "variant " << r.variant << ": " << r.requested << " refused since only " << r.available
        << " were there; they were not";
  }

  void judge_stock() {
    for (const std::int64_t variant : field_.variants) {
      std::int64_t moved = 0;
      for (const ledger_row& row : ledger_of(variant))
        moved += row.reason == "chaos" ? row.quantity : 0;
      const json::value now = read(staff_, "inventory/" + std::to_string(variant) + "/");
      EXPECT_EQ(number_at(now, "/on_hand"), began_with_ + moved);
      EXPECT_EQ(number_at(now, "/reserved"), sold_[variant]);
      EXPECT_GE(number_at(now, "/available"), 0);
    }
  }

  [[nodiscard]] verdict result() const { return out_; }

private:
  json::value orders_of(const order_record& o) { return read(staff_, "orders/?count=true&email=" + o.email); }

  void expect_none(const order_record& o) { EXPECT_EQ(number_at(orders_of(o), "/count"), 0) << o.email; }

  void judge_placed(const order_record& o, const json::value& seen) {
    const std::string status = text_at(seen, "/status");
    if (!o.number.empty())
      EXPECT_EQ(text_at(seen, "/number"), o.number);
    EXPECT_EQ(text_at(seen, "/email"), o.email);
    EXPECT_EQ(items_of(seen), summed(o.wants)) << "never in part";
    EXPECT_TRUE(may_have_become(o, status))
        << text_at(seen, "/id") << " is " << status << "; its client was told " << static_cast<int>(o.last);
    if (status == "completed") {
      ++out_.sold;
      for (const piece& p : o.wants)
        sold_[p.variant] += p.quantity;
    }
  }

  // Once or not at all.
  void judge_doubtful(const order_record& o) {
    const json::value all = orders_of(o);
    ASSERT_LE(number_at(all, "/count"), 1);
    if (number_at(all, "/count") == 0)
      return;
    ++out_.found;
    judge_placed(o, all.at("results").at(0));
    const reply again = ask_again("orders/", o.body, o.key, guest_);
    EXPECT_EQ(text_at(again, "/id"), text_at(all, "/results/0/id"));
  }

  static reply ask_again(const std::string& target, const json::object& body, const std::string& key,
                         client& by) {
    reply again = until_served([&] { return by.post(target, body, {{"Idempotency-Key", key}}); });
    EXPECT_TRUE(has_status(again, 201));
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    return again;
  }

  static void judge_replay(const std::string& target, const json::object& body, const std::string& key,
                           const std::string& first, client& by) {
    EXPECT_EQ(ask_again(target, body, key, by).body, first);
  }

  const ledger& ledger_of(std::int64_t variant) {
    auto at = ledgers_.find(variant);
    if (at == ledgers_.end()) {
      at = ledgers_.emplace(variant, read_ledger(staff_, variant)).first;
      for (const ledger_row& row : at->second)
        if (row.reason == "chaos")
          ++noted_[row.note];
    }
    return at->second;
  }

  int times_noted(const movement_record& m) {
    ledger_of(m.variant);
    const auto at = noted_.find(m.key);
    return at == noted_.end() ? 0 : at->second;
  }

  client staff_, guest_;
  const battlefield& field_;
  const int began_with_;
  verdict out_;
  std::map<std::int64_t, std::int64_t> sold_;
  std::map<std::int64_t, ledger> ledgers_;
  std::map<std::string, int> noted_;
};

} // namespace

verdict prove(shop& where, const battlefield& field, const std::vector<memory>& memories, int began_with) {
  client staff(where.port(), field.staff_token);
  EXPECT_TRUE(eventually( // what nobody paid for ends
      [&] { return number_at(staff.get("orders/?status=pending&count=true&page_size=1"), "/count") == 0; },
      90s));
  trial t(where, field, began_with);
  for (const memory& m : memories) {
    for (const order_record& o : m.orders)
      t.judge_order(o);
    for (const movement_record& one : m.movements)
      t.judge_movement(one);
    for (const refusal& r : m.refusals)
      t.judge_refusal(r);
  }
  t.judge_stock();
  return t.result();
}

} // namespace nexus::blackbox::chaos
