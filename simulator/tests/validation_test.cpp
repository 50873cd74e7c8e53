#include "simulator/validation.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace nexus::chapa {
namespace {

namespace json = boost::json;

json::object valid() { return {{"amount", "100"}, {"currency", "ETB"}, {"tx_ref", "tx-1"}}; }

// The complaint as JSON; empty where there is none.
std::string complaint_of(const json::object& fields, bool documented = false) {
  const auto out = validate_payment(fields, documented);
  const auto* found = std::get_if<json::value>(&out);
  return found ? json::serialize(*found) : "";
}

std::string with(std::string_view name, json::value value, bool documented = false) {
  json::object fields = valid();
  fields[name] = std::move(value);
  return complaint_of(fields, documented);
}

payment_request accepted(std::string_view name, json::value value) {
  json::object fields = valid();
  fields[name] = std::move(value);
  return std::get<payment_request>(validate_payment(fields, false));
}

TEST(validation, the_least_is_enough) {
  const auto out = std::get<payment_request>(validate_payment(valid(), false));
  EXPECT_EQ(out.amount, (money{100'00, nexus::currency::etb()}));
  EXPECT_EQ(out.tx_ref, "tx-1");
  EXPECT_FALSE(out.email);
  EXPECT_TRUE(out.meta.is_null());
}

TEST(validation, every_missing_field_is_named) {
  EXPECT_EQ(complaint_of({}), R"({"amount":["validation.required"],"currency":["validation.required"],)"
                              R"("tx_ref":["validation.required"]})");
  EXPECT_EQ(with("amount", ""), R"({"amount":["validation.required"]})");
  EXPECT_EQ(with("tx_ref", nullptr), R"({"tx_ref":["validation.required"]})");
}

TEST(validation, amounts) {
  EXPECT_EQ(with("amount", "0"), R"({"amount":["validation.min.numeric"]})");
  EXPECT_EQ(with("amount", "-1"), R"({"amount":["validation.min.numeric"]})");
  EXPECT_EQ(with("amount", 0), R"({"amount":["validation.min.numeric"]})");
  for (const char* text : {"1,000", "ten", "1e3", "0x10", "1.234", "99999999999999999999"})
    EXPECT_EQ(with("amount", text), R"({"amount":["validation.numeric"]})") << text;
  EXPECT_EQ(with("amount", "1000000"), "");
  EXPECT_EQ(with("amount", "1000000.01"), R"({"amount":["The amount must not exceed 1000000."]})");
  EXPECT_EQ(with("amount", "9999999.99", true), "");
  EXPECT_EQ(with("amount", "10000000", true), R"({"amount":["The amount must not exceed 9999999.99."]})");
  EXPECT_EQ(accepted("amount", "12.5").amount.minor, 1250);
  EXPECT_EQ(accepted("amount", 12.5).amount.minor, 1250);
  EXPECT_EQ(accepted("amount", 12).amount.minor, 1200);
  EXPECT_EQ(accepted("amount", "12.000").amount.minor, 1200);
  EXPECT_EQ(with("amount", json::array{1}), R"({"amount":["validation.string"]})");
}

TEST(validation, currencies) {
  EXPECT_EQ(with("currency", "USD"), "");
  EXPECT_EQ(with("currency", "EUR"), R"("Invalid currency, EUR is not supported")");
}

TEST(validation, references) {
  EXPECT_EQ(with("tx_ref", json::string(50, 'x')), "");
  EXPECT_EQ(with("tx_ref", json::string(51, 'x')),
            R"({"tx_ref":["The tx ref must not exceed 50 characters."]})");
}

TEST(validation, persons) {
  EXPECT_EQ(with("email", "abebe@example.com"), "");
  for (const char* text :
       {"abebe", "abebe@", "@example.com", "a b@example.com", "a@b@c.d", "a@example", "a@example."})
    EXPECT_EQ(with("email", text), R"({"email":["validation.email"]})") << text;
  EXPECT_EQ(with("phone_number", "0911223344"), "");
  EXPECT_EQ(with("phone_number", "0711223344"), "");
  for (const char* text : {"911223344", "+251911223344", "0811223344", "09112233445"})
    EXPECT_EQ(with("phone_number", text), R"({"phone_number":["validation.phone_number"]})") << text;
}

TEST(validation, addresses) {
  EXPECT_EQ(with("return_url", "https://shop.example/paid/x"), "");
  EXPECT_EQ(with("return_url", "javascript:alert(1)"), R"({"return_url":["validation.url"]})");
  EXPECT_EQ(with("callback_url", "http://a/\r\nX: y"), R"({"callback_url":["validation.url"]})");
}

TEST(validation, customization) {
  EXPECT_EQ(with("customization", {{"title", "Sixteen letters_"}, {"description", "Order A-1. Thanks"}}), "");
  EXPECT_EQ(with("customization", {{"title", "Seventeen letters"}}),
            R"({"customization.title":["The customization.title must not exceed 16 characters."]})");
  EXPECT_EQ(
      with("customization", {{"description", json::string(51, 'x')}}),
      R"({"customization.description":["The customization.description must not exceed 50 characters."]})");
  EXPECT_NE(with("customization", {{"title", "Order #1"}}).find("may only contain letters"),
            std::string::npos);
  EXPECT_NE(with("customization", {{"description", "a, b"}}).find("may only contain letters"),
            std::string::npos);
}

TEST(validation, all_faults_at_once) {
  EXPECT_EQ(complaint_of({{"amount", "0"}, {"currency", "ETB"}, {"tx_ref", "a"}, {"email", "x"}}),
            R"({"amount":["validation.min.numeric"],"email":["validation.email"]})");
}

TEST(validation, meta_is_an_object_or_a_text_of_one) {
  EXPECT_EQ(json::serialize(accepted("meta", json::object{{"a", 1}}).meta), R"({"a":1})");
  EXPECT_EQ(json::serialize(accepted("meta", R"({"a":1})").meta), R"({"a":1})");
  EXPECT_EQ(with("meta", "a"), R"({"meta":["validation.array"]})");
}

TEST(fields, are_read_from_json_and_forms_alike) {
  const std::string wanted = R"({"amount":"1","customization":{"title":"A b","description":"c"}})";
  EXPECT_EQ(json::serialize(read_fields(
                "application/json", R"({"amount":"1","customization":{"title":"A b","description":"c"}})")),
            wanted);
  EXPECT_EQ(json::serialize(read_fields(
                "application/json",
                R"({"amount":"1","customization[title]":"A b","customization[description]":"c"})")),
            wanted);
  EXPECT_EQ(
      json::serialize(read_fields("application/x-www-form-urlencoded; charset=UTF-8",
                                  "amount=1&customization%5Btitle%5D=A+b&customization[description]=c")),
      wanted);
}

TEST(fields, that_cannot_be_read_are_none) {
  EXPECT_TRUE(read_fields("application/json", "{\"amount\":").empty());
  EXPECT_TRUE(read_fields("application/json", "[1]").empty());
  EXPECT_TRUE(read_fields("", "").empty());
  EXPECT_TRUE(read_fields("application/x-www-form-urlencoded", "a=%zz").empty());
}

TEST(validation, text_that_is_no_utf8_is_refused) {
  EXPECT_EQ(
      complaint_of(read_fields("application/x-www-form-urlencoded", "amount=1&currency=ETB&tx_ref=%ff%fe")),
      R"({"tx_ref":["validation.string"]})");
}

TEST(validation, refunds) {
  const auto etb = nexus::currency::etb();
  const auto all = std::get<transactions::refund_request>(validate_refund({}, etb));
  EXPECT_FALSE(all.amount);
  const auto part = std::get<transactions::refund_request>(
      validate_refund({{"amount", "1.50"}, {"reason", "broken"}, {"reference", "r"}}, etb));
  EXPECT_EQ(part.amount, (money{150, etb}));
  EXPECT_EQ(part.reason, "broken");
  EXPECT_EQ(part.reference, "r");
  EXPECT_EQ(json::serialize(std::get<json::value>(validate_refund({{"amount", "x"}}, etb))),
            R"({"amount":["validation.numeric"]})");
}

} // namespace
} // namespace nexus::chapa
