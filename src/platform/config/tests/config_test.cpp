#include "platform/config/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nexus {
namespace {

auto load(std::map<std::string, std::string, std::less<>> values) {
  return load_config([values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  });
}

std::vector<std::string> faulty_variables(std::map<std::string, std::string, std::less<>> values) {
  std::vector<std::string> names;
  const auto loaded = load(std::move(values));
  if (const auto* faults = std::get_if<std::vector<config_fault>>(&loaded))
    for (const config_fault& fault : *faults) {
      EXPECT_FALSE(fault.remedy.empty()) << fault.variable;
      names.push_back(fault.variable);
    }
  return names;
}

TEST(Config, NothingSetIsAShopToTry) {
  const auto loaded = load({});
  const config& c = std::get<config>(loaded);
  EXPECT_FALSE(c.production);
  EXPECT_EQ(c.listen_port, 8000);
  EXPECT_FALSE(c.database_url);
  EXPECT_FALSE(c.chapa_base_url) << "unset: the simulator";
  EXPECT_TRUE(c.worker);
}

TEST(Config, ProductionIsNotKilledAtACheckpoint) {
  const auto loaded = load({{"NEXUS_CRASH_AT", "payments.settle.before_commit"}});
  EXPECT_EQ(std::get<config>(loaded).crash_at, "payments.settle.before_commit");
  const auto refused = faulty_variables({{"NEXUS_ENV", "production"}, {"NEXUS_CRASH_AT", "x"}});
  EXPECT_NE(std::ranges::find(refused, "NEXUS_CRASH_AT"), refused.end());
}

TEST(Config, ProductionNamesEverythingThatIsMissingAtOnce) {
  EXPECT_EQ(faulty_variables({{"NEXUS_ENV", "production"}}),
            (std::vector<std::string>{"NEXUS_SECRET_KEY", "CHAPA_SECRET_KEY", "CHAPA_WEBHOOK_SECRET",
                                      "NEXUS_PUBLIC_URL", "DATABASE_URL"}));
}

TEST(Config, ProductionRefusesTheDevelopmentDefaults) {
  EXPECT_EQ(faulty_variables({{"NEXUS_ENV", "production"},
                              {"NEXUS_SECRET_KEY", "development-secret-key-known-to-everybody"},
                              {"CHAPA_SECRET_KEY", "CHASECK_TEST-development"},
                              {"CHAPA_WEBHOOK_SECRET", "development-webhook-secret"},
                              {"NEXUS_PUBLIC_URL", "https://shop.example.com"},
                              {"DATABASE_URL", "postgresql://db/nexus"}}),
            (std::vector<std::string>{"NEXUS_SECRET_KEY", "CHAPA_SECRET_KEY", "CHAPA_WEBHOOK_SECRET"}));
}

TEST(Config, AFaultDoesNotRepeatAUrlThatMayHoldAPassword) {
  const auto loaded = load({{"DATABASE_URL", "mysql://root:hunter2@db/nexus"}});
  const auto& faults = std::get<std::vector<config_fault>>(loaded);
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].variable, "DATABASE_URL");
  EXPECT_EQ((faults[0].what + faults[0].remedy).find("hunter2"), std::string::npos);
}

struct bad_value {
  const char *variable, *value;

  friend void PrintTo(const bad_value& b, std::ostream* out) { *out << b.variable << '=' << b.value; }
};
class ConfigRefuses : public testing::TestWithParam<bad_value> {};
TEST_P(ConfigRefuses, AndNamesTheVariable) {
  EXPECT_EQ(faulty_variables({{GetParam().variable, GetParam().value}}),
            std::vector<std::string>{GetParam().variable});
}
INSTANTIATE_TEST_SUITE_P(
    Values, ConfigRefuses,
    testing::Values(bad_value{"NEXUS_ENV", "prod"}, bad_value{"NEXUS_LISTEN", "8000"},
                    bad_value{"NEXUS_LISTEN", "127.0.0.1:99999"},
                    bad_value{"NEXUS_LISTEN", "shop.example:80"}, bad_value{"NEXUS_SECRET_KEY", "short"},
                    bad_value{"REDIS_URL", "localhost"}, bad_value{"SMTP_URL", "mail"},
                    bad_value{"MAIL_FROM", "me"}, bad_value{"ORDER_EXPIRES_AFTER", "soon"},
                    bad_value{"ORDER_EXPIRES_AFTER", "0s"}, bad_value{"NEXUS_THREADS", "0"},
                    bad_value{"NEXUS_WORKER", "yes"}, bad_value{"NEXUS_LOG_LEVEL", "loud"},
                    bad_value{"NEXUS_PUBLIC_URL", "ftp://x"}));

TEST(Config, ReadsAddressesOfBothFamilies) {
  const auto six = load({{"NEXUS_LISTEN", "[::1]:0"}});
  EXPECT_EQ(std::get<config>(six).listen_address, "::1");
  EXPECT_EQ(std::get<config>(six).listen_port, 0);
  const auto any = load({{"NEXUS_LISTEN", ":80"}});
  EXPECT_EQ(std::get<config>(any).listen_address, "0.0.0.0");
}

TEST(Config, ReadsDurations) {
  EXPECT_EQ(parse_duration("90s"), std::chrono::seconds{90});
  EXPECT_EQ(parse_duration("60m"), std::chrono::hours{1});
  EXPECT_EQ(parse_duration("1d"), std::chrono::hours{24});
  EXPECT_FALSE(parse_duration("60"));
  EXPECT_FALSE(parse_duration("-5m"));
  EXPECT_FALSE(parse_duration("5 m"));
}

} // namespace
} // namespace nexus
