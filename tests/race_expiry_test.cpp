// A thousand holds that end at the very moment at which their payments come, while others wait for what they
// free.
#include "harness/fake_chapa.hpp"
#include "harness/shopping.hpp"

#include <atomic>
#include <mutex>
#include <set>

namespace nexus::blackbox {
namespace {

using namespace std::chrono_literals;

class race_expiry : public shop_suite<race_expiry> {
public:
  static environment variables() {
    return {{"CHAPA_BASE_URL", chapa().base_url()},
            {"CHAPA_SECRET_KEY", "CHASECK_TEST-blackbox"},
            {"CHAPA_WEBHOOK_SECRET", "hook"},
            {"NEXUS_LOG_LEVEL", "warn"},
            {"ORDER_EXPIRES_AFTER", "6s"}};
  }
  static fake_chapa& chapa() {
    static fake_chapa it;
    return it;
  }

protected:
  client staff_ = here().staff();
};

constexpr std::size_t wanted = 1'000, a_round = 250, connections = 16;
constexpr int things = 10, pieces = 25; // of each: enough for a round and no more

struct contested {
  std::int64_t variant = 0;
  placed_order order;
  std::string tx_ref; // empty: too slow, the hold had ended before the payment could begin
  moment expires_at;
  std::string said; // by verify
};

template <class Each>
void by_all_connections(shop& where, std::size_t count, Each each) {
  std::atomic<std::size_t> next = 0;
  at_once(std::vector<std::function<void()>>(connections, [&] {
    client c = where.guest();
    for (std::size_t i = next++; i < count; i = next++)
      each(c, i);
  }));
}

// The orders of a round, with their payments begun and, at the provider, paid.
std::vector<contested> open_round(shop& where, const std::vector<std::int64_t>& variants) {
  std::vector<contested> all(a_round);
  std::vector<std::string> carts(a_round);
  by_all_connections(where, a_round, [&](client& c, std::size_t i) {
    all[i].variant = variants[i % variants.size()];
    carts[i] = make_cart(c);
    add_item(c, carts[i], all[i].variant);
  });
  by_all_connections(where, a_round, [&](client& c, std::size_t i) {
    const std::string email = unique("contested") + "@example.com";
    const json::value o = expect_body(c.post("orders/", order_body(carts[i], email)), 201);
    all[i].order = {text_at(o, "/id"), text_at(o, "/number"), text_at(o, "/total"), email};
    all[i].expires_at = parse_time(text_at(o, "/expires_at"));
    const reply begun = c.post("payment/initiate/" + all[i].order.id + "/");
    if (begun.status == 409) {
      EXPECT_TRUE(is_problem(begun, 409, "order_expired"));
      return;
    }
    all[i].tx_ref = text_at(begun, "/tx_ref");
    race_expiry::chapa().say(all[i].tx_ref, {{"status", "success"}});
  });
  return all;
}

// Verifies each at the end of its hold: from a little before to a second after it, when the worker comes to
// end it. The clock only takes aim; nothing is judged by it.
void pay_at_the_last_moment(shop& where, std::vector<contested>& all) {
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.expires_at < b.expires_at; });
  by_all_connections(where, all.size(), [&](client& c, std::size_t i) {
    if (all[i].tx_ref.empty())
      return;
    std::this_thread::sleep_until(all[i].expires_at + std::chrono::milliseconds(i * 37 % 1'300) - 200ms);
    const reply r = verify(c, all[i].tx_ref);
    EXPECT_TRUE(has_status(r, 200));
    all[i].said = text_at(r, "/status");
  });
}

// Takes every piece that comes free, until it is told to stop. Nobody pays for these orders.
void snatch(shop& where, const std::vector<std::int64_t>& variants, const std::atomic<bool>& is_over) {
  client c = where.guest();
  for (std::size_t i = 0; !is_over; ++i) {
    const std::string cart = make_cart(c);
    const reply added =
        c.post("cart/" + cart + "/items/", {{"variant_id", variants[i % variants.size()]}, {"quantity", 1}});
    if (added.status == 409)
      continue; // nothing is free
    const reply r = c.post("orders/", order_body(cart));
    EXPECT_TRUE(r.status == 201 || is_problem(r, 409, "insufficient_stock"));
  }
}

std::vector<contested> play_round(shop& where, client& staff) {
  std::vector<std::int64_t> variants;
  for (int i = 0; i < things; ++i)
    variants.push_back(make_variant(staff, pieces));
  std::vector<contested> all = open_round(where, variants);
  std::atomic<bool> is_over = false;
  std::thread snatcher([&] { snatch(where, variants, is_over); });
  pay_at_the_last_moment(where, all);
  is_over = true;
  snatcher.join();
  return all;
}

// One way or the other, and order, payment and what the payer was told agree.
bool has_sold(client& c, const contested& one) {
  const json::value seen = order_as_guest(c, one.order);
  const std::string status = text_at(seen, "/status"), payment = text_at(seen, "/payment/status");
  if (status == "completed") {
    EXPECT_EQ(payment, "success");
    EXPECT_EQ(one.said, "success");
    EXPECT_EQ(text_at(seen, "/payment/paid"), one.order.total);
    return true;
  }
  EXPECT_EQ(status, "expired");
  EXPECT_EQ(payment, "refund_required");
  EXPECT_EQ(one.said, "refund_required");
  return false;
}

TEST_F(race_expiry, a_thousand_orders_end_each_in_exactly_one_way) {
  std::vector<contested> all;
  std::size_t raced = 0;
  for (int round = 0; raced < wanted && round < 12; ++round)
    for (contested& one : play_round(here(), staff_)) {
      raced += one.tx_ref.empty() ? 0 : 1;
      all.push_back(std::move(one));
    }
  ASSERT_GE(raced, wanted);

  client c = here().guest();
  ASSERT_TRUE(eventually([&] { // what nobody paid for has ended
    return number_at(staff_.get("orders/?status=pending&count=true&page_size=1"), "/count") == 0;
  }));
  std::map<std::int64_t, int> sold;
  std::set<std::string> receipts_due;
  std::size_t too_late = 0;
  for (const contested& one : all) {
    sold[one.variant] += 0;
    if (one.tx_ref.empty()) {
      EXPECT_EQ(status_of(c, one.order), "expired");
    } else if (has_sold(c, one)) {
      ++sold[one.variant];
      receipts_due.insert(one.order.number);
    } else {
      ++too_late;
    }
  }
  for (const auto& [variant, count] : sold)
    EXPECT_EQ(stock_of(staff_, variant), (stock{pieces, count, pieces - count}));
  RecordProperty("completed", static_cast<int>(receipts_due.size()));
  RecordProperty("refund_required", static_cast<int>(too_late));
  EXPECT_GT(receipts_due.size(), 0u);
  EXPECT_GT(too_late, 0u) << "no payment came too late: nothing was raced";

  // A receipt for each that was sold, once.
  const auto receipts = [&] {
    std::multiset<std::string> numbers;
    for (const mail& m : here().mails())
      for (const std::string& number : receipts_due)
        if (m.file.starts_with("receipt-") && m.subject.find(number) != std::string::npos)
          numbers.insert(number);
    return numbers;
  };
  EXPECT_TRUE(eventually([&] { return receipts().size() >= receipts_due.size(); }, 60s));
  EXPECT_EQ(receipts(), std::multiset<std::string>(receipts_due.begin(), receipts_due.end()));
  here().expect_audit_clean();
}

} // namespace
} // namespace nexus::blackbox
