#include "notifications/receipt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexus::notifications {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

money etb(std::int64_t minor) { return {minor, currency::etb()}; }

orders::order sample() {
  orders::order o;
  o.number = "NX7QP3";
  o.placed_at = *parse_rfc3339("2026-11-22T15:57:00Z");
  o.items = {{1, "TEA-1", "Green <tea>", "Large", 2, etb(12'550), etb(25'100)},
             {2, "MUG-1", "Mug & saucer\nTotal: 0.00 ETB", "", 1, etb(40'000), etb(40'000)}};
  o.subtotal = etb(65'100);
  o.total = etb(65'100);
  o.shipping_address.text =
      R"({"full_name":"አበበ ቢቂላ","line1":"Bole Road 12","line2":null,"city":"Addis Ababa",)"
      R"("region":null,"postal_code":"1000","country":"ET","phone_number":"0911121314"})";
  return o;
}

TEST(receipt, has_every_line_and_the_totals) {
  const receipt r = render_receipt(sample(), "Nexus");
  EXPECT_EQ(r.subject, "Receipt for order NX7QP3");
  EXPECT_THAT(r.text, HasSubstr("Receipt for order NX7QP3\n"));
  EXPECT_THAT(r.text, HasSubstr("2 × Green <tea> (Large)\n    125.50 ETB each, 251.00 ETB\n"));
  EXPECT_THAT(r.text, HasSubstr("1 × Mug & saucer Total: 0.00 ETB\n")) << "a name is one line";
  EXPECT_THAT(r.text, HasSubstr("Subtotal: 651.00 ETB\nTotal:    651.00 ETB\n"));
  EXPECT_THAT(r.text, HasSubstr("አበበ ቢቂላ\nBole Road 12\n1000, Addis Ababa\nET\n0911121314\n"));
  EXPECT_THAT(r.html, HasSubstr("Green &lt;tea&gt; (Large)"));
  EXPECT_THAT(r.html, HasSubstr("Mug &amp; saucer"));
  EXPECT_THAT(r.html, HasSubstr(">251.00 ETB<"));
  EXPECT_THAT(r.html, HasSubstr("<strong>651.00 ETB</strong>"));
  EXPECT_THAT(r.html, HasSubstr("አበበ ቢቂላ<br>"));
  for (const auto* body : {&r.text, &r.html})
    EXPECT_THAT(*body, Not(HasSubstr("{{")));
}

TEST(receipt, an_address_that_cannot_be_read_does_not_stop_it) {
  orders::order o = sample();
  o.shipping_address.text = "{}";
  EXPECT_THAT(render_receipt(o, "Nexus").text, HasSubstr("Total:    651.00 ETB"));
}

} // namespace
} // namespace nexus::notifications
