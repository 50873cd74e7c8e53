#include "notifications/mime.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include <unistd.h>

namespace nexus::notifications {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

mail sample() {
  return {.from_name = "Nexus",
          .from = "shop@example.et",
          .to = "abebe@example.et",
          .subject = "Receipt for order NX7",
          .text = "2 × ሻይ \n\n.\nFrom nobody = 1=3D\tx\t\nlast",
          .html = "<p>2 × ሻይ &amp; " + std::string(2'000, 'x') + "</p>\n",
          .message_id = "receipt.task-7@example.et",
          .date = *parse_rfc3339("2026-11-02T06:09:04Z")};
}

std::string headers_of(const std::string& message) { return message.substr(0, message.find("\r\n\r\n")); }

// What an independent reader makes of it: Python's own e-mail package, strict.
std::string read_by_python(const std::string& message) {
  char path[] = "/tmp/nexus-mime-XXXXXX";
  const int file = ::mkstemp(path);
  if (file < 0)
    return "no file";
  ::close(file);
  std::ofstream(path, std::ios::binary) << message;
  const std::string command = std::string(R"(python3 -c '
import sys, email.policy, email
m = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
parts = list(m.iter_parts())
print(m.keys())
print(m["subject"]); print(m["from"]); print(m["to"]); print(m["date"]); print(m["message-id"])
print(m.get_content_type(), [p.get_content_type() for p in parts], m.defects, [p.defects for p in parts])
for p in parts: print(repr(p.get_content().replace("\r\n", "\n")))
' )") + path + " 2>&1";
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; pipe != nullptr && (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    out.append(buffer, n);
  if (pipe != nullptr)
    ::pclose(pipe);
  ::unlink(path);
  return out;
}

TEST(mime, an_independent_reader_finds_what_was_written) {
  mail m = sample();
  m.subject = "Receipt for order ሻይ — " + std::string(80, 'y');
  m.from_name = "Café \"ሰላም\"";
  const std::string read = read_by_python(to_message(m));
  EXPECT_THAT(read, HasSubstr("Receipt for order ሻይ — " + std::string(80, 'y') + "\n"));
  EXPECT_THAT(read, HasSubstr("Café \\\"ሰላም\\\"\" <shop@example.et>\n"));
  EXPECT_THAT(read, HasSubstr("\nabebe@example.et\n"));
  EXPECT_THAT(read, HasSubstr("Mon, 02 Nov 2026 06:09:04 +0000"));
  EXPECT_THAT(read, HasSubstr("<receipt.task-7@example.et>"));
  EXPECT_THAT(read, HasSubstr("multipart/alternative ['text/plain', 'text/html'] [] [[], []]"));
  EXPECT_THAT(read, HasSubstr("'2 × ሻይ \\n\\n.\\nFrom nobody = 1=3D\\tx\\t\\nlast'"));
  EXPECT_THAT(read, HasSubstr("'<p>2 × ሻይ &amp; " + std::string(2'000, 'x') + "</p>\\n'"));
}

TEST(mime, lines_are_short_ascii_and_end_in_crlf) {
  mail m = sample();
  m.subject = std::string(200, 'a') + "ሻይ";
  const std::string message = to_message(m);
  std::size_t length = 0;
  for (std::size_t i = 0; i < message.size(); ++i) {
    EXPECT_GT(static_cast<unsigned char>(message[i]), 0);
    ASSERT_LT(static_cast<unsigned char>(message[i]), 0x80);
    if (message[i] == '\n') {
      ASSERT_TRUE(i > 0 && message[i - 1] == '\r');
      EXPECT_LE(length - 1, 78u);
      length = 0;
    } else {
      if (message[i] == '\r')
        ASSERT_EQ(message[i + 1], '\n');
      ++length;
    }
  }
  EXPECT_TRUE(message.ends_with("\r\n"));
  EXPECT_EQ(message.find("\r\n."), std::string::npos) << "no dot where SMTP would see an end";
}

TEST(mime, nothing_from_outside_adds_a_header) {
  mail m = sample();
  m.subject = "a\r\nBcc: evil@example.com\r\n\r\nbody";
  m.from_name = "x\nBcc: evil@example.com";
  const std::string headers = headers_of(to_message(m));
  EXPECT_THAT(headers, Not(HasSubstr("\nBcc")));
  EXPECT_THAT(headers, HasSubstr("Subject: a  Bcc: evil@example.com    body\r\n"));
  EXPECT_EQ(std::count(headers.begin(), headers.end(), '\n'), 7);
  for (const char* bad : {"a@b.et\r\nBcc: c@d.et", "a@b.et, c@d.et", "a@b.et>", "<a@b.et", "a b@c.et",
                          "a@b@c", "@b", "a@", "", "a\"@b", "ሻይ@b.et"}) {
    m = sample();
    m.to = bad;
    EXPECT_THROW((void)to_message(m), std::invalid_argument) << bad;
    m = sample();
    m.from = bad;
    EXPECT_THROW((void)to_message(m), std::invalid_argument) << bad;
    m = sample();
    m.message_id = bad;
    EXPECT_THROW((void)to_message(m), std::invalid_argument) << bad;
  }
}

TEST(mime, encodes_headers_only_where_it_must) {
  EXPECT_EQ(encode_header("Receipt for order NX7"), "Receipt for order NX7");
  EXPECT_EQ(encode_header("caf\xC3\xA9"), "=?UTF-8?B?Y2Fmw6k=?=");
  EXPECT_EQ(encode_header("=?UTF-8?B?eA==?="), "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=")
      << "what looks encoded is";
  EXPECT_EQ(encode_header("a\xff"), "=?UTF-8?B?Ye+/vQ==?=");
  EXPECT_EQ(encode_header(""), "");
}

TEST(mime, dates_as_rfc_5322_has_them) {
  EXPECT_EQ(mail_date(*parse_rfc3339("2026-11-22T16:49:44.999Z")), "Sun, 22 Nov 2026 16:49:44 +0000");
  EXPECT_EQ(mail_date(*parse_rfc3339("2024-02-29T00:00:00Z")), "Thu, 29 Feb 2024 00:00:00 +0000");
}

} // namespace
} // namespace nexus::notifications
