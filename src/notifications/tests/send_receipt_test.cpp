// The handler against a real PostgreSQL: a completed order's task becomes one mail.
#include "core/ids.hpp"
#include "notifications/notifications.hpp"
#include "orders/orders.hpp"
#include "scratch_database/scratch_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <stdlib.h>

namespace nexus::notifications {
namespace {

using ::testing::HasSubstr;

class fixed_clock final : public clock {
public:
  [[nodiscard]] time_point now() const override { return *parse_rfc3339("2026-11-22T16:49:44Z"); }
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

class send_receipt : public scratch_database {
protected:
  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "nexus-receipt-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    home = path;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(home, ignored);
  }

  std::filesystem::path home;
  fixed_clock now;
};

TEST_F(send_receipt, writes_one_mail_however_often_it_runs) {
  with_database([&](db::database& database) -> awaitable<> {
    const std::string id = "018bcfe5-687b-7fff-8000-0123456789ab";
    co_await database.run_script(R"(
      INSERT INTO product (name, slug, base_price, price_min, price_max, currency, created_at, updated_at)
        VALUES ('Tea', 'tea', 20000, 20000, 20000, 'ETB', now(), now());
      INSERT INTO variant (product_id, sku, price, created_at) VALUES (1, 'TEA-1', 20000, now());
      INSERT INTO orders (id, number, email, currency, subtotal, total, shipping_address, placed_at, expires_at)
        VALUES ('018bcfe5-687b-7fff-8000-0123456789ab', 'NX7', 'a@b.et', 'ETB', 40000, 40000, '{}', now(), now() + interval '1 hour');
      INSERT INTO order_line VALUES ('018bcfe5-687b-7fff-8000-0123456789ab', 1, 1, 'TEA-1', 'Tea', 'Large', 2, 20000, 40000);)");

    const settings s{.mail_from = "shop@example.et", .mail_directory = home / "mail", .clock = &now};
    const auto all = handlers(s);
    EXPECT_EQ(all.size(), 1u);
    EXPECT_EQ(all.front().kind, orders::completed_event);
    const auto run = [&](std::string payload) {
      return all.front().handle(
          database.use(), {.id = 42, .kind = "order.completed", .payload = std::move(payload), .attempt = 1});
    };
    EXPECT_EQ((co_await run(R"({"order_id":")" + id + R"("})")).result, tasks::outcome::kind::done);
    EXPECT_EQ((co_await run(R"({"order_id":")" + id + R"("})")).result, tasks::outcome::kind::done);
    std::vector<std::filesystem::path> mails;
    for (const auto& entry : std::filesystem::directory_iterator(home / "mail"))
      mails.push_back(entry.path());
    EXPECT_EQ(mails.size(), 1u);
    const std::string message = bytes_of(mails.at(0));
    EXPECT_THAT(message, HasSubstr("To: <a@b.et>\r\n"));
    EXPECT_THAT(message, HasSubstr("Subject: Receipt for order NX7\r\n"));
    EXPECT_THAT(message, HasSubstr("Date: Sun, 22 Nov 2026 16:49:44 +0000\r\n"));
    EXPECT_THAT(message, HasSubstr("Message-ID: <receipt.task-42." + id + "@example.et>\r\n"));

    for (const char* payload :
         {"", "{}", R"({"order_id":"x"})", R"({"order_id":"018bcfe5-687b-7fff-8000-000000000000"})"})
      EXPECT_EQ((co_await run(payload)).result, tasks::outcome::kind::give_up) << payload;
  });
}

} // namespace
} // namespace nexus::notifications
