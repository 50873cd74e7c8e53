#include "simulator/transactions.hpp"
#include "simulator/wire.hpp"
#include "turned_clock.hpp"

#include <gtest/gtest.h>

namespace nexus::chapa {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view paying = "0900123456";
constexpr std::string_view other = "0911111111";

struct transactions_test : ::testing::Test {
  const transaction& open(std::string tx_ref, std::int64_t minor = 100'00) {
    payment_request r;
    r.amount = {minor, nexus::currency::etb()};
    r.tx_ref = std::move(tx_ref);
    r.email = "abebe@example.com";
    r.title = "Shop";
    r.meta = boost::json::object{{"order", 7}};
    const transaction* made = all.initialize(r);
    EXPECT_NE(made, nullptr);
    return *made;
  }

  const refund& refund_of(const transaction& t, transactions::refund_request r) {
    return *std::get<transactions::refund_of>(all.refund_payment(t, r)).made;
  }
  refund_fault fault_of(const transaction& t, transactions::refund_request r) {
    return std::get<refund_fault>(all.refund_payment(t, r));
  }

  testing::turned_clock time;
  std::vector<boost::json::object> events;
  transactions all{{}, time, [this](const boost::json::object& event) { events.push_back(event); }};
};

money etb(std::int64_t minor) { return {minor, nexus::currency::etb()}; }

TEST_F(transactions_test, a_new_one_is_pending_and_has_no_reference) {
  const transaction& t = open("a");
  EXPECT_EQ(t.status, payment_status::pending);
  EXPECT_TRUE(t.reference.empty());
  EXPECT_EQ(all.find("a"), &t);
  EXPECT_EQ(all.find_by_token(t.token), &t);
  EXPECT_EQ(all.find("b"), nullptr);
}

TEST_F(transactions_test, a_reference_is_burned_for_ever) {
  const transaction& t = open("a");
  payment_request again;
  again.tx_ref = "a";
  EXPECT_EQ(all.initialize(again), nullptr);
  time.turn(48h);
  EXPECT_EQ(all.session_of(t), session_state::expired);
  EXPECT_EQ(all.initialize(again), nullptr);
  EXPECT_EQ(all.size(), 1U);
}

TEST_F(transactions_test, test_phones_pay_and_others_do_not) {
  for (const char* phone :
       {"0900123456", "0900112233", "0900881111", "0700123456", "0700112233", "0700881111"})
    EXPECT_TRUE(is_paying_mobile(phone)) << phone;
  for (const char* phone : {"0900123457", "0700000000", "0911223344", ""})
    EXPECT_FALSE(is_paying_mobile(phone)) << phone;
}

TEST_F(transactions_test, a_failed_attempt_can_be_followed_by_success) {
  const transaction& t = open("a");
  all.pay(t, other);
  EXPECT_EQ(t.status, payment_status::failed);
  EXPECT_FALSE(t.failure_reason.empty());
  const std::string reference = t.reference;
  EXPECT_FALSE(reference.empty());
  EXPECT_EQ(all.session_of(t), session_state::open);
  all.pay(t, paying);
  EXPECT_EQ(t.status, payment_status::success);
  EXPECT_EQ(t.reference, reference);
  EXPECT_TRUE(t.failure_reason.empty());
  EXPECT_EQ(all.find_by_either(reference), &t);
  EXPECT_EQ(all.find_by_either("a"), &t);
  EXPECT_EQ(all.session_of(t), session_state::paid);
  EXPECT_THROW(all.pay(t, paying), std::logic_error);
}

TEST_F(transactions_test, ten_attempts_and_no_more) {
  const transaction& t = open("a");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(all.session_of(t), session_state::open) << i;
    all.pay(t, other);
  }
  EXPECT_EQ(all.session_of(t), session_state::exhausted);
  EXPECT_EQ(t.status, payment_status::failed);
  EXPECT_THROW(all.pay(t, paying), std::logic_error);
}

TEST_F(transactions_test, a_session_ends_after_an_hour) {
  const transaction& t = open("a");
  time.turn(60min - 1us);
  EXPECT_EQ(all.session_of(t), session_state::open);
  time.turn(1us);
  EXPECT_EQ(all.session_of(t), session_state::expired);
  EXPECT_EQ(t.status, payment_status::pending);
  EXPECT_THROW(all.pay(t, paying), std::logic_error);
}

TEST_F(transactions_test, an_expired_link_leaves_the_payment_pending) {
  const transaction& t = open("a");
  EXPECT_TRUE(all.expire_link(t));
  EXPECT_EQ(t.status, payment_status::pending);
  EXPECT_EQ(all.session_of(t), session_state::expired);
  EXPECT_FALSE(all.expire_link(t));
}

TEST_F(transactions_test, a_paid_link_cannot_be_expired) {
  const transaction& t = open("a");
  all.pay(t, paying);
  EXPECT_FALSE(all.expire_link(t));
  EXPECT_EQ(t.status, payment_status::success);
}

TEST_F(transactions_test, the_payers_cancel_is_final) {
  const transaction& t = open("a");
  all.cancel(t);
  EXPECT_EQ(t.status, payment_status::cancelled);
  EXPECT_EQ(all.session_of(t), session_state::cancelled);
  EXPECT_THROW(all.cancel(t), std::logic_error);
}

TEST_F(transactions_test, refunds_never_exceed_the_payment) {
  const transaction& t = open("a", 100'00);
  EXPECT_EQ(fault_of(t, {}), refund_fault::not_paid);
  all.pay(t, paying);
  EXPECT_EQ(fault_of(t, {.amount = etb(100'01)}), refund_fault::too_much);
  EXPECT_EQ(refund_of(t, {.amount = etb(60'00), .reference = "r1"}).amount, etb(60'00));
  EXPECT_EQ(fault_of(t, {.amount = etb(40'01)}), refund_fault::too_much);
  EXPECT_EQ(fault_of(t, {.reference = "r1"}), refund_fault::reference_used);
  EXPECT_EQ(refund_of(t, {}).amount, etb(40'00));
  EXPECT_EQ(fault_of(t, {}), refund_fault::too_much);
}

TEST_F(transactions_test, a_refund_takes_its_time) {
  const transaction& t = open("a");
  all.pay(t, paying);
  const refund& r = refund_of(t, {.reference = "mine"});
  EXPECT_EQ(all.status_of(r), refund_status::initiated);
  time.turn(2s);
  EXPECT_EQ(all.status_of(r), refund_status::processing);
  EXPECT_TRUE(all.settle_due_refunds().empty());
  time.turn(2s);
  EXPECT_EQ(all.next_refund_due(), time.now());
  ASSERT_EQ(all.settle_due_refunds().size(), 1U);
  EXPECT_EQ(all.status_of(r), refund_status::refunded);
  EXPECT_EQ(t.status, payment_status::refunded);
  EXPECT_FALSE(all.next_refund_due());
  EXPECT_EQ(all.find_refund("mine")->made, &r);
  EXPECT_EQ(all.find_refund(r.ref)->made, &r);
  EXPECT_EQ(all.find_refund("a")->made, &r);
  EXPECT_EQ(all.find_refund(t.reference)->made, &r);
  EXPECT_FALSE(all.find_refund("other"));
}

TEST_F(transactions_test, a_part_refunded_leaves_the_payment_successful) {
  const transaction& t = open("a");
  all.pay(t, paying);
  refund_of(t, {.amount = etb(1'00)});
  time.turn(1h);
  EXPECT_EQ(all.settle_due_refunds().size(), 1U);
  EXPECT_EQ(t.status, payment_status::success);
}

TEST_F(transactions_test, the_events_alone_give_the_same_state) {
  open("pending");
  open("expired");
  all.expire_link(*all.find("expired"));
  all.pay(open("failed"), other);
  all.cancel(open("cancelled"));
  all.pay(open("paid", 12'34), paying);
  all.pay(open("refunded"), paying);
  refund_of(*all.find("refunded"), {.reason = "broken", .reference = "r"});
  time.turn(1min);
  all.settle_due_refunds();
  refund_of(*all.find("paid"), {.amount = etb(1)});

  transactions again({}, time, [](const boost::json::object&) { FAIL() << "replay records nothing"; });
  for (const auto& event : events)
    again.replay(event);
  ASSERT_EQ(again.size(), all.size());
  for (const transaction* t : all.page(1, 100)) {
    const transaction* other_t = again.find(t->request.tx_ref);
    ASSERT_NE(other_t, nullptr);
    EXPECT_EQ(to_json_text(verified(*t, false)), to_json_text(verified(*other_t, false)));
    EXPECT_EQ(to_json_text(logged(*t)), to_json_text(logged(*other_t)));
    EXPECT_EQ(t->token, other_t->token);
    EXPECT_EQ(all.session_of(*t), again.session_of(*other_t));
    ASSERT_EQ(t->refunds.size(), other_t->refunds.size());
    for (std::size_t i = 0; i < t->refunds.size(); ++i)
      EXPECT_EQ(to_json_text(refunded(*t, t->refunds[i], name_of(all.status_of(t->refunds[i])))),
                to_json_text(
                    refunded(*other_t, other_t->refunds[i], name_of(again.status_of(other_t->refunds[i])))));
  }
  EXPECT_EQ(all.next_refund_due(), again.next_refund_due());
}

TEST_F(transactions_test, what_cannot_be_recorded_does_not_happen) {
  transactions full({}, time, [](const boost::json::object&) { throw std::runtime_error("disk full"); });
  payment_request r;
  r.tx_ref = "a";
  EXPECT_THROW(full.initialize(r), std::runtime_error);
  EXPECT_EQ(full.find("a"), nullptr);
}

TEST_F(transactions_test, pages_are_newest_first) {
  for (int i = 1; i <= 25; ++i)
    open(std::to_string(i));
  EXPECT_EQ(all.page(1, 10).front()->request.tx_ref, "25");
  EXPECT_EQ(all.page(3, 10).size(), 5U);
  EXPECT_EQ(all.page(3, 10).back()->request.tx_ref, "1");
  EXPECT_TRUE(all.page(4, 10).empty());
}

TEST(charge, is_three_and_a_half_percent_rounded_half_up) {
  EXPECT_EQ(charge_of(etb(100'00)), etb(3'50));
  EXPECT_EQ(charge_of(etb(400'00)), etb(14'00));
  EXPECT_EQ(charge_of(etb(1)), etb(0));
  EXPECT_EQ(charge_of(etb(1'00)), etb(4));  // 3.5
  EXPECT_EQ(charge_of(etb(9'99)), etb(35)); // 34.965
  EXPECT_EQ(charge_of(etb(999'999'999)), etb(35'000'000));
}

TEST(mobile, is_read_as_people_write_it) {
  for (const char* written :
       {"0911223344", "+251911223344", "251911223344", "09 11 22 33 44", "0911-223-344"})
    EXPECT_EQ(normalize_mobile(written), "0911223344") << written;
  for (const char* written : {"", "0811223344", "091122334", "09112233445", "0911223a44", "09+11223344"})
    EXPECT_FALSE(normalize_mobile(written)) << written;
}

TEST(json_text, writes_numbers_in_plain_digits) {
  EXPECT_EQ(
      to_json_text(boost::json::value{{"a", 3.5}, {"b", {1, nullptr, "x\"y"}}, {"c", boost::json::object()}}),
      R"({"a":3.5,"b":[1,null,"x\"y"],"c":{}})");
  EXPECT_EQ(to_json_text(boost::json::array()), "[]");
}

} // namespace
} // namespace nexus::chapa
