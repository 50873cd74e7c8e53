// The handler against a real PostgreSQL: a completed order's task becomes one mail.
#include "core/ids.hpp"
#include "notifications/notifications.hpp"
#include "orders/orders.hpp"
#include "scratch_database/scratch_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <stdlib.h>

namespace nexus::notifications {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class fixed_clock final : public clock {
public:
  [[nodiscard]] time_point now() const override { return *parse_rfc3339("2026-11-22T16:49:44Z"); }
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

class send_letter : public scratch_database {
protected:
  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "nexus-letter-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    home = path;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(home, ignored);
  }

  [[nodiscard]] std::set<std::string> mails() const {
    std::set<std::string> names;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(home / "mail", none))
      names.insert(entry.path().filename().string());
    return names;
  }

  std::filesystem::path home;
  fixed_clock now;
};

const std::string order_id = "018bcfe5-687b-7fff-8000-0123456789ab";

awaitable<> put_order(db::database& database) {
  co_await database.run_script(R"(
    INSERT INTO product (name, slug, base_price, price_min, price_max, currency, created_at, updated_at)
      VALUES ('Tea', 'tea', 20000, 20000, 20000, 'ETB', now(), now());
    INSERT INTO variant (product_id, sku, price, created_at) VALUES (1, 'TEA-1', 20000, now());
    INSERT INTO orders (id, number, email, currency, subtotal, total, shipping_address, placed_at, expires_at)
      VALUES ('018bcfe5-687b-7fff-8000-0123456789ab', 'NX7', 'a@b.et', 'ETB', 40000, 40000, '{}',
              '2026-11-22 15:00Z', '2026-11-22 16:00Z');
    INSERT INTO order_line (order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price, total)
      VALUES ('018bcfe5-687b-7fff-8000-0123456789ab', 1, 1, 'TEA-1', 'Tea', 'Large', 2, 20000, 40000);)");
}

tasks::task task_of(std::string_view kind, std::string payload = R"({"order_id":")" + order_id + R"("})") {
  return {.id = 42, .kind = std::string(kind), .payload = std::move(payload), .attempt = 1};
}

awaitable<tasks::outcome> run(const std::vector<tasks::handler>& all, db::session db, tasks::task t) {
  for (const tasks::handler& h : all)
    if (h.kind == t.kind)
      co_return co_await h.handle(db, t);
  throw std::logic_error("nobody answers " + t.kind);
}

TEST_F(send_letter, writes_one_mail_however_often_it_runs) {
  with_database([&](db::database& database) -> awaitable<> {
    co_await put_order(database);
    const settings s{.mail_from = "shop@example.et", .mail_directory = home / "mail", .clock = &now};
    const auto all = handlers(s);
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ((co_await run(all, database.use(), task_of(orders::completed_event))).result,
                tasks::outcome::kind::done);
    EXPECT_EQ(mails(), std::set<std::string>{"receipt-0000000042.eml"});
    const std::string message = bytes_of(home / "mail" / "receipt-0000000042.eml");
    EXPECT_THAT(message, HasSubstr("To: <a@b.et>\r\n"));
    EXPECT_THAT(message, HasSubstr("Subject: Receipt for order NX7\r\n"));
    EXPECT_THAT(message, HasSubstr("Date: Sun, 22 Nov 2026 16:49:44 +0000\r\n"));
    EXPECT_THAT(message, HasSubstr("Message-ID: <receipt.task-42." + order_id + "@example.et>\r\n"));
    for (const char* payload :
         {"", "{}", R"({"order_id":"x"})", R"({"order_id":"018bcfe5-687b-7fff-8000-000000000000"})"})
      EXPECT_EQ((co_await run(all, database.use(), task_of(orders::completed_event, payload))).result,
                tasks::outcome::kind::give_up)
          << payload;
  });
}

TEST_F(send_letter, writes_what_each_event_says) {
  with_database([&](db::database& database) -> awaitable<> {
    co_await put_order(database);
    const settings s{.mail_from = "shop@example.et",
                     .mail_directory = home / "mail",
                     .public_url = "https://api.shop.et",
                     .clock = &now};
    const auto all = handlers(s);
    EXPECT_EQ((co_await run(all, database.use(), task_of(orders::expired_event))).result,
              tasks::outcome::kind::done);
    EXPECT_TRUE(mails().empty()) << "it was paid in the meantime: the receipt tells";
    co_await database.run_script("UPDATE orders SET status = 'expired', expired_at = now()");
    for (const std::string_view event :
         {orders::placed_event, orders::expired_event, orders::cancelled_event, orders::shipped_event})
      EXPECT_EQ((co_await run(all, database.use(), task_of(event))).result, tasks::outcome::kind::done);
    EXPECT_EQ(mails(), (std::set<std::string>{"placed-0000000042.eml", "expired-0000000042.eml",
                                              "cancelled-0000000042.eml", "shipped-0000000042.eml"}));
    const std::string placed = bytes_of(home / "mail" / "placed-0000000042.eml");
    EXPECT_THAT(placed, HasSubstr("Message-ID: <placed.task-42." + order_id + "@example.et>\r\n"));
    EXPECT_THAT(placed, HasSubstr("https://api.shop.et/api/v1/orders/"));
    EXPECT_THAT(placed, Not(HasSubstr("held for you"))) << "it has expired";
  });
}

TEST_F(send_letter, leads_to_the_storefront_where_there_is_one) {
  with_database([&](db::database& database) -> awaitable<> {
    co_await put_order(database);
    const settings s{.mail_from = "shop@example.et",
                     .mail_directory = home / "mail",
                     .public_url = "https://api.shop.et",
                     .storefront_url = "https://s.et/o#now",
                     .clock = &now};
    EXPECT_EQ((co_await run(handlers(s), database.use(), task_of(orders::placed_event))).result,
              tasks::outcome::kind::done);
    const std::string placed = bytes_of(home / "mail" / "placed-0000000042.eml");
    EXPECT_THAT(placed, HasSubstr("held for you until 2026-11-22 16:00 UTC"));
    EXPECT_THAT(placed, HasSubstr("https://s.et/o?order=3D" + order_id + "#now"));
    EXPECT_THAT(placed, Not(HasSubstr("api.shop.et")));
  });
}

} // namespace
} // namespace nexus::notifications
