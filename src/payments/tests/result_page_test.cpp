#include "payments/result_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexus::payments {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string page(attempt_status s, std::string url = "https://checkout.test/p") {
  return render_result_page({s, "NX<7>", {125'000, currency::etb()}, std::move(url)});
}

TEST(result_page, says_it_in_words_and_looks_again_only_while_pending) {
  for (std::size_t i = 0; i < enum_names(attempt_status{}).size(); ++i) {
    const auto status = static_cast<attempt_status>(i);
    const std::string html = page(status);
    EXPECT_THAT(html, HasSubstr("<html lang=\"en\">"));
    EXPECT_THAT(html, HasSubstr("1250.00 ETB"));
    EXPECT_THAT(html, HasSubstr("NX&lt;7&gt;"));
    EXPECT_THAT(html, Not(HasSubstr("<7>")));
    EXPECT_THAT(html, Not(HasSubstr("{{")));
    EXPECT_EQ(html.find("http-equiv=\"refresh\"") != std::string::npos, status == attempt_status::pending);
  }
  EXPECT_THAT(page(attempt_status::success), HasSubstr("your payment has arrived"));
  EXPECT_THAT(page(attempt_status::failed), HasSubstr("Try to pay again"));
  EXPECT_THAT(page(attempt_status::failed, ""), Not(HasSubstr("Try to pay again")));
  EXPECT_THAT(page(attempt_status::cancelled), Not(HasSubstr("Try to pay again")));
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
