#include "tasks/backoff.hpp"

#include <gtest/gtest.h>

namespace nexus::tasks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(backoff, is_the_fourth_power_of_the_attempt) {
  EXPECT_EQ(backoff(1, 0.0), seconds(1));
  EXPECT_EQ(backoff(2, 0.0), seconds(16));
  EXPECT_EQ(backoff(3, 0.0), seconds(81));
  EXPECT_EQ(backoff(20, 0.0), seconds(160'000));
}

TEST(backoff, jitter_adds_up_to_a_tenth) {
  EXPECT_EQ(backoff(2, 0.5), milliseconds(16'800));
  EXPECT_EQ(backoff(2, 1.0), milliseconds(17'600));
}

TEST(backoff, stays_in_range_whatever_it_is_given) {
  EXPECT_EQ(backoff(0, 0.0), seconds(1));
  EXPECT_EQ(backoff(-7, -3.0), seconds(1));
  EXPECT_EQ(backoff(2'000'000'000, 9.0), milliseconds(110'000'000'000));
}

TEST(outage_pause, doubles_up_to_half_a_minute) {
  EXPECT_EQ(outage_pause(1), milliseconds(500));
  EXPECT_EQ(outage_pause(2), milliseconds(1'000));
  EXPECT_EQ(outage_pause(6), milliseconds(16'000));
  EXPECT_EQ(outage_pause(7), milliseconds(30'000));
  EXPECT_EQ(outage_pause(1'000'000), milliseconds(30'000));
}

} // namespace
} // namespace nexus::tasks
