// Each fault of Chapa's at each moment, and the one right end of it. No row ends in silence: money that was
// taken is a completed order, or is noted as to be refunded.
#include "harness/shopping.hpp"
#include "harness/simulated_chapa.hpp"

#include <boost/json/serialize.hpp>
#include <random>

namespace nexus::blackbox {
namespace {

using namespace std::chrono_literals;

class fault_table : public shop_suite<fault_table> {
public:
  static environment variables() { return chapa().variables(); }
  static void SetUpTestSuite() {
    shop_suite<fault_table>::SetUpTestSuite();
    chapa().serve(here());
    chapa().tell("settings", json::object{{"webhook_retry_ms", 2'000}, {"refund_step_ms", 200}});
  }

protected:
  static simulated_chapa& chapa() {
    static simulated_chapa it;
    return it;
  }
  void TearDown() override {
    chapa().expect_all_struck();
    chapa().go_right();
  }

  client staff_ = here().staff();
};

// What the payer does on Chapa's page.
enum class payer { pays, declined, declined_then_pays, cancels, leaves };
// Whether the payer's browser comes back to the shop. One that does looks again until it is told the end.
enum class browser { comes_back, is_lost };

struct row {
  const char* name;
  std::vector<std::string> faults; // as a header has them: "verify:drop;count=2"
  payer payer = payer::pays;
  browser browser = browser::comes_back;
  const char* payment = "success";
  const char* order = "completed";
  // What became of an attempt that was not paid, once the shop has been told; nullptr: nothing is asked.
  const char* unpaid = nullptr;
};

constexpr const char* silent_webhook = "webhook:drop";
constexpr const char* silent_callback = "callback:drop";

std::vector<row> at_initialize() {
  return {
      {"late", {"initialize:delay;ms=1000"}},
      {"connection lost before it acts", {"initialize:drop;count=1"}},
      {"connection lost after it has acted", {"initialize:drop;count=1;acts=true"}},
      {"no answer, not done", {"initialize:timeout;count=1"}},
      {"no answer, but done", {"initialize:timeout;count=1;acts=true"}},
      {"500", {"initialize:status_500;count=1"}},
      {"500, but done", {"initialize:status_500;count=1;acts=true"}},
      {"429", {"initialize:status_429;count=1"}},
      {"HTML", {"initialize:html;count=1"}},
      {"HTML, but done", {"initialize:html;count=1;acts=true"}},
      {"half a JSON", {"initialize:half_json;count=1"}},
      {"an object for a message", {"initialize:object_message;count=1"}},
      {"refused", {"initialize:refuse;count=1"}},
      {"as documented", {"initialize:other_source"}},
      {"done, and then nobody knows it", {"initialize:drop;count=1;acts=true", "verify:unknown;count=1"}},
      {"done, and it cannot be cancelled", {"initialize:drop;count=1;acts=true", "cancel:status_500"}},
      {"done, and cancel is lost", {"initialize:drop;count=1;acts=true", "cancel:drop"}},
      {"done, and cancel is refused", {"initialize:drop;count=1;acts=true", "cancel:refuse"}},
      {"done, and cancel knows it not", {"initialize:drop;count=1;acts=true", "cancel:unknown"}},
  };
}

// Callback and webhook are silent: verify alone, asked by the payer's browser, tells.
std::vector<row> at_verify() {
  std::vector<row> rows{
      {"late", {"verify:delay;ms=1000"}},
      {"connection lost", {"verify:drop;count=2"}},
      {"no answer", {"verify:timeout;count=1"}},
      {"500", {"verify:status_500;count=2"}},
      {"429", {"verify:status_429;count=2"}},
      {"HTML", {"verify:html;count=2"}},
      {"half a JSON", {"verify:half_json;count=2"}},
      {"an object for a message", {"verify:object_message;count=2"}},
      {"pending for long", {"verify:pending;count=5"}},
      {"success after failure", {"verify:failed;count=2"}},
      {"a word nobody knows", {"verify:unknown_status;count=2"}},
      {"of another payment", {"verify:other_tx_ref;count=2"}},
      {"does not know it yet", {"verify:unknown;count=2"}},
      {"as documented", {"verify:other_source"}},
      {"as documented, not paid yet",
       {"verify:other_source"},
       payer::leaves,
       browser::comes_back,
       "pending",
       "pending"},
      {"pending for ever", {"verify:pending"}, payer::leaves, browser::comes_back, "pending", "pending"},
  };
  for (row& each : rows)
    if (each.payer == payer::pays) {
      each.faults.emplace_back(silent_webhook);
      each.faults.emplace_back(silent_callback);
    }
  return rows;
}

// The same, and the payer is lost, too: the shop asks by itself.
std::vector<row> at_verify_and_nobody_tells() {
  std::vector<row> rows = at_verify();
  std::erase_if(rows, [](const row& each) { return each.payer != payer::pays; });
  for (row& each : rows) {
    each.browser = browser::is_lost;
    for (std::string& text : each.faults)
      if (const auto at = text.find(";count="); at != std::string::npos)
        text.replace(at, std::string::npos, ";count=1");
  }
  return rows;
}

// Webhook and callback alone tell: the payer is lost. They are hints: what they say is asked for.
std::vector<row> at_messages() {
  std::vector<row> rows{
      {"webhook late", {"webhook:delay;ms=1500", silent_callback}},
      {"webhook ten times", {"webhook:repeat;times=10", silent_callback}},
      {"webhook of another sum", {"webhook:other_amount", silent_callback}},
      {"webhook in another currency", {"webhook:other_currency", silent_callback}},
      {"webhook in another mode", {"webhook:other_mode", silent_callback}},
      {"webhook says pending", {"webhook:pending", silent_callback}},
      {"webhook says failed", {"webhook:failed", silent_callback}},
      {"webhook says a word nobody knows", {"webhook:unknown_status", silent_callback}},
      {"webhook as documented", {"webhook:other_source", silent_callback}},
      {"webhook of another payment, callback true", {"webhook:other_tx_ref"}},
      {"webhook beside a forged one", {"webhook:forge", silent_callback}},
      {"webhooks overtake each other",
       {"webhook:reorder;count=1", silent_callback},
       payer::declined_then_pays},
      {"webhook lost, callback true", {silent_webhook}},
      {"callback late", {"callback:delay;ms=1500", silent_webhook}},
      {"callback ten times", {"callback:repeat;times=10", silent_webhook}},
      {"callback says failed", {"callback:failed", silent_webhook}},
      {"callback says pending", {"callback:pending", silent_webhook}},
      {"callback says a word nobody knows", {"callback:unknown_status", silent_webhook}},
      {"callback of another payment, webhook true", {"callback:other_tx_ref"}},
      {"callback lost, webhook true", {silent_callback}},
      {"callbacks overtake each other",
       {"callback:reorder;count=1", silent_webhook},
       payer::declined_then_pays},
      {"webhook comes when verify is away", {"verify:status_500;count=3", silent_callback}},
      {"webhook comes when verify is late to know", {"webhook:repeat;times=4", "verify:pending;count=1"}},
      // Nobody has paid, whatever is said.
      {"webhook lies of success",
       {"webhook:success"},
       payer::declined,
       browser::is_lost,
       "pending",
       "pending",
       "failed"},
      {"webhook is forged",
       {"webhook:forge"},
       payer::declined,
       browser::is_lost,
       "pending",
       "pending",
       "failed"},
      {"callback is forged",
       {"callback:forge"},
       payer::cancels,
       browser::is_lost,
       "pending",
       "pending",
       "cancelled"},
      {"callback lies of success",
       {"callback:success"},
       payer::cancels,
       browser::is_lost,
       "pending",
       "pending",
       "cancelled"},
  };
  for (row& each : rows)
    each.browser = browser::is_lost;
  return rows;
}

std::vector<row> at_redirect() {
  return {
      {"way back late", {"redirect:delay;ms=500"}},
      {"way back lost", {"redirect:drop"}, payer::pays, browser::is_lost},
      {"way back without an answer", {"redirect:timeout;ms=500"}, payer::pays, browser::is_lost},
      {"way back ends in a 500", {"redirect:status_500"}, payer::pays, browser::is_lost},
      {"way back ends at a proxy", {"redirect:html"}, payer::pays, browser::is_lost},
  };
}

// Money came, but not as it should: the order does not complete, and the money is noted as to go back.
std::vector<row> with_wrong_money() {
  return {
      {"less",
       {"verify:other_amount;value=60.00"},
       payer::pays,
       browser::comes_back,
       "refund_required",
       "pending"},
      {"more",
       {"verify:other_amount;value=200.00"},
       payer::pays,
       browser::comes_back,
       "refund_required",
       "pending"},
      {"dollars", {"verify:other_currency"}, payer::pays, browser::comes_back, "refund_required", "pending"},
      {"money that is none",
       {"verify:other_mode"},
       payer::pays,
       browser::comes_back,
       "refund_required",
       "pending"},
  };
}

// One payer's way through one row.
class journey {
public:
  journey(simulated_chapa& chapa, shop& where, const row& r, std::int64_t variant)
      : chapa_(chapa), shop_(where), row_(r), variant_(variant), email_(unique("row") + "@example.com"),
        client_(where.guest()) {}

  void go() {
    json::array faults;
    for (const std::string& text : row_.faults)
      faults.push_back(fault_of(text));
    if (!faults.empty())
      chapa_.go_wrong(faults);
    order_ = order_of(client_, variant_, 1, email_);
    start();
    act();
    ASSERT_TRUE(eventually([this] { return is_at_its_end(); }, 60s))
        << row_.name << ": the order is " << order_status_ << ", its payment " << payment_status_;
    if (row_.unpaid != nullptr)
      check_nothing_was_believed();
    check_the_money();
  }

private:
  json::object fault_of(const std::string& text) const {
    json::object out;
    for (std::size_t from = 0, number = 0; from <= text.size(); ++number) {
      const auto end = std::min(text.find(number == 0 ? ':' : ';', from), text.size());
      const std::string part = text.substr(from, end - from);
      const auto equals = part.find('=');
      if (number < 2)
        out[number == 0 ? "at" : "fault"] = part;
      else if (const std::string value = part.substr(equals + 1);
               value.find_first_not_of("0123456789") == std::string::npos)
        out[part.substr(0, equals)] = std::stoll(value);
      else
        out[part.substr(0, equals)] = value;
      from = end + 1;
    }
    out["email"] = email_;
    return out;
  }

  // As a payer who presses the button again where it did not work.
  void start() {
    ASSERT_TRUE(eventually(
        [this] {
          const reply r = client_.post("payment/initiate/" + order_.id + "/");
          if (r.status != 200) {
            EXPECT_TRUE(r.status == 502 || r.status == 409 || r.status == 503) << row_.name << ": " << r.body;
            return false;
          }
          payment_ = {text_at(r, "/payment_url"), text_at(r, "/tx_ref")};
          return true;
        },
        60s))
        << row_.name;
  }

  void press(const std::string& mobile, const std::string& action = "pay") {
    try {
      const reply r = pay_on_page(payment_, mobile, action);
      if (row_.browser == browser::comes_back && r.status == 303)
        follow(r);
    } catch (const connection_lost&) {
      EXPECT_EQ(row_.browser, browser::is_lost) << row_.name;
    }
  }

  void act() {
    if (row_.payer == payer::declined || row_.payer == payer::declined_then_pays)
      press("0911999999");
    if (row_.payer == payer::pays || row_.payer == payer::declined_then_pays)
      press("0900123456");
    if (row_.payer == payer::cancels)
      press("0900123456", "cancel");
  }

  bool is_at_its_end() {
    if (row_.browser == browser::comes_back)
      verify(client_, payment_.tx_ref);
    const json::value seen = order_as_guest(client_, order_);
    order_status_ = text_at(seen, "/status");
    payment_status_ = text_at(seen, "/payment/status");
    return order_status_ == row_.order && payment_status_ == row_.payment;
  }

  // The messages have come, forged and true ones, and nothing has moved but to what is true.
  void check_nothing_was_believed() {
    const auto has_been_told = [this] {
      int answered = 0;
      const json::value seen = chapa_.transaction(payment_.tx_ref);
      for (const json::value& each : seen.at("seen").as_array())
        answered += text_at(each, "/what").find("was answered") != std::string::npos ? 1 : 0;
      return answered >= 2;
    };
    EXPECT_TRUE(eventually(has_been_told)) << row_.name;
    EXPECT_EQ(text_at(verify(client_, payment_.tx_ref), "/status"), row_.unpaid) << row_.name;
    EXPECT_TRUE(is_at_its_end()) << row_.name;
  }

  // Chapa's books beside ours: what it took is what completed the order, or is noted as to be refunded.
  void check_the_money() {
    int taken = 0;
    for (const json::value& each : chapa_.transactions_of(email_))
      taken += text_at(each, "/status") == "success" ? 1 : 0;
    EXPECT_LE(taken, 1) << row_.name << ": charged twice";
    const bool is_accounted_for = order_status_ == "completed" || payment_status_ == "refund_required";
    EXPECT_EQ(taken == 1, is_accounted_for) << row_.name;
    if (order_status_ == "completed")
      EXPECT_TRUE(eventually([this] { return !shop_.receipts(order_.number).empty(); })) << row_.name;
    EXPECT_LE(shop_.receipts(order_.number).size(), 1U) << row_.name;
  }

  simulated_chapa& chapa_;
  shop& shop_;
  const row& row_;
  std::int64_t variant_;
  std::string email_;
  client client_;
  placed_order order_;
  payment payment_;
  std::string order_status_, payment_status_;
};

void go_through(simulated_chapa& chapa, shop& where, client& staff, const std::vector<row>& rows) {
  const std::int64_t variant = make_variant(staff, 1'000, "100.00");
  std::vector<std::function<void()>> all;
  for (const row& each : rows)
    all.emplace_back([&, variant] { journey(chapa, where, each, variant).go(); });
  at_once(all);
}

TEST_F(fault_table, of_initialize) { go_through(chapa(), here(), staff_, at_initialize()); }
TEST_F(fault_table, of_verify) { go_through(chapa(), here(), staff_, at_verify()); }
TEST_F(fault_table, of_verify_when_nobody_tells) {
  go_through(chapa(), here(), staff_, at_verify_and_nobody_tells());
}
TEST_F(fault_table, of_webhook_and_callback) { go_through(chapa(), here(), staff_, at_messages()); }
TEST_F(fault_table, of_the_way_back) { go_through(chapa(), here(), staff_, at_redirect()); }
TEST_F(fault_table, of_the_money) { go_through(chapa(), here(), staff_, with_wrong_money()); }

// Each webhook ten times, in random order, from sixteen connections, while the payers ask, too.
TEST_F(fault_table, of_repetition_settles_once) {
  constexpr int orders = 20, copies = 10, connections = 16;
  const std::int64_t variant = make_variant(staff_, 1'000, "100.00");
  client guest = here().guest();
  struct paid {
    placed_order order;
    payment pay;
    std::string webhook;
  };
  std::vector<paid> all;
  chapa().go_wrong({json::object{{"at", "webhook"}, {"fault", "drop"}},
                    json::object{{"at", "callback"}, {"fault", "drop"}}});
  for (int i = 0; i < orders; ++i) {
    paid each{order_of(guest, variant), {}, {}};
    each.pay = initiate(guest, each.order);
    ASSERT_TRUE(has_status(pay_on_page(each.pay), 303));
    each.webhook = json::serialize(json::object{{"event", "charge.success"},
                                                {"status", "success"},
                                                {"amount", "100.00"},
                                                {"currency", "ETB"},
                                                {"mode", "test"},
                                                {"tx_ref", each.pay.tx_ref}});
    all.push_back(std::move(each));
  }
  std::vector<const paid*> messages;
  for (const paid& each : all)
    messages.insert(messages.end(), copies, &each);
  std::shuffle(messages.begin(), messages.end(), std::mt19937(20261128));
  std::vector<std::function<void()>> work;
  for (int connection = 0; connection < connections; ++connection)
    work.emplace_back([&, connection] {
      client c = here().guest();
      for (std::size_t i = static_cast<std::size_t>(connection); i < messages.size(); i += connections) {
        const std::string& body = messages[i]->webhook;
        EXPECT_TRUE(
            has_status(c.call("POST", "payment/webhook/chapa/",
                              {{"Content-Type", "application/json"},
                               {"x-chapa-signature", hmac_sha256(simulated_chapa::webhook_secret(), body)}},
                              body),
                       200));
      }
    });
  for (int payers = 0; payers < 2; ++payers)
    work.emplace_back([&] {
      client c = here().guest();
      for (const paid& each : all)
        EXPECT_TRUE(has_status(verify(c, each.pay.tx_ref), 200));
    });
  at_once(work);
  for (const paid& each : all) {
    EXPECT_EQ(status_of(guest, each.order), "completed");
    EXPECT_TRUE(eventually([&] { return !here().receipts(each.order.number).empty(); }));
  }
  here().expect_audit_clean();
  for (const paid& each : all)
    EXPECT_EQ(here().receipts(each.order.number).size(), 1U);
  EXPECT_EQ(stock_of(staff_, variant), (stock{1'000, orders, 1'000 - orders}));
}

} // namespace
} // namespace nexus::blackbox
