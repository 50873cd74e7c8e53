#include "chaos_clients.hpp"

#include <boost/json/serialize.hpp>

namespace nexus::blackbox::chaos {

namespace {

using namespace std::chrono_literals;

// How long a client asks again before it lets a thing be. Longer than anything takes to come up again.
constexpr auto patience = 90s;

class customer {
public:
  customer(battlefield& field, std::uint64_t seed) : field_(field), random_(seed) {}

  memory run() {
    while (!field_.is_over)
      if (chance(15))
        move_stock();
      else
        shop();
    return std::move(memory_);
  }

private:
  struct timed {
    reply answer;
    moment sent_at;
  };

  int up_to(int most) { return std::uniform_int_distribution<int>(1, most)(random_); }
  bool chance(int percent) { return up_to(100) <= percent; }

  // Over the node whose turn it is; nullopt: no answer, or that the database is away. Whether anything was
  // done is then in doubt.
  std::optional<reply> try_once(std::string_view method, const std::string& target, const json::value* body,
                                headers with, bool as_staff) {
    const std::size_t node = turn_++ % field_.ports.size();
    try {
      client c(field_.ports[node], as_staff ? field_.staff_token : std::string());
      if (body != nullptr)
        with.emplace_back("Content-Type", "application/json");
      reply r = c.call(method, target, with, body == nullptr ? "" : json::serialize(*body));
      if (r.status != 503) {
        EXPECT_LT(r.status, 500) << r.body;
        return r;
      }
      EXPECT_TRUE(is_problem(r, 503, "service_unavailable"));
      EXPECT_TRUE(r.header("Retry-After"));
      ++memory_.unavailable;
    } catch (const connection_lost&) {
      ++memory_.lost;
    }
    return std::nullopt;
  }

  // Until it is answered. The time is that of the try that was answered.
  std::optional<timed> insist(std::string_view method, const std::string& target, const json::value* body,
                              const std::string& key, bool as_staff = false) {
    std::optional<timed> out;
    const headers with = key.empty() ? headers{} : headers{{"Idempotency-Key", key}};
    eventually(
        [&] {
          const moment sent_at = now();
          auto r = try_once(method, target, body, with, as_staff);
          if (r && !(r->status == 409 && text_at(*r, "/code") == "idempotency_in_progress"))
            out = timed{std::move(*r), sent_at};
          return out.has_value();
        },
        patience);
    return out;
  }
  std::optional<timed> post(const std::string& target, const json::value& body, const std::string& key = {},
                            bool as_staff = false) {
    return insist("POST", target, &body, key, as_staff);
  }

  void shop() {
    order_record o;
    o.email = unique("chaos") + "@example.com";
    o.key = unique("chaos");
    const std::string cart = fill_cart(o.wants);
    if (o.wants.empty())
      return;
    o.body = order_body(cart, o.email);
    if (chance(15)) { // sends it once and walks away, whatever comes
      const json::value body = o.body;
      const moment sent_at = now();
      if (const auto r = try_once("POST", "orders/", &body, {{"Idempotency-Key", o.key}}, false))
        note(o, *r, sent_at);
    } else if (const auto r = post("orders/", o.body, o.key)) {
      note(o, r->answer, r->sent_at);
    }
    if (o.last == told::placed) {
      if (chance(25))
        cancel(o);
      else if (chance(60))
        pay(o);
    }
    memory_.orders.push_back(std::move(o));
  }

  std::string fill_cart(std::vector<piece>& wants) {
    const auto made = post("cart/", json::object{}, unique("cart"));
    if (!made || made->answer.status != 201)
      return {};
    const std::string cart = text_at(made->answer, "/id");
    std::vector<std::int64_t> choice = field_.variants;
    std::shuffle(choice.begin(), choice.end(), random_);
    choice.resize(static_cast<std::size_t>(up_to(3)));
    for (const std::int64_t variant : choice) {
      const int quantity = up_to(3);
      const auto added =
          post("cart/" + cart + "/items/", {{"variant_id", variant}, {"quantity", quantity}}, unique("item"));
      if (!added)
        continue;
      if (added->answer.status == 201)
        wants.push_back({variant, quantity});
      else
        EXPECT_TRUE(is_problem(added->answer, 409, "insufficient_stock"));
    }
    return cart;
  }

  void note(order_record& o, const reply& r, moment sent_at) {
    if (r.status == 201) {
      o.answer = r.body;
      o.id = text_at(r, "/id");
      o.number = text_at(r, "/number");
      o.last = told::placed;
      return;
    }
    EXPECT_TRUE(is_problem(r, 409, "insufficient_stock"));
    const json::value errors = value_at(r, "/errors");
    for (const json::value& e : errors.as_array())
      memory_.refusals.push_back({number_at(e, "/variant_id"), number_at(e, "/requested"),
                                  number_at(e, "/available"), sent_at, now()});
    o.key.clear(); // there is no such order
  }

  void cancel(order_record& o) {
    const auto r = insist("POST", "orders/" + o.id + "/cancel/?email=" + o.email, nullptr, {});
    o.is_doubtful = !r;
    if (!r)
      return;
    EXPECT_TRUE(r->answer.status == 200 || is_problem(r->answer, 409, "order_expired"));
    o.last = r->answer.status == 200 ? told::cancelled : told::expired;
  }

  void pay(order_record& o) {
    const auto begun = insist("POST", "payment/initiate/" + o.id + "/", nullptr, {});
    if (!begun || begun->answer.status != 200) {
      if (begun && begun->answer.status == 409 && text_at(begun->answer, "/code") == "order_expired")
        o.last = told::expired;
      return; // not begun, so nothing was paid
    }
    const std::string tx_ref = text_at(begun->answer, "/tx_ref");
    field_.chapa->say(tx_ref, {{"status", "success"}});
    const auto r = insist("GET", "payment/verify/" + tx_ref + "/", nullptr, {});
    o.is_doubtful = !r || r->answer.status != 200;
    if (o.is_doubtful)
      return;
    const std::string status = text_at(r->answer, "/status");
    o.last = status == "success" ? told::paid : told::paid_too_late;
    EXPECT_TRUE(status == "success" || status == "refund_required") << status;
  }

  void move_stock() {
    movement_record m;
    m.variant =
        field_.variants[static_cast<std::size_t>(up_to(static_cast<int>(field_.variants.size())) - 1)];
    m.quantity = chance(60) ? up_to(8) : -up_to(4);
    m.key = unique("movement");
    m.body = {{"quantity", m.quantity}, {"reason", "chaos"}, {"note", m.key}};
    const auto r = post("inventory/" + std::to_string(m.variant) + "/movements/", m.body, m.key, true);
    if (r && r->answer.status == 409) {
      EXPECT_TRUE(is_problem(r->answer, 409, "stock_reserved"));
      memory_.refusals.push_back(
          {m.variant, -m.quantity, number_at(r->answer, "/available"), r->sent_at, now()});
      return;
    }
    if (r) {
      EXPECT_TRUE(has_status(r->answer, 201));
      m.answer = r->answer.body;
    }
    memory_.movements.push_back(std::move(m));
  }

  battlefield& field_;
  std::mt19937_64 random_;
  std::size_t turn_ = 0;
  memory memory_;
};

} // namespace

moment now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

memory shop_until_the_end(battlefield& field, std::uint64_t seed) { return customer(field, seed).run(); }

} // namespace nexus::blackbox::chaos
