#include "platform/log/log.hpp"

#include "core/clock.hpp"
#include "platform/json/decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace nexus::log {
namespace {

using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

TEST(Log, JsonLineHoldsWhatWasSaid) {
  initialize(level::info, true);
  CaptureStderr();
  warn("mail \"refused\"\n", {{"task", std::uint64_t{7}},
                              {"late", true},
                              {"ms", 1.5},
                              {"to", std::string("a\xff")},
                              {"why", "code\t550"},
                              {"rate", std::numeric_limits<double>::infinity()}});
  const std::string line = GetCapturedStderr();
  ASSERT_TRUE(line.ends_with("}\n")) << line;
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto parsed = json::parse(line);
  ASSERT_TRUE(parsed) << line;
  EXPECT_EQ(parsed->at("level"), "warn");
  EXPECT_EQ(parsed->at("message"), "mail \"refused\"\n");
  EXPECT_EQ(parsed->at("task"), 7);
  EXPECT_EQ(parsed->at("late"), true);
  EXPECT_EQ(parsed->at("ms"), 1.5);
  EXPECT_EQ(parsed->at("to"), "a\xef\xbf\xbd");
  EXPECT_EQ(parsed->at("why"), "code\t550");
  EXPECT_TRUE(parsed->at("rate").is_null());
  EXPECT_TRUE(parse_rfc3339(parsed->at("time").as_string().c_str()));
}

TEST(Log, LineForPeople) {
  initialize(level::debug, false);
  CaptureStderr();
  info("listening", {{"port", 8000}, {"host", "a b"}});
  EXPECT_THAT(GetCapturedStderr(), testing::EndsWith("Z info listening port=8000 host=\"a b\"\n"));
}

TEST(Log, BelowItsLevelNothingIsWritten) {
  initialize(level::warn, true);
  CaptureStderr();
  info("quiet");
  EXPECT_EQ(GetCapturedStderr(), "");
  EXPECT_FALSE(enabled(level::info));
  EXPECT_TRUE(enabled(level::error));
  initialize(level::off, true);
  CaptureStderr();
  error("quiet too");
  EXPECT_EQ(GetCapturedStderr(), "");
}

} // namespace
} // namespace nexus::log
