#include "notifications/credit_note.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexus::notifications {
namespace {

using ::testing::HasSubstr;

TEST(CreditNote, SaysWhatWentBackAndForWhat) {
  orders::order o;
  o.number = "7KQ4M-XR2PA";
  o.placed_at = *parse_rfc3339("2026-11-22T16:49:44Z");
  o.total = {40'000, currency::etb()};
  const credit_note note = render_credit_note(o, "125.50 ETB", "R-abc", "Tea & Co");
  EXPECT_EQ(note.subject, "Credit note for order 7KQ4M-XR2PA");
  EXPECT_THAT(note.text, HasSubstr("Tea & Co has paid back 125.50 ETB"));
  EXPECT_THAT(note.text, HasSubstr("Order total:     400.00 ETB"));
  EXPECT_THAT(note.text, HasSubstr("2026-11-22"));
  EXPECT_THAT(note.html, HasSubstr("Tea &amp; Co has paid back <strong>125.50 ETB</strong>"));
  EXPECT_THAT(note.html, HasSubstr("R-abc"));
}

} // namespace
} // namespace nexus::notifications
