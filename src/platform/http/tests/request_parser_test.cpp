#include "platform/http/request_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace nexus::http {
namespace {

using progress = request_parser::progress;
using testing::ElementsAre;
using testing::Pair;

void put(request_parser& parser, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = parser.room();
    const auto n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    parser.commit(n);
    bytes.remove_prefix(n);
  }
}

progress parse_whole(request_parser& parser, std::string_view bytes) {
  put(parser, bytes);
  return parser.parse();
}

// "complete", "incomplete" or the code of the refusal.
std::string verdict(std::string_view bytes, std::size_t header_bytes = 1024, std::size_t body_bytes = 64) {
  request_parser parser(header_bytes, body_bytes, "127.0.0.1");
  switch (parse_whole(parser, bytes)) {
  case progress::complete:
    return parser.has_input() ? "complete, and more" : "complete";
  case progress::refused:
    return std::string(parser.refusal().code);
  default:
    return "incomplete";
  }
}

TEST(request_parser, views) {
  request_parser parser(1024, 64, "10.0.0.7");
  ASSERT_EQ(parse_whole(parser,
                        "POST /a%20b/?x=1&y HTTP/1.1\r\nHost: shop\r\nX-Empty:\r\nX-Tab:\t a\tb \t\r\n"
                        "Content-Length: 4\r\n\r\nbody"),
            progress::complete);
  const request& r = parser.message();
  EXPECT_EQ(r.method, method::post);
  EXPECT_EQ(r.method_name, "POST");
  EXPECT_EQ(r.target, "/a%20b/?x=1&y");
  EXPECT_EQ(r.path, "/a%20b/");
  EXPECT_EQ(r.query, "x=1&y");
  EXPECT_EQ(r.body, "body");
  EXPECT_EQ(r.peer, "10.0.0.7");
  EXPECT_THAT(r.headers, ElementsAre(Pair("Host", "shop"), Pair("X-Empty", ""), Pair("X-Tab", "a\tb"),
                                     Pair("Content-Length", "4")));
  EXPECT_TRUE(parser.keep_alive());
}

TEST(request_parser, targets) {
  struct row {
    const char* line;
    const char* path; // nullptr: refused
    const char* query;
  };
  const row rows[] = {
      {"GET / HTTP/1.1", "/", ""},
      {"GET /? HTTP/1.1", "/", ""},
      {"GET /a?b?c HTTP/1.1", "/a", "b?c"},
      {"GET //a HTTP/1.1", "//a", ""},
      {"GET http://shop/a?b HTTP/1.1", "/a", "b"},
      {"GET HTTPS://shop:8443 HTTP/1.1", "/", ""},
      {"GET http://shop?b HTTP/1.1", "/", "b"},
      {"OPTIONS * HTTP/1.1", "*", ""},
      {"GET * HTTP/1.1", nullptr, ""},
      {"GET a HTTP/1.1", nullptr, ""},
      {"GET ?a HTTP/1.1", nullptr, ""},
      {"GET http:///a HTTP/1.1", nullptr, ""},
      {"GET http://user@shop/a HTTP/1.1", nullptr, ""},
      {"GET ftp://shop/a HTTP/1.1", nullptr, ""},
      {"CONNECT shop:443 HTTP/1.1", nullptr, ""},
  };
  for (const auto& r : rows) {
    request_parser parser(1024, 64, "");
    const bool good =
        parse_whole(parser, std::string(r.line) + "\r\nHost: shop\r\n\r\n") == progress::complete;
    EXPECT_EQ(good, r.path != nullptr) << r.line;
    if (good && r.path) {
      EXPECT_EQ(parser.message().path, r.path) << r.line;
      EXPECT_EQ(parser.message().query, r.query) << r.line;
    }
  }
}

TEST(request_parser, methods) {
  for (const auto& [name, expected] : {std::pair{"GET", method::get},
                                       {"HEAD", method::head},
                                       {"PUT", method::put},
                                       {"PATCH", method::patch},
                                       {"DELETE", method::delete_},
                                       {"OPTIONS", method::options},
                                       {"PROPFIND", method::other},
                                       {"get", method::other}}) {
    request_parser parser(1024, 64, "");
    ASSERT_EQ(parse_whole(parser, std::string(name) + " / HTTP/1.1\r\nHost: a\r\n\r\n"), progress::complete)
        << name;
    EXPECT_EQ(parser.message().method, expected) << name;
    EXPECT_EQ(parser.message().method_name, name);
  }
}

TEST(request_parser, limits_to_the_byte) {
  const std::string frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
  const auto with = [&](std::size_t total) {
    std::string out = frame;
    return out.insert(out.size() - 4, total - frame.size(), 'x');
  };
  EXPECT_EQ(verdict(with(200), 200), "complete");
  EXPECT_EQ(verdict(with(201), 200), "header_too_large");
  EXPECT_EQ(verdict(with(200).substr(0, 199), 200), "incomplete");
  EXPECT_EQ(verdict(std::string(200, 'A'), 200), "header_too_large");
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 64\r\n\r\n" + std::string(64, 'b')),
            "complete");
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 65\r\n\r\n"), "payload_too_large");
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(verdict(chunked + "40\r\n" + std::string(64, 'b') + "\r\n0\r\n\r\n"), "complete");
  EXPECT_EQ(verdict(chunked + "41\r\nb"), "payload_too_large");
  EXPECT_EQ(verdict(chunked + "40\r\n" + std::string(64, 'b') + "\r\n1\r\nb"), "payload_too_large");
  EXPECT_EQ(verdict(chunked + "fffffffffffffff\r\n"), "payload_too_large");
}

// Many small header lines, each within any limit, are one header too.
TEST(request_parser, header_limit_holds_for_the_sum) {
  request_parser parser(500, 64, "");
  ASSERT_EQ(parse_whole(parser, "GET / HTTP/1.1\r\nHost: a\r\n"), progress::header_incomplete);
  progress last = progress::header_incomplete;
  int lines = 0;
  for (; last == progress::header_incomplete && lines < 1000; ++lines)
    last = parse_whole(parser, "A: b\r\n");
  EXPECT_EQ(last, progress::refused);
  EXPECT_EQ(parser.refusal().code, "header_too_large");
  EXPECT_LT(lines, 100);
}

TEST(request_parser, chunk_overhead_is_bounded) {
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(verdict(chunked + "1;" + std::string(2000, 'x')), "header_too_large");
  EXPECT_EQ(verdict(chunked + "0\r\nX: " + std::string(2000, 'x')), "header_too_large");
}

TEST(request_parser, empty_lines_before_a_request_are_passed_over) {
  EXPECT_EQ(verdict("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "complete");
  EXPECT_EQ(verdict("\r\n"), "incomplete");
  EXPECT_EQ(verdict("\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "malformed_request");
}

TEST(request_parser, awaits_continue) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  request_parser parser(1024, 64, "");
  EXPECT_EQ(parse_whole(parser, head), progress::body_incomplete);
  EXPECT_TRUE(parser.awaits_continue());
  EXPECT_EQ(parse_whole(parser, "a"), progress::body_incomplete);
  EXPECT_FALSE(parser.awaits_continue());
  EXPECT_EQ(parse_whole(parser, "b"), progress::complete);
}

// What a stream of requests means does not depend on how the network cut it.
TEST(request_parser, any_cut_gives_the_same) {
  const std::string big(9'000, 'z'); // more than the first buffer holds: the views have to move
  const std::string stream = "GET /one?q HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n\r\n"
                             "\r\nPOST /two HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "5;ext=\"v\"\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: t\r\n\r\n"
                             "PUT http://a HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n" +
                             big +
                             "POST /three HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                             "DELETE /four HTTP/1.0\r\n\r\n";
  const std::string expected =
      "GET /one q  [Host=a;X-One=1;]\nPOST /two  hello! [Host=a;Transfer-Encoding=chunked;]\n"
      "PUT /  " +
      big +
      " [Host=a;Content-Length=9000;]\n"
      "POST /three   [Host=a;Transfer-Encoding=chunked;]\nDELETE /four   []\n";
  std::mt19937 random(20'261'122);
  for (int round = 0; round < 400; ++round) {
    const std::size_t longest = round == 0 ? 1 : round == 1 ? stream.size() : 1 + random() % 200;
    request_parser parser(1024, 10'000, "");
    std::string seen;
    std::string_view rest = stream;
    while (!rest.empty()) {
      const auto n = std::min(rest.size(), round < 2 ? longest : 1 + random() % longest);
      put(parser, rest.substr(0, n));
      rest.remove_prefix(n);
      progress p;
      while ((p = parser.parse()) == progress::complete) {
        const request& r = parser.message();
        seen += fmt::format("{} {} {} {} [", r.method_name, r.path, r.query, r.body);
        for (const auto& [name, value] : r.headers)
          seen += fmt::format("{}={};", name, value);
        seen += "]\n";
        parser.next();
        if (!parser.has_input())
          break;
      }
      ASSERT_NE(p, progress::refused) << parser.refusal().code << " in round " << round;
    }
    ASSERT_EQ(seen, expected) << "round " << round;
    EXPECT_FALSE(parser.has_input());
  }
}

// Bytes changed at random: refused, incomplete or understood, and nothing read that is not there
// (AddressSanitizer).
TEST(request_parser, survives_noise) {
  const std::string good =
      "POST /two?a=b HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x\r\nExpect: 100-continue\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n1\r\n!\r\n0\r\nT: t\r\n\r\n";
  static constexpr std::string_view spice = "\r\n :;,=\"\t0123456789abcdefgGX/?*\\\x01\x7f\xff";
  std::mt19937 random(7);
  int complete = 0;
  int refused = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string bytes = good;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      const auto at = random() % bytes.size();
      switch (random() % 3) {
      case 0:
        bytes[at] = spice[random() % spice.size()];
        break;
      case 1:
        bytes.erase(at, 1 + random() % 4);
        break;
      default:
        bytes.insert(at, 1, spice[random() % spice.size()]);
      }
    }
    request_parser parser(512, 64, "");
    progress p = progress::header_incomplete;
    for (std::size_t at = 0; at < bytes.size() && p != progress::refused && p != progress::complete;) {
      const auto n = std::min<std::size_t>(bytes.size() - at, 1 + random() % 40);
      p = parse_whole(parser, std::string_view(bytes).substr(at, n));
      at += n;
    }
    complete += p == progress::complete;
    refused += p == progress::refused;
  }
  EXPECT_GT(complete, 1000);
  EXPECT_GT(refused, 1000);
}

} // namespace
} // namespace nexus::http
