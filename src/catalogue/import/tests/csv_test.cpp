#include "catalogue/import/csv.hpp"

#include "core/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sstream>

namespace nexus::catalogue_import {
namespace {

using table = std::vector<std::vector<std::string>>;

table read_all(const std::string& text, csv_limits limits = {}) {
  std::istringstream in(text);
  csv_reader reader(in, limits);
  table out;
  while (auto record = reader.next()) {
    EXPECT_FALSE(record->error) << record->error->reason;
    auto& row = out.emplace_back();
    for (csv_field& f : record->fields)
      row.push_back(std::move(f.text));
  }
  EXPECT_FALSE(reader.fatal()) << reader.fatal()->reason;
  return out;
}

struct failure {
  int records = 0; // before it
  csv_error error;
};

failure fatal_of(const std::string& text, csv_limits limits = {}) {
  std::istringstream in(text);
  csv_reader reader(in, limits);
  failure out;
  while (reader.next())
    ++out.records;
  EXPECT_TRUE(reader.fatal());
  out.error = reader.fatal().value_or(csv_error{});
  return out;
}

TEST(csv, reads_what_rfc_4180_describes) {
  struct {
    std::string text;
    table expected;
  } const cases[] = {
      {"", {}},
      {"a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
      {"a,b\nc,d", {{"a", "b"}, {"c", "d"}}},
      {"a,b\rc,d\r", {{"a", "b"}, {"c", "d"}}},
      {"\xef\xbb\xbf"
       "a,b\n",
       {{"a", "b"}}},
      {"\xef\xbb\xbf\"a,\",b\n", {{"a,", "b"}}},
      {"\"a \"\"b\"\" c\",d\n", {{"a \"b\" c", "d"}}},
      {"\"line one\nline two\r\n\",x\n", {{"line one\nline two\r\n", "x"}}},
      {",,\n", {{"", "", ""}}},
      {"a,\n", {{"a", ""}}},
      {"\"\"\n", {{""}}},
      {"a\n\n\r\n\nb\n", {{"a"}, {"b"}}},
      {" a , b \n", {{" a ", " b "}}},
      {"ቡና,ጤፍ\n", {{"ቡና", "ጤፍ"}}},
  };
  for (const auto& c : cases)
    EXPECT_EQ(read_all(c.text), c.expected) << c.text;
}

TEST(csv, tells_where_each_field_begins) {
  std::istringstream in("h,i\r\n\"one\r\ntwo\",ቡና,z\r\n\r\nlast\n");
  csv_reader reader(in);
  EXPECT_EQ(reader.next()->line, 1);
  const auto second = reader.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->line, 2);
  ASSERT_EQ(second->fields.size(), 3u);
  EXPECT_EQ(std::pair(second->fields[0].line, second->fields[0].column), std::pair(2, 1));
  EXPECT_EQ(std::pair(second->fields[1].line, second->fields[1].column), std::pair(3, 6));
  EXPECT_EQ(std::pair(second->fields[2].line, second->fields[2].column),
            std::pair(3, 9)); // characters, not bytes
  EXPECT_EQ(reader.next()->line, 5);
  EXPECT_FALSE(reader.next());
}

TEST(csv, a_quote_that_is_never_closed_is_told_where_it_opens) {
  const failure f = fatal_of("a,b\nc,d\ne,\"f\ng,h\ni,j\n");
  EXPECT_EQ(f.records, 2);
  EXPECT_EQ(f.error.line, 3);
  EXPECT_EQ(f.error.column, 3);
}

TEST(csv, a_record_has_an_end) {
  const std::string big(2'000, 'x');
  EXPECT_EQ(fatal_of("a\n" + big + "\n", {.record_bytes = 1'000}).error.line, 2);
  const failure quoted = fatal_of("a\nb,\"" + big + "\n", {.record_bytes = 1'000});
  EXPECT_EQ(std::pair(quoted.error.line, quoted.error.column), std::pair(2, 3));
  EXPECT_EQ(fatal_of("a\nb,c,d\n", {.columns = 2}).error.line, 2);
  EXPECT_EQ(read_all("a\nb,c\n", {.columns = 2}).size(), 2u);
  EXPECT_EQ(fatal_of(std::string(1'100'000, ',')).records, 0);
  EXPECT_EQ(fatal_of(std::string(1'100'000, 'x')).records, 0);
}

TEST(csv, a_faulty_record_does_not_spoil_the_next) {
  struct {
    std::string text;
    int column;
    std::string_view reason;
  } const cases[] = {
      {"a,b\"c,d", 4, "must be quoted"},    {"\"a\"b,c", 4, "after the closing quote"},
      {"a,\xe9t\xe9", 3, "UTF-8"},          {"a,\xc3", 3, "UTF-8"},
      {std::string("a,b\0c", 5), 3, "NUL"},
  };
  for (const auto& c : cases) {
    std::istringstream in("h\n" + c.text + "\nx,y\n");
    csv_reader reader(in);
    EXPECT_FALSE(reader.next()->error);
    const auto bad = reader.next();
    ASSERT_TRUE(bad && bad->error) << c.text;
    EXPECT_EQ(bad->error->line, 2);
    EXPECT_EQ(bad->error->column, c.column) << c.text;
    EXPECT_NE(bad->error->reason.find(c.reason), std::string::npos) << bad->error->reason;
    const auto good = reader.next();
    ASSERT_TRUE(good && !good->error);
    EXPECT_EQ(good->fields.at(1).text, "y");
    EXPECT_FALSE(reader.fatal());
  }
}

TEST(csv, utf_16_is_named) {
  const failure f = fatal_of(std::string("\xff\xfe"
                                         "a\0,\0",
                                         6));
  EXPECT_EQ(f.records, 0);
  EXPECT_NE(f.error.reason.find("UTF-16"), std::string::npos);
}

// Records larger than the chunk that is read at once.
TEST(csv, chunks_do_not_show) {
  std::string text;
  table expected;
  for (int i = 0; i < 3'000; ++i) {
    const std::string word(static_cast<std::size_t>(i % 97), 'x');
    text += "\"" + word + "\"\"" + "\",ቡና\r\n";
    expected.push_back({word + "\"", "ቡና"});
  }
  ASSERT_GT(text.size(), 2u * 64 * 1024);
  EXPECT_EQ(read_all(text), expected);
}

std::string written(const table& rows, bool always_quote) {
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += i == 0 ? "" : ",";
      if (!always_quote && !row[i].empty() && row[i].find_first_of("\",\r\n") == std::string::npos) {
        out += row[i];
        continue;
      }
      out += '"';
      for (const char c : row[i])
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
      out += '"';
    }
    out += "\r\n";
  }
  return out;
}

TEST(csv, what_is_written_is_read) {
  const auto text = rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::elementOf(std::string("\",\r\n ;'")), rc::gen::inRange(' ', '~')));
  const auto row = rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(text));
  EXPECT_TRUE(rc::check([&] {
    const auto rows = *rc::gen::container<table>(row);
    const bool always_quote = *rc::gen::arbitrary<bool>();
    RC_ASSERT(read_all(written(rows, always_quote)) == rows);
  }));
}

TEST(csv, no_bytes_break_it) {
  EXPECT_TRUE(rc::check([] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::elementOf(std::string("\",\r\n\0\xe1\x89\xa1", 8)), rc::gen::arbitrary<char>()));
    std::istringstream in(bytes);
    csv_reader reader(in);
    int line = 0;
    while (const auto record = reader.next()) {
      RC_ASSERT(!record->fields.empty());
      RC_ASSERT(record->line > line);
      line = record->line;
      for (const csv_field& f : record->fields)
        RC_ASSERT(record->error || is_storable_utf8(f.text));
    }
  }));
}

} // namespace
} // namespace nexus::catalogue_import
