// Full carts that want the same few things, in opposite orders, over one node or two; and more of them than
// can be served.
#include "harness/shopping.hpp"

#include <atomic>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <sstream>

namespace nexus::blackbox {
namespace {

class race_carts : public shop_suite<race_carts> {
public:
  static environment variables() { return {{"NEXUS_LOG_LEVEL", "warn"}}; }

protected:
  client staff_ = here().staff();
  client guest_ = here().guest();
};

constexpr int buyers = 60, things = 6, pieces = 40;

struct buyer {
  std::string cart, email;
  std::vector<std::size_t> wants; // indices of variants, in the order in which they went into the cart
  reply answer;
};

// Each wants four of the six, or all of them; every other one took them up from the last to the first.
std::vector<buyer> fill_carts(shop& where, const std::vector<std::int64_t>& variants) {
  std::vector<buyer> all(buyers);
  client c = where.guest();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::size_t count = i % 3 == 0 ? variants.size() : variants.size() - 2;
    for (std::size_t k = 0; k < count; ++k)
      all[i].wants.push_back((i + k) % variants.size());
    if (i % 2 == 1)
      std::reverse(all[i].wants.begin(), all[i].wants.end());
    all[i].email = unique("carts") + "@example.com";
    all[i].cart = make_cart(c);
    for (const std::size_t wanted : all[i].wants)
      add_item(c, all[i].cart, variants[wanted]);
  }
  return all;
}

std::vector<std::int64_t> make_variants(client& staff, int count, int stock) {
  std::vector<std::int64_t> out;
  for (int i = 0; i < count; ++i)
    out.push_back(make_variant(staff, stock));
  return out;
}

// What the answers say must be what the stock says; and each refusal names things that were really gone.
void expect_sold_truly(client& staff, const std::vector<std::int64_t>& variants,
                       const std::vector<buyer>& all) {
  std::vector<int> sold(variants.size());
  for (const buyer& b : all) {
    if (b.answer.status == 201) {
      EXPECT_EQ(value_at(b.answer, "/items").as_array().size(), b.wants.size());
      for (const std::size_t wanted : b.wants)
        ++sold[wanted];
      continue;
    }
    ASSERT_TRUE(is_problem(b.answer, 409, "insufficient_stock"));
    const json::value errors = value_at(b.answer, "/errors");
    for (const json::value& e : errors.as_array())
      EXPECT_LT(number_at(e, "/available"), number_at(e, "/requested"));
    EXPECT_EQ(number_at(staff.get("orders/?count=true&email=" + b.email), "/count"), 0);
  }
  for (std::size_t i = 0; i < variants.size(); ++i)
    EXPECT_EQ(stock_of(staff, variants[i]), (stock{pieces, sold[i], pieces - sold[i]}));
  // All or nothing: whoever was refused could not be served from what is left either.
  for (const buyer& b : all)
    if (b.answer.status == 409)
      EXPECT_TRUE(
          std::any_of(b.wants.begin(), b.wants.end(), [&](std::size_t w) { return sold[w] == pieces; }));
}

TEST_F(race_carts, in_opposite_orders_are_served_whole_or_not_at_all) {
  const auto variants = make_variants(staff_, things, pieces);
  std::vector<buyer> all = fill_carts(here(), variants);
  std::vector<std::function<void()>> work;
  for (buyer& b : all)
    work.emplace_back([&b] {
      client c = here().guest();
      b.answer = c.post("orders/", order_body(b.cart, b.email));
    });
  at_once(work);
  expect_sold_truly(staff_, variants, all);
  here().expect_audit_clean();
}

TEST_F(race_carts, over_two_nodes_on_one_database_sell_what_is_there) {
  shop other({{"DATABASE_URL", here().database_url()}, {"NEXUS_WORKER", "off"}, {"NEXUS_LOG_LEVEL", "warn"}});
  other.start();
  const auto variants = make_variants(staff_, things, pieces);
  std::vector<buyer> all = fill_carts(here(), variants);
  std::vector<std::function<void()>> work;
  for (std::size_t i = 0; i < all.size(); ++i)
    work.emplace_back([&, i] {
      client c = i % 2 == 0 ? here().guest() : other.guest();
      all[i].answer = c.post("orders/", order_body(all[i].cart, all[i].email));
    });
  at_once(work);
  expect_sold_truly(staff_, variants, all);
  here().expect_audit_clean();
}

// Orders, cancellations and movements of the same things at once: nobody waits for ever, nothing is lost.
TEST_F(race_carts, beside_cancellations_and_movements_leave_the_books_true) {
  const auto variants = make_variants(staff_, things, pieces);
  std::vector<buyer> all = fill_carts(here(), variants);
  std::atomic<int> brought = 0;
  std::vector<std::function<void()>> work;
  for (std::size_t i = 0; i < all.size(); ++i)
    work.emplace_back([&, i] {
      client c = here().guest();
      buyer& b = all[i];
      b.answer = c.post("orders/", order_body(b.cart, b.email));
      EXPECT_TRUE(b.answer.status == 201 || is_problem(b.answer, 409, "insufficient_stock"));
      if (b.answer.status == 201 && i % 2 == 0)
        EXPECT_EQ(
            text_at(c.post("orders/" + text_at(b.answer, "/id") + "/cancel/?email=" + b.email), "/status"),
            "cancelled");
    });
  for (const std::int64_t variant : variants)
    for (const int quantity : {+3, -2})
      work.emplace_back([&, variant, quantity] {
        client c = client(here().port(), staff_.token());
        const reply r = c.post("inventory/" + std::to_string(variant) + "/movements/",
                               {{"quantity", quantity}, {"reason", "count"}});
        EXPECT_TRUE(r.status == 201 || is_problem(r, 409, "stock_reserved"));
        brought += r.status == 201 ? quantity : 0;
      });
  at_once(work);
  std::vector<int> held(variants.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].answer.status == 201 && i % 2 == 1)
      for (const std::size_t wanted : all[i].wants)
        ++held[wanted];
  std::int64_t on_hand = 0;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const stock now = stock_of(staff_, variants[i]);
    EXPECT_EQ(now.reserved, held[i]);
    on_hand += now.on_hand;
  }
  EXPECT_EQ(on_hand, things * pieces + brought);
  here().expect_audit_clean();
}

// ---- More than can be served ----

// The database stands still: all its processes are stopped, and go on at the end.
class stopped_database {
public:
  explicit stopped_database(int postmaster) : postmaster_(postmaster) { signal(SIGSTOP); }
  ~stopped_database() { signal(SIGCONT); }
  stopped_database(const stopped_database&) = delete;
  stopped_database& operator=(const stopped_database&) = delete;

private:
  void signal(int number) const {
    const std::string children =
        read_file(fmt::format("/proc/{0}/task/{0}/children", postmaster_)); // "12 13 14 "
    ::kill(postmaster_, number);
    std::istringstream in(children);
    for (int child = 0; in >> child;)
      ::kill(child, number);
  }
  const int postmaster_;
};

TEST_F(race_carts, beyond_what_waits_are_told_to_come_back_and_that_is_true) {
  constexpr std::size_t most = 6'000, wave = 250;
  const std::int64_t variant = make_variant(staff_, 10 * most);
  std::vector<std::string> carts(most);
  std::vector<std::function<void()>> fillers;
  for (std::size_t part = 0; part < 16; ++part)
    fillers.emplace_back([&, part] {
      client c = here().guest();
      for (std::size_t i = part; i < most; i += 16) {
        carts[i] = make_cart(c);
        add_item(c, carts[i], variant);
      }
    });
  at_once(fillers);

  std::vector<connection> waiting;
  const auto send_wave = [&] {
    for (std::size_t i = 0; i < wave && waiting.size() < most; ++i) {
      waiting.emplace_back(here().port());
      const std::string body = json::serialize(order_body(carts[waiting.size() - 1]));
      waiting.back().send(
          request_text("POST", "/api/v1/orders/", {{"Content-Type", "application/json"}}, body));
    }
  };
  {
    const stopped_database still(here().postmaster());
    // The one that came last is answered first of all: it alone does not wait.
    EXPECT_TRUE(eventually([&] {
      send_wave();
      return std::any_of(waiting.begin(), waiting.end(), [](connection& c) { return c.has_answer(); });
    }));
  }
  int placed = 0, refused = 0;
  for (connection& c : waiting) {
    const reply r = c.read_reply();
    if (r.status == 201) {
      ++placed;
      continue;
    }
    ++refused;
    EXPECT_TRUE(is_problem(r, 503, "service_unavailable"));
    EXPECT_TRUE(r.header("Retry-After"));
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(placed, 0);
  EXPECT_EQ(stock_of(staff_, variant).reserved, placed);
  here().expect_audit_clean();
  // And who comes back is served.
  for (std::size_t i = 0; i < waiting.size(); i += waiting.size() / 50) {
    const reply r = guest_.post("orders/", order_body(carts[i]));
    EXPECT_TRUE(r.status == 201 || is_problem(r, 409, "cart_ordered"));
  }
}

} // namespace
} // namespace nexus::blackbox
