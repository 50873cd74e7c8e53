#include "payments/result_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexus::payments {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

outcome_view view(attempt_status s, std::string url = "https://checkout.test/p",
                  language l = language::english) {
  return {.status = s,
          .order_number = "NX<7>",
          .amount = {125'000, currency::etb()},
          .payment_url = std::move(url),
          .language = l};
}
std::string page(attempt_status s, std::string url = "https://checkout.test/p",
                 language l = language::english) {
  return render_result_page(view(s, std::move(url), l));
}

TEST(result_page, says_it_in_words_and_looks_again_only_while_pending) {
  for (std::size_t i = 0; i < enum_names(attempt_status{}).size(); ++i)
    for (const auto l : {language::english, language::amharic}) {
      const auto status = static_cast<attempt_status>(i);
      const std::string html = page(status, "https://checkout.test/p", l);
      EXPECT_THAT(html, HasSubstr(l == language::english ? "<html lang=\"en\">" : "<html lang=\"am\">"));
      EXPECT_THAT(html, HasSubstr("1250.00 ETB"));
      EXPECT_THAT(html, HasSubstr("NX&lt;7&gt;"));
      EXPECT_THAT(html, Not(HasSubstr("<7>")));
      EXPECT_THAT(html, Not(HasSubstr("{{")));
      EXPECT_THAT(html, Not(HasSubstr("<script")));
      EXPECT_EQ(looks_again_after_s(view(status)), status == attempt_status::pending ? 5 : 0);
    }
  EXPECT_THAT(page(attempt_status::success), HasSubstr("your payment has arrived"));
  EXPECT_THAT(page(attempt_status::success, "", language::amharic), HasSubstr("ክፍያዎ ደርሶናል"));
}

TEST(result_page, offers_to_pay_again_where_it_failed) {
  EXPECT_THAT(page(attempt_status::failed), HasSubstr("href=\"https://checkout.test/p\""));
  EXPECT_THAT(page(attempt_status::failed, ""), Not(HasSubstr("Try to pay again")));
  EXPECT_THAT(page(attempt_status::cancelled), Not(HasSubstr("Try to pay again")));
  EXPECT_THAT(page(attempt_status::success), Not(HasSubstr("Try to pay again")));
  outcome_view over = view(attempt_status::cancelled);
  over.start_url = "https://shop.test/api/v1/payment/initiate/x/";
  EXPECT_THAT(render_result_page(over),
              HasSubstr("<form method=\"post\" action=\"https://shop.test/api/v1/payment/initiate/x/\">"));
}

TEST(result_page, speaks_the_readers_language) {
  const struct {
    const char *chosen, *accepted;
    language expected;
  } rows[] = {
      {"", "", language::english},
      {"am", "en", language::amharic},
      {"en", "am", language::english},
      {"xx", "am", language::amharic},
      {"", "am-ET,en;q=0.9", language::amharic},
      {"", "en-US,am;q=0.9", language::english},
      {"", "fr,am;q=0.5", language::amharic},
      {"", "en;q=0.1, AM;q=0.2", language::amharic},
      {"", ";;q=,,am;q=x", language::english},
      {"", "de", language::english},
  };
  for (const auto& r : rows)
    EXPECT_EQ(language_of(r.chosen, r.accepted), r.expected) << r.chosen << " | " << r.accepted;
}

TEST(result_page, the_way_to_the_shop_front_keeps_its_query_and_fragment) {
  const uuid id = *parse_uuid("018bcfe5-687b-7fff-8000-0123456789ab");
  const std::string added = "order=018bcfe5-687b-7fff-8000-0123456789ab&status=success";
  EXPECT_EQ(storefront_address("https://s.et/done", id, attempt_status::success),
            "https://s.et/done?" + added);
  EXPECT_EQ(storefront_address("https://s.et/?a=1", id, attempt_status::success),
            "https://s.et/?a=1&" + added);
  EXPECT_EQ(storefront_address("https://s.et/#/done", id, attempt_status::success),
            "https://s.et/?" + added + "#/done");
}

} // namespace
} // namespace nexus::payments
