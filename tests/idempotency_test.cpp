// One Idempotency-Key is one effect: at once, again, with another body, and when a process died in between.
#include "harness/shopping.hpp"

#include <atomic>
#include <csignal>

namespace nexus::blackbox {
namespace {

class idempotency : public shop_suite<idempotency> {
public:
  static environment variables() { return {{"NEXUS_LOG_LEVEL", "warn"}}; }
  static std::uint16_t port() { return here().port(); }

protected:
  client staff_ = here().staff();
  client guest_ = here().guest();
};

headers with_key(const std::string& key) { return {{"Idempotency-Key", key}}; }

std::string movements_of(std::int64_t variant) {
  return "inventory/" + std::to_string(variant) + "/movements/";
}
json::object delivery(int quantity) { return {{"quantity", quantity}, {"reason", "delivery"}}; }

// Asks as a patient client does: again, with the same key, while the first still runs.
reply ask(client& c, const std::string& target, const json::value& body, const std::string& key) {
  reply r;
  EXPECT_TRUE(eventually([&] {
    r = c.post(target, body, with_key(key));
    return r.status != 409 || text_at(r, "/code") != "idempotency_in_progress";
  }));
  return r;
}

// The same request fifty times at once. All get the very same answer, which is returned.
reply ask_fifty_times(const client& by, const std::string& target, const json::value& body) {
  const std::string key = unique("fifty");
  std::vector<reply> answers(50);
  std::vector<std::function<void()>> all;
  for (reply& answer : answers)
    all.emplace_back([&] {
      client c(idempotency::port(), by.token());
      answer = ask(c, target, body, key);
    });
  at_once(all);
  int fresh = 0;
  for (const reply& answer : answers) {
    EXPECT_TRUE(has_status(answer, 201));
    EXPECT_EQ(answer.body, answers.front().body);
    fresh += answer.header("Idempotent-Replayed") ? 0 : 1;
  }
  EXPECT_EQ(fresh, 1);
  return answers.front();
}

TEST_F(idempotency, fifty_orders_at_once_are_one) {
  const std::int64_t variant = make_variant(staff_, 100);
  const std::string cart = make_cart(guest_), email = unique("fifty") + "@example.com";
  add_item(guest_, cart, variant, 2);
  const reply made = ask_fifty_times(guest_, "orders/", order_body(cart, email));
  EXPECT_EQ(stock_of(staff_, variant), (stock{100, 2, 98}));
  const json::value all = staff_.get("orders/?count=true&email=" + email).json();
  EXPECT_EQ(number_at(all, "/count"), 1);
  EXPECT_EQ(text_at(all, "/results/0/id"), text_at(made, "/id"));
}

TEST_F(idempotency, fifty_carts_at_once_are_one) {
  const reply made = ask_fifty_times(guest_, "cart/", json::object{});
  EXPECT_TRUE(has_status(guest_.get("cart/" + text_at(made, "/id") + "/"), 200));
}

TEST_F(idempotency, fifty_cart_items_at_once_are_one) {
  const std::int64_t variant = make_variant(staff_, 100);
  const std::string cart = make_cart(guest_);
  ask_fifty_times(guest_, "cart/" + cart + "/items/", {{"variant_id", variant}, {"quantity", 3}});
  const json::value seen = guest_.get("cart/" + cart + "/").json();
  EXPECT_EQ(seen.at("items").as_array().size(), 1u);
  EXPECT_EQ(number_at(seen, "/items/0/quantity"), 3);
}

TEST_F(idempotency, fifty_movements_at_once_are_one) {
  const std::int64_t variant = make_variant(staff_, 10);
  ask_fifty_times(staff_, movements_of(variant), delivery(7));
  EXPECT_EQ(stock_of(staff_, variant), (stock{17, 0, 17}));
  const json::value ledger = staff_.get(movements_of(variant) + "?count=true").json();
  EXPECT_EQ(number_at(ledger, "/count"), 2) << "the opening stock and the delivery";
}

// Two requests under one key, twenty-five times each, at once: one of the two is done, once; who asks for the
// other is told that the key is taken.
TEST_F(idempotency, a_key_is_of_one_body_even_at_once) {
  const std::int64_t variant = make_variant(staff_, 100);
  const std::string carts[] = {make_cart(guest_), make_cart(guest_)}, key = unique("torn");
  for (const std::string& cart : carts)
    add_item(guest_, cart, variant);
  std::vector<reply> answers(50);
  std::vector<std::function<void()>> all;
  for (std::size_t i = 0; i < answers.size(); ++i)
    all.emplace_back([&, i] {
      client c = here().guest();
      answers[i] = ask(c, "orders/", order_body(carts[i % 2]), key);
    });
  at_once(all);
  const std::size_t winner = answers[0].status == 201 ? 0 : 1;
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (i % 2 == winner) {
      EXPECT_TRUE(has_status(answers[i], 201));
      EXPECT_EQ(answers[i].body, answers[winner].body);
    } else {
      EXPECT_TRUE(is_problem(answers[i], 422, "idempotency_key_reused"));
    }
  EXPECT_EQ(stock_of(staff_, variant).reserved, 1);
}

TEST_F(idempotency, another_body_is_refused_everywhere) {
  const std::int64_t variant = make_variant(staff_, 100);
  const std::string cart = make_cart(guest_), key = unique("other");
  const std::string items = "cart/" + cart + "/items/";
  EXPECT_TRUE(has_status(ask(guest_, items, {{"variant_id", variant}}, key), 201));
  EXPECT_TRUE(is_problem(ask(guest_, items, {{"variant_id", variant}, {"quantity", 2}}, key), 422,
                         "idempotency_key_reused"));
  EXPECT_TRUE(has_status(ask(guest_, "orders/", order_body(cart), key), 201)) << "a key is of one address";
  EXPECT_TRUE(is_problem(ask(guest_, "orders/", order_body(cart, "other@example.com"), key), 422,
                         "idempotency_key_reused"));
  EXPECT_TRUE(has_status(ask(staff_, movements_of(variant), delivery(1), key), 201));
  EXPECT_TRUE(
      is_problem(ask(staff_, movements_of(variant), delivery(2), key), 422, "idempotency_key_reused"));
  EXPECT_EQ(stock_of(staff_, variant), (stock{101, 1, 100}));
}

TEST_F(idempotency, a_stored_answer_outlives_the_server) {
  const std::int64_t variant = make_variant(staff_, 100);
  const std::string cart = make_cart(guest_), key = unique("crash");
  struct asked {
    bool by_staff;
    std::string target;
    json::value body;
    reply first;
  };
  std::vector<asked> all{{false, "cart/" + cart + "/items/", {{"variant_id", variant}, {"quantity", 2}}, {}},
                         {false, "orders/", order_body(cart), {}},
                         {true, movements_of(variant), delivery(5), {}}};
  for (asked& a : all) {
    a.first = ask(a.by_staff ? staff_ : guest_, a.target, a.body, key);
    ASSERT_TRUE(has_status(a.first, 201));
  }
  here().kill_hard();
  here().start();
  client staff = here().staff(), guest = here().guest();
  for (const asked& a : all) {
    const reply again = ask(a.by_staff ? staff : guest, a.target, a.body, key);
    EXPECT_TRUE(has_status(again, 201));
    EXPECT_EQ(again.body, a.first.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  }
  EXPECT_EQ(stock_of(staff, variant), (stock{105, 2, 103}));
}

// ---- What was under way when a process died ----

struct errand {
  std::string target, key, token;
  json::value body;
  reply answer; // status 0: none
};

// Orders, cart items and movements, one of each for every n.
std::vector<errand> errands(client& staff, client& guest, std::int64_t variant, int count) {
  std::vector<errand> out;
  for (int i = 0; i < count; ++i) {
    const std::string ordered = make_cart(guest), filled = make_cart(guest);
    add_item(guest, ordered, variant);
    out.push_back({"orders/", unique("errand"), "", order_body(ordered), {}});
    out.push_back({"cart/" + filled + "/items/", unique("errand"), "", {{"variant_id", variant}}, {}});
    out.push_back({movements_of(variant), unique("errand"), staff.token(), delivery(1), {}});
  }
  return out;
}

// Runs them over sixteen connections; strike() is called as soon as a third has been answered.
void run_until_struck(std::vector<errand>& all, const std::function<void()>& strike) {
  std::atomic<std::size_t> next = 0, answered = 0;
  at_once(std::vector<std::function<void()>>(16, [&] {
    for (std::size_t i = next++; i < all.size(); i = next++)
      try {
        client c(idempotency::port(), all[i].token);
        const reply r = c.post(all[i].target, all[i].body, with_key(all[i].key));
        if (r.status == 503) // the database was gone: it may or may not have been done
          continue;
        EXPECT_TRUE(has_status(r, 201));
        all[i].answer = r;
        if (++answered == all.size() / 3)
          strike();
      } catch (const connection_lost&) {
      }
  }));
  EXPECT_GE(answered, all.size() / 3);
  EXPECT_LT(answered, all.size()) << "it was to be struck in the middle";
}

// Everybody asks again with the same key: whoever was answered gets the same, the others are done once.
void ask_all_again(const std::vector<errand>& all) {
  for (const errand& e : all) {
    client c(idempotency::port(), e.token);
    reply again;
    EXPECT_TRUE(eventually([&] {
      again = ask(c, e.target, e.body, e.key);
      return again.status != 503;
    }));
    EXPECT_TRUE(has_status(again, 201));
    if (e.answer.status != 0) {
      EXPECT_EQ(again.body, e.answer.body);
      EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    }
  }
}

constexpr int each = 100;

TEST_F(idempotency, what_the_server_died_over_is_done_once) {
  const std::int64_t variant = make_variant(staff_, 1'000);
  std::vector<errand> all = errands(staff_, guest_, variant, each);
  run_until_struck(all, [] { here().signal(SIGKILL); });
  here().kill_hard();
  here().start();
  ask_all_again(all);
  client staff = here().staff();
  EXPECT_EQ(stock_of(staff, variant), (stock{1'000 + each, each, 1'000}));
  here().expect_audit_clean();
}

TEST_F(idempotency, what_the_database_died_over_is_done_once) {
  const std::int64_t variant = make_variant(staff_, 1'000);
  std::vector<errand> all = errands(staff_, guest_, variant, each);
  run_until_struck(all, [] { ::kill(here().postmaster(), SIGKILL); });
  ASSERT_TRUE(eventually([&] { return guest_.get("/readyz").status == 200; }, std::chrono::seconds{60}));
  ask_all_again(all);
  EXPECT_EQ(stock_of(staff_, variant), (stock{1'000 + each, each, 1'000}));
  here().expect_audit_clean();
}

} // namespace
} // namespace nexus::blackbox
