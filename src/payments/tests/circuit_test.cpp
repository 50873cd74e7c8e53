#include "payments/circuit.hpp"

#include <gtest/gtest.h>

namespace nexus::payments {
namespace {

using namespace std::chrono_literals;

class fuse : public ::testing::Test {
protected:
  circuit it{{.failures = 3, .open_for = 1'000ms}};
  circuit::time now{};

  void fail(int times) {
    for (int i = 0; i < times; ++i)
      it.note(false, now);
  }
};

TEST_F(fuse, opens_after_so_many_failures_in_a_row) {
  fail(2);
  EXPECT_TRUE(it.admit(now));
  it.note(true, now); // one success begins the count again
  fail(2);
  EXPECT_FALSE(it.is_open());
  fail(1);
  EXPECT_TRUE(it.is_open());
  EXPECT_FALSE(it.admit(now));
  EXPECT_FALSE(it.admit(now + 999ms));
}

TEST_F(fuse, lets_one_through_to_see_and_closes_where_that_works) {
  fail(3);
  now += 1'000ms;
  EXPECT_TRUE(it.admit(now));
  EXPECT_FALSE(it.admit(now)) << "one at a time";
  it.note(true, now);
  EXPECT_FALSE(it.is_open());
  EXPECT_TRUE(it.admit(now));
  fail(2);
  EXPECT_FALSE(it.is_open()) << "the count begins anew";
}

TEST_F(fuse, opens_again_where_that_does_not_work) {
  fail(3);
  now += 1'000ms;
  EXPECT_TRUE(it.admit(now));
  fail(1);
  EXPECT_TRUE(it.is_open());
  EXPECT_FALSE(it.admit(now + 999ms));
  EXPECT_TRUE(it.admit(now + 1'000ms));
}

TEST_F(fuse, gives_up_a_probe_that_never_says) {
  fail(3);
  EXPECT_TRUE(it.admit(now + 1'000ms));
  EXPECT_FALSE(it.admit(now + 1'999ms));
  EXPECT_TRUE(it.admit(now + 2'000ms));
}

} // namespace
} // namespace nexus::payments
