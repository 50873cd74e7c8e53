// Each fault of Chapa's on the way back of the money, and a shop that nobody tells anything: all ends right
// by itself.
#include "harness/shopping.hpp"
#include "harness/simulated_chapa.hpp"

namespace nexus::blackbox {
namespace {

using namespace std::chrono_literals;

class refund_faults : public shop_suite<refund_faults> {
public:
  static environment variables() {
    environment out = chapa().variables();
    out["REFUND_AUTOMATICALLY"] = "on";
    return out;
  }
  static void SetUpTestSuite() {
    shop_suite<refund_faults>::SetUpTestSuite();
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

struct row {
  const char* name;
  std::vector<json::object> faults;
  // How the first refund ends. Where it is not "refunded", staff ask again, and that one arrives.
  const char* first = "refunded";
};

json::object fault(const char* at, const char* what, json::object more = {}) {
  json::object out{{"at", at}, {"fault", what}};
  for (const auto& [name, value] : more)
    out[name] = value;
  return out;
}

const json::object once{{"count", 1}}, once_done{{"count", 1}, {"acts", true}}, twice{{"count", 2}};

std::vector<row> rows() {
  return {
      {"all goes well", {}},
      {"late", {fault("refund", "delay", {{"ms", 1'500}})}},
      {"connection lost before it acts", {fault("refund", "drop", once)}},
      {"connection lost after it has acted", {fault("refund", "drop", once_done)}},
      {"no answer, not done", {fault("refund", "timeout", once)}},
      {"no answer, but done", {fault("refund", "timeout", once_done)}},
      {"500", {fault("refund", "status_500", once)}},
      {"500, but done", {fault("refund", "status_500", once_done)}},
      {"429", {fault("refund", "status_429", once)}},
      {"HTML", {fault("refund", "html", once)}},
      {"HTML, but done", {fault("refund", "html", once_done)}},
      {"half a JSON", {fault("refund", "half_json", once)}},
      {"an object for a message", {fault("refund", "object_message", once)}, "failed"},
      {"refused", {fault("refund", "refuse", once)}, "failed"},
      {"of a transaction that it does not know", {fault("refund", "unknown", once)}, "failed"},
      {"comes back", {fault("refund", "reversed", once)}, "reversed"},
      {"asking is late", {fault("verify_refund", "delay", {{"ms", 1'000}})}},
      {"asking is cut off", {fault("verify_refund", "drop", twice)}},
      {"asking ends in a 500", {fault("verify_refund", "status_500", twice)}},
      {"asking too often", {fault("verify_refund", "status_429", twice)}},
      {"asking ends at a proxy", {fault("verify_refund", "html", twice)}},
      {"asking gives half a JSON", {fault("verify_refund", "half_json", twice)}},
      {"asking gives an object for a message", {fault("verify_refund", "object_message", twice)}},
      {"processing for long", {fault("verify_refund", "pending", twice)}},
      {"a word nobody knows", {fault("verify_refund", "unknown_status", twice)}},
      {"not known at first", {fault("verify_refund", "unknown", once)}},
      {"lost, and then not known",
       {fault("refund", "drop", once_done), fault("verify_refund", "unknown", once)}},
      {"told twice and forged", {fault("webhook", "repeat", {{"times", 5}}), fault("webhook", "forge")}},
      {"nobody is told", {fault("webhook", "drop")}},
  };
}

std::string status_of_refund(client& staff, const std::string& tx_ref, std::size_t number) {
  const json::value all = expect_body(staff.get("payment/" + tx_ref + "/refunds/"), 200);
  const json::array& results = all.at("results").as_array();
  return number < results.size() ? text_at(results[number], "/status") : "";
}

// What Chapa has given back, or will.
std::int64_t given_back(simulated_chapa& chapa, const std::string& tx_ref) {
  std::int64_t hundredths = 0;
  const json::value seen = chapa.transaction(tx_ref);
  for (const json::value& each : seen.at("refunds").as_array())
    if (text_at(each, "/status") != "reversed") {
      std::string amount = text_at(each, "/amount");
      amount.erase(amount.find('.'), 1);
      hundredths += std::stoll(amount);
    }
  return hundredths;
}

void go_through(simulated_chapa& chapa, shop& where, client staff, const row& r, std::int64_t variant) {
  client guest = where.guest();
  const std::string email = unique("refund") + "@example.com";
  const placed_order o = order_of(guest, variant, 1, email);
  const payment p = initiate(guest, o);
  follow(pay_on_page(p));
  ASSERT_EQ(status_of(guest, o), "completed") << r.name;
  json::array faults;
  for (json::object each : r.faults) {
    each["email"] = email;
    faults.push_back(std::move(each));
  }
  if (!faults.empty())
    chapa.go_wrong(faults);
  const auto ask = [&](std::size_t number, const std::string& end) {
    const reply asked = staff.post("payment/" + p.tx_ref + "/refunds/", {{"reason", r.name}});
    ASSERT_TRUE(has_status(asked, 201)) << r.name;
    EXPECT_TRUE(eventually([&] { return status_of_refund(staff, p.tx_ref, number) == end; }, 90s))
        << r.name << ": the refund is " << status_of_refund(staff, p.tx_ref, number);
  };
  ask(0, r.first);
  if (std::string_view(r.first) != "refunded")
    ask(1, "refunded");
  EXPECT_EQ(given_back(chapa, p.tx_ref), 10'000) << r.name << ": once, and all of it";
  const json::value order = order_as_guest(guest, o);
  EXPECT_EQ(text_at(order, "/status"), "refunded") << r.name;
  EXPECT_EQ(text_at(order, "/payment/refunded"), "100.00") << r.name;
}

TEST_F(refund_faults, end_with_the_money_back_once) {
  const std::int64_t variant = make_variant(staff_, 1'000, "100.00");
  const std::vector<row> all = rows();
  std::vector<std::function<void()>> work;
  for (const row& each : all)
    work.emplace_back([&, variant] { go_through(chapa(), here(), here().staff(), each, variant); });
  at_once(work);
  EXPECT_EQ(stock_of(staff_, variant), (stock{1'000, 0, 1'000}));
  here().expect_audit_clean();
}

// A refund that stands still at Chapa stands still here, visibly, and arrives when it moves.
TEST_F(refund_faults, that_stand_still_are_seen_to) {
  const std::int64_t variant = make_variant(staff_, 10, "100.00");
  client guest = here().guest();
  chapa().go_wrong({fault("refund", "stuck")});
  const placed_order o = order_of(guest, variant);
  const payment p = initiate(guest, o);
  follow(pay_on_page(p));
  ASSERT_TRUE(has_status(staff_.post("payment/" + p.tx_ref + "/refunds/", {{"amount", "40.00"}}), 201));
  ASSERT_TRUE(eventually([&] { return given_back(chapa(), p.tx_ref) == 4'000; }));
  const reply too_much = staff_.post("payment/" + p.tx_ref + "/refunds/", {{"amount", "60.01"}});
  EXPECT_TRUE(is_problem(too_much, 409, "refund_exceeds_captured")) << "what is on its way is reserved";
  const json::value seen = chapa().transaction(p.tx_ref);
  const std::string ref = text_at(seen, "/refunds/0/ref");
  for (const char* status : {"processing", "refunded"}) {
    chapa().tell("refunds/" + ref, json::object{{"status", status}});
    EXPECT_TRUE(eventually([&] { return status_of_refund(staff_, p.tx_ref, 0) == status; }, 60s)) << status;
  }
  EXPECT_EQ(text_at(order_as_guest(guest, o), "/payment/status"), "partially_refunded");
  EXPECT_EQ(status_of(guest, o), "completed");
}

// Money that cannot be used for its order goes back by itself; where Chapa refuses, that is not silent
// either.
TEST_F(refund_faults, of_wrong_money_start_by_themselves) {
  const std::int64_t variant = make_variant(staff_, 100, "100.00");
  const struct {
    const char* what;
    json::object lie;
    const char* end;
    std::int64_t back;
  } cases[] = {
      {"less", {{"fault", "other_amount"}, {"value", "60.00"}}, "refunded", 6'000},
      {"more than Chapa knows of", {{"fault", "other_amount"}, {"value", "200.00"}}, "failed", 0},
      {"another mode", {{"fault", "other_mode"}}, "refunded", 10'000},
  };
  for (const auto& each : cases) {
    client guest = here().guest();
    const std::string email = unique("wrong") + "@example.com";
    json::object lie = each.lie;
    lie["at"] = "verify";
    lie["email"] = email;
    chapa().go_wrong({lie});
    const placed_order o = order_of(guest, variant, 1, email);
    const payment p = initiate(guest, o);
    pay_on_page(p);
    EXPECT_TRUE(eventually([&] { return status_of_refund(staff_, p.tx_ref, 0) == each.end; }, 60s))
        << each.what << ": " << status_of_refund(staff_, p.tx_ref, 0);
    EXPECT_EQ(given_back(chapa(), p.tx_ref), each.back) << each.what;
    EXPECT_NE(status_of(guest, o), "completed") << each.what;
  }
}

// No webhook and no callback ever comes, and no payer comes back.
TEST_F(refund_faults, and_lost_messages_keep_no_order_open) {
  constexpr int orders = 40;
  const std::int64_t variant = make_variant(staff_, 1'000, "100.00");
  client guest = here().guest();
  chapa().go_wrong({fault("webhook", "drop"), fault("callback", "drop")});
  std::vector<placed_order> all;
  for (int i = 0; i < orders; ++i) {
    all.push_back(order_of(guest, variant));
    ASSERT_TRUE(has_status(pay_on_page(initiate(guest, all.back())), 303));
  }
  const auto paid = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually(
      [&] {
        return std::ranges::all_of(all,
                                   [&](const placed_order& o) { return status_of(guest, o) == "completed"; });
      },
      60s))
      << "every paid order settles within a minute";
  RecordProperty(
      "seconds",
      static_cast<int>(
          std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - paid).count()));
}

} // namespace
} // namespace nexus::blackbox
