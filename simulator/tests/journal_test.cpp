#include "simulator/journal.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include <unistd.h>

namespace nexus::chapa {
namespace {

struct journal_test : ::testing::Test {
  journal_test()
      : path(std::filesystem::temp_directory_path() / ("nexus-journal-" + std::to_string(::getpid()))) {
    std::filesystem::remove(path);
  }
  ~journal_test() override { std::filesystem::remove(path); }

  void write(std::string_view text) const { std::ofstream(path, std::ios::binary) << text; }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
  }
  std::vector<std::string> replayed() {
    std::vector<std::string> out;
    const journal j(
        path, [&out](const boost::json::object& event) { out.push_back(boost::json::serialize(event)); });
    return out;
  }

  std::filesystem::path path;
};

TEST_F(journal_test, gives_back_what_was_appended) {
  {
    journal j(path, [](const auto&) { FAIL(); });
    j.append({{"a", 1}});
    j.append({{"b", "x\ny"}});
  }
  EXPECT_EQ(replayed(), (std::vector<std::string>{R"({"a":1})", R"({"b":"x\ny"})"}));
}

TEST_F(journal_test, drops_a_last_line_that_was_cut_off_and_goes_on) {
  write("{\"a\":1}\n{\"b\":");
  {
    journal j(path, [](const auto&) {});
    j.append({{"c", 3}});
  }
  EXPECT_EQ(text(), "{\"a\":1}\n{\"c\":3}\n");
}

TEST_F(journal_test, names_the_line_that_cannot_be_read) {
  write("{\"a\":1}\nnonsense\n{\"b\":2}\n");
  try {
    replayed();
    FAIL() << "read";
  } catch (const std::runtime_error& fault) {
    EXPECT_NE(std::string(fault.what()).find("line 2"), std::string::npos) << fault.what();
  }
  EXPECT_EQ(text(), "{\"a\":1}\nnonsense\n{\"b\":2}\n");
}

TEST_F(journal_test, a_place_that_cannot_be_written_is_said) {
  EXPECT_THROW(journal("/nonexistent/journal", [](const auto&) {}), std::system_error);
}

} // namespace
} // namespace nexus::chapa
