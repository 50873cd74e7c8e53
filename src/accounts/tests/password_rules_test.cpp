#include "accounts/password_rules.hpp"

#include <gtest/gtest.h>

namespace nexus::accounts {
namespace {

std::vector<std::string> codes(std::string_view password, std::string_view email = "abebe@example.com") {
  std::vector<std::string> out;
  for (const field_error& each : check_password(password, email, "/password")) {
    EXPECT_EQ(each.pointer, "/password");
    out.push_back(each.code);
  }
  return out;
}

using faults = std::vector<std::string>;

TEST(password_rules, takes_a_password_that_is_not_common) {
  EXPECT_EQ(codes("correct horse battery"), faults{});
  EXPECT_EQ(codes("የይለፍ ቃል ነው"), faults{});
}

TEST(password_rules, refuses_the_common_ones_in_either_case) {
  EXPECT_EQ(codes("password"), faults{"too_common"});
  EXPECT_EQ(codes("PassWord1"), faults{"too_common"});
  EXPECT_EQ(codes("00000000"), faults{"too_common"}); // the first and the last of the list
  EXPECT_EQ(codes("superman"), faults{"too_common"});
  EXPECT_EQ(codes("password "), faults{}); // blanks count
}

TEST(password_rules, refuses_the_address_itself) {
  EXPECT_EQ(codes("abebe@example.com"), faults{"same_as_email"});
  EXPECT_EQ(codes("Abebe@Example.COM", " abebe@example.com "), faults{"same_as_email"});
  EXPECT_EQ(codes("abebe@example.com1"), faults{});
}

} // namespace
} // namespace nexus::accounts
