#include "platform/http/message.hpp"

#include "platform/http/response_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexus::http {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

TEST(message, percent_decode) {
  EXPECT_EQ(percent_decode("a%20b"), "a b");
  EXPECT_EQ(percent_decode("%e1%88%b0%E1%88%8B%E1%88%9D"), "ሰላም");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
  EXPECT_EQ(percent_decode(""), "");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
}

TEST(message, percent_decode_refuses_broken_escapes) {
  for (const char* text : {"%", "%2", "a%", "%zz", "%2g", "%-1", "% 20", "100%"})
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
}

TEST(message, percent_encode_leaves_only_the_unreserved) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/c?d=e&f+g%"), "a%20b%2Fc%3Fd%3De%26f%2Bg%25");
  std::string all;
  for (int c = 0; c < 256; ++c)
    all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("\xff"), "%FF");
}

TEST(message, parse_query) {
  EXPECT_THAT(*parse_query(""), ElementsAre());
  EXPECT_THAT(*parse_query("a=1&b=%20"), ElementsAre(Pair("a", "1"), Pair("b", " ")));
  EXPECT_THAT(*parse_query("a=1&a=2"), ElementsAre(Pair("a", "1"), Pair("a", "2")));
  EXPECT_THAT(*parse_query("flag&=x&k="), ElementsAre(Pair("flag", ""), Pair("", "x"), Pair("k", "")));
  EXPECT_THAT(*parse_query("&&a=b=c&"), ElementsAre(Pair("a", "b=c")));
  EXPECT_THAT(*parse_query("q=red+shoes%21"), ElementsAre(Pair("q", "red shoes!")));
  EXPECT_EQ(parse_query("a=1&b=%2"), std::nullopt);
  EXPECT_EQ(parse_query("%=1"), std::nullopt);
}

TEST(message, header_in_any_case) {
  request r;
  r.headers = {{"Host", "a"}, {"ACCEPT", "x"}, {"accept", "y"}};
  EXPECT_EQ(r.header("accept"), "x");
  EXPECT_EQ(r.header("HOST"), "a");
  EXPECT_EQ(r.header("Hos"), std::nullopt);
}

TEST(message, accept_quality) {
  struct row {
    const char* accept;
    const char* type;
    int quality;
  };
  const row rows[] = {
      {"", "text/html", 1000},
      {"  ", "text/html", 1000},
      {"*/*", "text/html", 1000},
      {"text/html", "text/html", 1000},
      {"TEXT/HTML", "text/html", 1000},
      {"application/json", "text/html", 0},
      {"text/*", "text/html", 1000},
      {"text/*;q=0.3", "text/html", 300},
      {"text/*", "application/json", 0},
      {"textual/html", "text/html", 0},
      {"text/html;q=0", "text/html", 0},
      {"*/*;q=0.8, text/html;q=0", "text/html", 0},
      {"text/*;q=0.3, text/html;q=0.7, text/html;level=1, */*;q=0.5", "text/html", 700},
      {"text/*;q=0.3, text/html;q=0.7, text/html;level=1, */*;q=0.5", "text/plain", 300},
      {"text/*;q=0.3, text/html;q=0.7, text/html;level=1, */*;q=0.5", "image/jpeg", 500},
      {"application/json; charset=utf-8", "application/json", 1000},
      {"application/json;charset=utf-8;q=0.25", "application/json", 250},
      {"text/html ; Q=0.125 , */*", "text/html", 125},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json", 800},
      {"text/html;q=1.001, */*;q=0.1", "text/html", 100}, // not a quality: as if it were not there
      {"text/html;q=-1, */*;q=0.1", "text/html", 100},
      {"text/html;q=0.1234", "text/html", 0},
      {"a/b;x=\",text/html\", */*;q=0.2", "text/html", 200},
      {"a/b;x=\"unfinished, text/html", "text/html", 0},
      {",,, ,text/html", "text/html", 1000},
      {"*", "text/html", 0},
  };
  for (const auto& r : rows)
    EXPECT_EQ(accept_quality(r.accept, r.type), r.quality) << r.accept << " for " << r.type;
}

TEST(message, http_date_is_that_of_rfc_9110) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(response_writer, head) {
  response_writer writer;
  const response r{
      .status = 201, .content_type = "application/json", .body = "{}", .headers = {{"ETag", "\"1\""}}};
  std::string out;
  writer.append_head(out, r, {});
  EXPECT_THAT(out, StartsWith("HTTP/1.1 201 Created\r\nDate: "));
  EXPECT_THAT(out, HasSubstr(" GMT\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"));
  EXPECT_THAT(out, EndsWith("\r\nConnection: keep-alive\r\nETag: \"1\"\r\n\r\n"));
  EXPECT_EQ(response_writer::body_of(r, {}), "{}");
}

TEST(response_writer, what_has_no_body) {
  response_writer writer;
  std::string out;
  const response found{.content_type = "text/plain", .body = "four"};
  writer.append_head(out, found, {.keep_alive = false, .head = true});
  EXPECT_THAT(out, HasSubstr("\r\nContent-Length: 4\r\nConnection: close\r\n"));
  EXPECT_EQ(response_writer::body_of(found, {.head = true}), "");
  for (const int status : {204, 304}) {
    out.clear();
    const response none{.status = status, .body = "must not go out"};
    writer.append_head(out, none, {});
    EXPECT_THAT(out, Not(HasSubstr("Content-Length"))) << status;
    EXPECT_EQ(response_writer::body_of(none, {}), "") << status;
  }
}

TEST(response_writer, no_header_of_the_clients_choice) {
  response_writer writer;
  std::string out;
  const response r{.status = 302, .headers = {{"Location", std::string("/a\r\nSet-Cookie: b\0c\nd", 21)}}};
  writer.append_head(out, r, {});
  EXPECT_THAT(out, HasSubstr("\r\nLocation: /a  Set-Cookie: b c d\r\n\r\n"));
  EXPECT_THAT(out, Not(HasSubstr("\nSet-Cookie")));
}

TEST(response_writer, appends_to_what_is_there) {
  response_writer writer;
  std::string out = "first\r\n";
  writer.append_head(out, {.status = 299}, {});
  EXPECT_THAT(out, StartsWith("first\r\nHTTP/1.1 299 \r\nDate: "));
}

} // namespace
} // namespace nexus::http
