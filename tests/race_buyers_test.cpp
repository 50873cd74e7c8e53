// A thousand people want two hundred pieces, sixty-four at a time.
#include "harness/shopping.hpp"

#include <atomic>
#include <csignal>

namespace nexus::blackbox {
namespace {

class race_buyers : public shop_suite<race_buyers> {
public:
  static environment variables() { return {{"NEXUS_LOG_LEVEL", "warn"}}; }
};

constexpr int buyers = 1'000, connections = 64, pieces = 200;

struct buyer {
  std::string cart, email, key;
  int status = 0; // of their order; 0: no answer yet
  std::string order_id, order_number;
};

// work(buyer, client) for all of them, over so many connections.
template <class Work>
void serve_all(shop& where, std::vector<buyer>& all, Work work) {
  std::atomic<std::size_t> next = 0;
  at_once(std::vector<std::function<void()>>(connections, [&] {
    client c = where.guest();
    for (std::size_t i = next++; i < all.size(); i = next++)
      if (!work(all[i], c))
        return;
  }));
}

std::vector<buyer> fill_carts(shop& where, std::int64_t variant) {
  std::vector<buyer> all(buyers);
  for (buyer& b : all) {
    b.key = unique("buyer");
    b.email = b.key + "@example.com";
  }
  serve_all(where, all, [&](buyer& b, client& c) {
    b.cart = make_cart(c);
    add_item(c, b.cart, variant);
    return true;
  });
  return all;
}

void place(buyer& b, client& c) {
  const reply r = c.post("orders/", order_body(b.cart, b.email), {{"Idempotency-Key", b.key}});
  if (r.status == 201) {
    b.order_id = text_at(r, "/id");
    b.order_number = text_at(r, "/number");
  } else if (r.status == 409) {
    EXPECT_TRUE(is_problem(r, 409, "insufficient_stock"));
  } else {
    ADD_FAILURE() << r.status << " " << r.body;
  }
  b.status = r.status;
}

int count(const std::vector<buyer>& all, int status) {
  return static_cast<int>(
      std::count_if(all.begin(), all.end(), [&](const buyer& b) { return b.status == status; }));
}

std::int64_t count_orders(client& staff) {
  return number_at(staff.get("orders/?count=true&page_size=1"), "/count");
}

TEST_F(race_buyers, sell_what_is_there_and_no_more) {
  client staff = here().staff();
  const std::int64_t variant = make_variant(staff, pieces);
  const std::int64_t before = count_orders(staff);
  std::vector<buyer> all = fill_carts(here(), variant);
  serve_all(here(), all, [](buyer& b, client& c) {
    place(b, c);
    return true;
  });
  EXPECT_EQ(count(all, 201), pieces);
  EXPECT_EQ(count(all, 409), buyers - pieces);
  EXPECT_EQ(stock_of(staff, variant), (stock{pieces, pieces, 0}));
  EXPECT_EQ(count_orders(staff) - before, pieces);
  here().expect_audit_clean();
}

TEST_F(race_buyers, lose_nothing_that_was_answered_when_the_server_is_killed) {
  client staff = here().staff();
  const std::int64_t variant = make_variant(staff, pieces);
  std::vector<buyer> all = fill_carts(here(), variant);

  std::atomic<int> sold = 0, cut = 0;
  serve_all(here(), all, [&](buyer& b, client& c) {
    try {
      place(b, c);
      if (b.status == 201 && ++sold == pieces / 3)
        here().signal(SIGKILL);
      return true;
    } catch (const connection_lost&) {
      ++cut;
      return false;
    }
  });
  ASSERT_GT(cut, 0) << "the server was to die in the middle";
  const int answered = count(all, 201);
  EXPECT_GE(answered, pieces / 3);
  EXPECT_LT(answered, pieces);
  here().kill_hard();
  here().start();

  client after = here().staff();
  for (const buyer& b : all) {
    if (b.status != 201)
      continue;
    const reply r = after.get("orders/" + b.order_id + "/");
    ASSERT_TRUE(has_status(r, 200));
    EXPECT_EQ(text_at(r, "/number"), b.order_number);
    EXPECT_EQ(text_at(r, "/status"), "pending");
  }
  const stock held = stock_of(after, variant);
  EXPECT_GE(held.reserved, answered); // some were committed and not answered any more
  EXPECT_LE(held.reserved, answered + connections);
  here().expect_audit_clean();

  // Those who got no answer ask again with the same key: whoever has an order already is told so, nobody gets
  // two.
  serve_all(here(), all, [](buyer& b, client& c) {
    if (b.status == 0)
      place(b, c);
    return true;
  });
  EXPECT_EQ(count(all, 201), pieces);
  EXPECT_EQ(count(all, 409), buyers - pieces);
  EXPECT_EQ(stock_of(after, variant), (stock{pieces, pieces, 0}));
}

} // namespace
} // namespace nexus::blackbox
