#include "notifications/letter.hpp"

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
  o.expires_at = *parse_rfc3339("2026-11-22T16:57:09Z");
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
  const letter r = render(occasion::completed, sample(), "Nexus", {});
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
  EXPECT_THAT(render(occasion::completed, o, "Nexus", {}).text, HasSubstr("Total:    651.00 ETB"));
}

const links somewhere{.see = "https://shop.et/o?order=1&x=2", .pay = "POST https://api.et/pay/"};

TEST(letter, of_a_placed_order_says_until_when_it_is_held_and_where_to_pay) {
  const letter l = render(occasion::placed, sample(), "Nexus", somewhere);
  EXPECT_EQ(l.subject, "Order NX7QP3 is placed");
  EXPECT_THAT(
      l.text,
      HasSubstr("\n\nIts pieces are held for you until 2026-11-22 16:57 UTC. Pay 651.00 ETB by then,"));
  EXPECT_THAT(l.text, HasSubstr("\n\nTo pay: POST https://api.et/pay/\n\nSee your order: "
                                "https://shop.et/o?order=1&x=2\n\n2 × Green <tea>"));
  EXPECT_THAT(l.text, HasSubstr("Bole Road 12\n"));
  EXPECT_THAT(l.html, HasSubstr("held for you until <strong>2026-11-22 16:57 UTC</strong>"));
  EXPECT_THAT(l.html, HasSubstr(R"(<a href="https://shop.et/o?order=1&amp;x=2">)"));

  orders::order free = sample();
  free.status = orders::order_status::completed;
  EXPECT_THAT(render(occasion::placed, free, "Nexus", somewhere).text, Not(HasSubstr("held")))
      << "nothing is to pay any more";
}

TEST(letter, of_what_ends_or_leaves_says_so) {
  const letter expired = render(occasion::expired, sample(), "Nexus", somewhere);
  EXPECT_EQ(expired.subject, "The hold on order NX7QP3 has ended");
  EXPECT_THAT(expired.text, HasSubstr("of 2026-11-22 until 2026-11-22 16:57 UTC"));
  EXPECT_THAT(expired.html, HasSubstr("The hold has ended"));

  const letter shipped = render(occasion::shipped, sample(), "Nexus", somewhere);
  EXPECT_EQ(shipped.subject, "Order NX7QP3 is on its way");
  EXPECT_THAT(shipped.text, HasSubstr("is on its way to you"));
  EXPECT_THAT(shipped.html, HasSubstr("Bole Road 12<br>"));

  orders::order o = sample();
  const letter unpaid = render(occasion::cancelled, o, "Nexus", somewhere);
  EXPECT_EQ(unpaid.subject, "Order NX7QP3 is cancelled");
  EXPECT_THAT(unpaid.text, HasSubstr("is cancelled. Nothing is owed.\n"));
  o.currency = currency::etb();
  o.payment.paid = etb(65'100);
  o.payment.refunded = etb(100);
  for (const letter& paid = render(occasion::cancelled, o, "Nexus", somewhere);
       const auto* body : {&paid.text, &paid.html})
    EXPECT_THAT(*body, HasSubstr("is cancelled. 650.00 ETB of what you paid goes back to you."));
}

TEST(letter, names_no_place_where_there_is_none) {
  for (const occasion about :
       {occasion::placed, occasion::completed, occasion::expired, occasion::cancelled, occasion::shipped}) {
    const letter l = render(about, sample(), "Nexus", {});
    for (const auto* body : {&l.text, &l.html}) {
      EXPECT_THAT(*body, Not(HasSubstr("See your order")));
      EXPECT_THAT(*body, Not(HasSubstr("To pay")));
      EXPECT_THAT(*body, Not(HasSubstr("{{")));
      EXPECT_THAT(*body, HasSubstr("NX7QP3"));
    }
  }
}

} // namespace
} // namespace nexus::notifications
