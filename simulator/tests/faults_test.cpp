#include "simulator/faults.hpp"

#include <gtest/gtest.h>

namespace nexus::chapa {
namespace {

using namespace std::chrono_literals;

rule rule_of(std::string_view text) {
  auto parsed = parse_rule(text);
  if (const auto* wrong = std::get_if<rule_fault>(&parsed))
    throw std::runtime_error(*wrong);
  return std::get<rule>(parsed);
}

treatment treated(std::initializer_list<std::string_view> texts) {
  std::vector<fault> struck;
  for (const std::string_view text : texts)
    struck.push_back(rule_of(text).fault);
  return combine(struck);
}

TEST(faults, are_read_from_text) {
  const rule r = rule_of("verify:delay; ms=250; percent=40; count=3; after=2; tx_ref=a; email=b@example.com");
  EXPECT_EQ(r.fault.at, moment::verify);
  EXPECT_EQ(r.fault.what, fault_kind::delay);
  EXPECT_EQ(r.fault.ms, 250ms);
  EXPECT_EQ(r.percent, 40);
  EXPECT_EQ(r.count, 3);
  EXPECT_EQ(r.after, 2);
  EXPECT_EQ(r.tx_ref, "a");
  EXPECT_EQ(r.email, "b@example.com");
  EXPECT_EQ(rule_of("webhook:other_amount;value=12.50").fault.value, "12.50");
  EXPECT_EQ(rule_of("webhook:other_amount").fault.value, "1.00");
  EXPECT_FALSE(rule_of("initialize:status_500").fault.acts);
  EXPECT_TRUE(rule_of("initialize:status_500;acts=true").fault.acts);
  EXPECT_TRUE(rule_of("redirect:status_500").fault.acts) << "the payer has pressed the button";
}

TEST(faults, that_make_no_sense_are_refused) {
  for (const std::string_view text :
       {"", "webhook", "nowhere:drop", "webhook:explode", "webhook:status_500", "initialize:repeat",
        "initialize:pending", "verify:reversed", "callback:other_amount", "webhook:drop;count=0",
        "webhook:drop;percent=101", "webhook:drop;percent=x", "webhook:drop;colour=red",
        "webhook:drop;count"})
    EXPECT_TRUE(std::holds_alternative<rule_fault>(parse_rule(text))) << text;
}

TEST(faults, every_kind_fits_somewhere_and_survives_json) {
  int fitting = 0;
  for (const std::string_view what : fault_names) {
    bool anywhere = false;
    for (const std::string_view at : moment_names) {
      const auto parsed = parse_rule(boost::json::object{{"at", at}, {"fault", what}, {"count", 2}});
      if (const auto* good = std::get_if<rule>(&parsed)) {
        const auto again = parse_rule(to_json(*good));
        ASSERT_TRUE(std::holds_alternative<rule>(again)) << at << ":" << what;
        EXPECT_EQ(to_json(std::get<rule>(again)), to_json(*good));
        anywhere = true;
        ++fitting;
      }
    }
    EXPECT_TRUE(anywhere) << what;
  }
  EXPECT_GT(fitting, 60);
}

TEST(faults, several_are_read_in_one_line) {
  const auto all = std::get<std::vector<rule>>(parse_rules("webhook:drop, callback:delay;ms=5"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].fault.ms, 5ms);
  EXPECT_TRUE(std::holds_alternative<rule_fault>(parse_rules("webhook:drop, x")));
}

TEST(faults, of_one_call_are_combined) {
  const treatment none = combine({});
  EXPECT_TRUE(none.acts && none.is_sent && !none.instead && none.says.empty());
  EXPECT_EQ(none.copies, 1);
  const treatment late =
      treated({"verify:delay;ms=10", "verify:delay;ms=5", "verify:pending", "verify:other_amount"});
  EXPECT_EQ(late.delay, 15ms);
  EXPECT_EQ(late.says, (boost::json::object{{"status", "pending"}, {"amount", "1.00"}}));
  EXPECT_FALSE(treated({"initialize:status_500"}).acts);
  EXPECT_TRUE(treated({"initialize:status_500;acts=true"}).acts);
  EXPECT_EQ(treated({"initialize:timeout"}).hold, 60s);
  EXPECT_EQ(treated({"initialize:timeout;ms=5"}).hold, 5ms);
  EXPECT_EQ(treated({"initialize:drop"}).instead, fault_kind::drop) << "a call is not answered";
  EXPECT_TRUE(treated({"initialize:drop"}).is_sent);
  EXPECT_FALSE(treated({"webhook:drop"}).is_sent);
  EXPECT_FALSE(treated({"webhook:drop"}).instead);
  EXPECT_EQ(treated({"webhook:repeat;times=10"}).copies, 10);
  EXPECT_TRUE(treated({"webhook:reorder"}).is_reordered);
  EXPECT_TRUE(treated({"refund:reversed"}).is_reversed);
}

TEST(fault_plan, strikes_whom_it_names_as_often_as_it_says) {
  fault_plan plan;
  plan.add(rule_of("verify:status_500;tx_ref=a;after=1;count=2"));
  EXPECT_TRUE(plan.strike(moment::verify, {"b", ""}).empty());
  EXPECT_TRUE(plan.strike(moment::webhook, {"a", ""}).empty());
  EXPECT_TRUE(plan.strike(moment::verify, {"a", ""}).empty()) << "the first passes";
  EXPECT_EQ(plan.strike(moment::verify, {"a", ""}).size(), 1U);
  EXPECT_EQ(plan.strike(moment::verify, {"a", ""}).size(), 1U);
  EXPECT_TRUE(plan.strike(moment::verify, {"a", ""}).empty()) << "never again";
  EXPECT_EQ(plan.entries().front().struck, 2);
  const auto id = plan.add(rule_of("verify:delay;email=x@example.com"));
  EXPECT_EQ(plan.strike(moment::verify, {"c", "x@example.com"}).size(), 1U);
  EXPECT_TRUE(plan.remove(id));
  EXPECT_FALSE(plan.remove(id));
  EXPECT_TRUE(plan.strike(moment::verify, {"c", "x@example.com"}).empty());
}

TEST(fault_plan, chance_comes_from_the_seed) {
  const auto run = [](std::uint64_t seed) {
    fault_plan plan(seed);
    plan.add(rule_of("webhook:drop;percent=30"));
    std::string out;
    for (int i = 0; i < 1'000; ++i)
      out += plan.strike(moment::webhook, {"a", ""}).empty() ? '.' : 'x';
    return out;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
  const auto struck = std::ranges::count(run(1), 'x');
  EXPECT_GT(struck, 230);
  EXPECT_LT(struck, 370);
}

} // namespace
} // namespace nexus::chapa
