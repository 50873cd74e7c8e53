// What the server refuses, and whom it does not wait for.
#include "raw_client.hpp"

#include <sys/resource.h>
#include <sys/time.h>

namespace nexus::http {
namespace {

using namespace std::string_literals;

constexpr limits small{.header_bytes = 512, .body_bytes = 1000};

// Long where a limit must not be met by chance, short where it is to be met.
limits short_times() {
  return {.header_timeout = 100ms, .body_timeout = 100ms, .idle_timeout = 100ms, .write_timeout = 100ms};
}

// The answer a lone request gets, and that the connection is closed behind it so that the client can read it.
std::string refusal(const running_server& server, std::string_view bytes) {
  raw_client client(server.port());
  client.send(bytes);
  const auto got = client.receive();
  if (!got)
    return "no answer";
  if (got->status < 400)
    return "answered";
  if (got->header("Connection") != "close")
    return "not said to close";
  client.close_own_direction();
  return client.closed_cleanly() ? fmt::format("{} {}", got->status, got->body) : "not closed";
}

TEST(server_limits, requests_that_two_programs_might_read_differently) {
  const std::string get = "GET / HTTP/1.1\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"both lengths", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"both lengths, the other way",
       post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
      {"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"},
      {"the same length twice", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
      {"a list of lengths", post + "Content-Length: 5, 5\r\n\r\nhello"},
      {"a list of differing lengths", post + "Content-Length: 5, 6\r\n\r\nhello"},
      {"a signed length", post + "Content-Length: +5\r\n\r\nhello"},
      {"a negative length", post + "Content-Length: -5\r\n\r\nhello"},
      {"a hexadecimal length", post + "Content-Length: 0x5\r\n\r\nhello"},
      {"a length with a blank", post + "Content-Length: 5 5\r\n\r\nhello"},
      {"an empty length", post + "Content-Length:\r\n\r\n"},
      {"a length beyond 64 bits", post + "Content-Length: 18446744073709551621\r\n\r\nhello"},
      {"xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunked, chunked", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
      {"chunked, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
      {"identity, then chunked",
       post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"identity", post + "Transfer-Encoding: identity\r\n\r\n"},
      {"quoted chunked", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
      {"chunked behind a vertical tab", post + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"},
      {"an empty encoding", post + "Transfer-Encoding:\r\n\r\n"},
      {"an encoding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"a blank before the colon", post + "Content-Length : 5\r\n\r\nhello"},
      {"a tab before the colon", post + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"},
      {"a folded value", post + "X-A: b\r\n c\r\n\r\n"},
      {"a folded encoding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
      {"folded by a tab", post + "X-A: b\r\n\tc\r\n\r\n"},
      {"folded into nothing", post + "X-A: b\r\n \r\n\r\n"},
      {"folded out of nothing", post + "X-A:\r\n \r\n\r\n"},
      {"a blank before the first header", get + " Host: a\r\n\r\n"},
      {"a bare LF behind the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"a bare LF behind a header", get + "Host: a\nX-A: b\r\n\r\n"},
      {"a bare LF at the end", get + "Host: a\r\n\n"},
      {"only bare LFs", "GET / HTTP/1.1\nHost: a\n\n"},
      {"a bare CR in a value", get + "Host: a\r\nX-A: b\rX-B: c\r\n\r\n"},
      {"NUL in a value", get + "Host: a\r\nX-A: b\0c\r\n\r\n"s},
      {"a control character in a value", get + "Host: a\r\nX-A: b\x01"
                                               "c\r\n\r\n"},
      {"DEL in a value", get + "Host: a\r\nX-A: b\x7f\r\n\r\n"},
      {"NUL in a name", get + "Host: a\r\nX\0A: b\r\n\r\n"s},
      {"a blank in a name", get + "Host: a\r\nX A: b\r\n\r\n"},
      {"no name", get + "Host: a\r\n: b\r\n\r\n"},
      {"no colon", get + "Host: a\r\nX-A\r\n\r\n"},
      {"no host", get + "\r\n"},
      {"two hosts", get + "Host: a\r\nHost: b\r\n\r\n"},
      {"the same host twice", get + "Host: a\r\nhost: a\r\n\r\n"},
      {"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"},
      {"a list of hosts", get + "Host: a, b\r\n\r\n"},
      {"a host with a path", get + "Host: a/b\r\n\r\n"},
      {"a host with a user", get + "Host: a@b\r\n\r\n"},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
      {"HTTP/0.9", "GET /\r\n\r\n"},
      {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"},
      {"http/1.1", "GET / http/1.1\r\nHost: a\r\n\r\n"},
      {"two blanks in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a blank behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
      {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a tab for a blank", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s},
      {"no method", " / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a method that is none", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
      {"a chunk size that is none", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"},
      {"a chunk size with 0x", post + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"},
      {"a signed chunk size", post + "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n"},
      {"a blank behind a chunk size", post + "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n"},
      {"a chunk size beyond 64 bits",
       post + "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"a bare LF behind a chunk size", post + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"},
      {"a bare LF behind a chunk", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n"},
      {"a chunk longer than it says", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n"},
      {"a bare LF in an extension",
       post + "Transfer-Encoding: chunked\r\n\r\n5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"},
      {"an extension that is none", post + "Transfer-Encoding: chunked\r\n\r\n5;\r\nhello\r\n0\r\n\r\n"},
      {"a length in the trailer", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"},
      {"an encoding in the trailer",
       post + "Transfer-Encoding: chunked\r\n\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"},
  };
  std::atomic<int> handled = 0;
  running_server server(
      [&](const request& r) -> awaitable<response> {
        ++handled;
        return echo(r);
      },
      small);
  for (const auto& [what, bytes] : rows)
    EXPECT_EQ(refusal(server, bytes), "400 malformed_request") << what;
  EXPECT_EQ(handled, 0);
}

TEST(server_limits, header_too_large) {
  running_server server(echo, small);
  EXPECT_EQ(refusal(server, "GET /" + std::string(600, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"),
            "431 header_too_large");
  EXPECT_EQ(refusal(server, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(600, 'a') + "\r\n\r\n"),
            "431 header_too_large");
  EXPECT_EQ(refusal(server, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(600, 'a')),
            "431 header_too_large");
  EXPECT_EQ(refusal(
                server, "GET / HTTP/1.1\r\nHost: a\r\n" +
                            [] {
                              std::string many;
                              for (int i = 0; i < 5'000; ++i)
                                many += "X: y\r\n";
                              return many;
                            }()),
            "431 header_too_large");
  EXPECT_EQ(refusal(server, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(400, 'a') + "\r\n\r\n"),
            "answered");
}

TEST(server_limits, payload_too_large) {
  running_server server(echo, small);
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(refusal(server, post + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'a')), "answered");
  EXPECT_EQ(refusal(server, post + "Content-Length: 1001\r\n\r\n"), "413 payload_too_large")
      << "before any byte of it";
  EXPECT_EQ(refusal(server, post + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n"),
            "413 payload_too_large")
      << "and not 100";
  EXPECT_EQ(refusal(server, post + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n"), "413 payload_too_large");
  EXPECT_EQ(refusal(server, post + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + std::string(1000, 'a') +
                                "\r\n1\r\na\r\n0\r\n\r\n"),
            "413 payload_too_large");
}

// A client that sends all before it reads must find the refusal, not a reset.
TEST(server_limits, a_refused_upload_is_drained) {
  running_server server(echo, small);
  raw_client client(server.port());
  EXPECT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n" +
                          std::string(4'000'000, 'a')));
  const auto got = client.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 413);
  client.close_own_direction();
  EXPECT_TRUE(client.closed_cleanly());
}

TEST(server_limits, head_is_refused_without_a_body) {
  running_server server(echo, small);
  raw_client client(server.port());
  client.send("HEAD / HTTP/1.1\r\n\r\n");
  const auto got = client.receive(true);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 400);
  client.close_own_direction();
  EXPECT_TRUE(client.closed_cleanly());
}

TEST(server_limits, slow_in_the_header) {
  running_server server(echo, short_times());
  EXPECT_EQ(refusal(server, "GET / HT"), "408 request_timeout");
  EXPECT_EQ(refusal(server, "GET / HTTP/1.1\r\nHost: a\r\nX-A: "), "408 request_timeout");
}

// Slowloris: a byte now and then does not buy time.
TEST(server_limits, steady_drops_do_not_prolong_the_header) {
  running_server server(echo, short_times());
  raw_client client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  int drops = 0;
  while (!client.readable_within(5ms) && client.send("X: y\r\n"))
    ++drops;
  EXPECT_EQ(client.receive()->status, 408);
  EXPECT_GT(drops, 2);
}

TEST(server_limits, slow_in_the_body) {
  running_server server(echo, short_times());
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(refusal(server, post + "Content-Length: 10\r\n\r\nabc"), "408 request_timeout");
  EXPECT_EQ(refusal(server, post + "Transfer-Encoding: chunked\r\n\r\n5\r\nabc"), "408 request_timeout");
  raw_client client(server.port());
  client.send(post + "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(client.receive()->status, 100);
  EXPECT_EQ(client.receive()->status, 408);
}

TEST(server_limits, slow_in_a_later_request) {
  running_server server(echo, short_times());
  raw_client client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT");
  EXPECT_EQ(client.receive()->status, 200);
  EXPECT_EQ(client.receive()->status, 408);
}

TEST(server_limits, idle_connections_are_closed_without_a_word) {
  running_server server(echo, short_times());
  raw_client never(server.port());
  raw_client after(server.port());
  after.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(after.receive()->header("Connection"), "keep-alive");
  raw_client untidy(server.port());
  untidy.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na\r\n"); // a line too many is no request
  EXPECT_EQ(untidy.receive()->status, 200);
  EXPECT_TRUE(never.closed_cleanly());
  EXPECT_TRUE(after.closed_cleanly());
  EXPECT_TRUE(untidy.closed_cleanly());
  EXPECT_TRUE(server.wait_for_connections(0));
}

TEST(server_limits, no_deadline_while_a_handler_runs) {
  gate handler;
  running_server server(handler.handle(), short_times());
  raw_client client(server.port());
  client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  handler.wait_until_entered();
  raw_client idle(server.port());
  EXPECT_TRUE(idle.closed_cleanly()); // the deadlines of both have passed by now
  handler.open();
  EXPECT_EQ(client.receive()->body, "GET /a\n");
}

TEST(server_limits, connections) {
  running_server server(echo, {.connections = 2});
  auto first = std::make_unique<raw_client>(server.port());
  raw_client second(server.port());
  ASSERT_TRUE(server.wait_for_connections(2));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(refusal(server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "503 service_unavailable");
  EXPECT_EQ(refusal(server, ""), "503 service_unavailable") << "without waiting for a request";
  second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(second.receive()->status, 200);
  first.reset();
  ASSERT_TRUE(server.wait_for_connections(1));
  EXPECT_EQ(refusal(server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "answered");
}

TEST(server_limits, many_at_once_do_not_pass_the_limit) {
  gate handler;
  running_server server(handler.handle(), {.connections = 3});
  std::vector<std::unique_ptr<raw_client>> clients;
  server.on_loop([&] { // all of them stand before the door when it opens
    for (int i = 0; i < 12; ++i) {
      clients.push_back(std::make_unique<raw_client>(server.port()));
      clients.back()->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
  });
  handler.wait_until_entered(3);
  int refused = 0;
  for (std::size_t i = 3; i < clients.size(); ++i)
    refused += clients[i]->receive()->status == 503;
  EXPECT_EQ(refused, 9);
  handler.open();
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(clients[i]->receive()->status, 200);
}

awaitable<response> sixteen_mib(const request&) {
  co_return response{.content_type = "application/octet-stream", .body = std::string(16 << 20, 'x')};
}

TEST(server_limits, a_client_that_does_not_read) {
  running_server server(sixteen_mib, {.write_timeout = 100ms});
  raw_client client(server.port(), 4096);
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(client.readable_within(20s)); // it has begun
  EXPECT_TRUE(server.wait_for_connections(0));
  EXPECT_FALSE(client.receive()) << "cut short";
}

TEST(server_limits, a_client_that_never_reads_many_small_answers) {
  running_server server(
      [](const request&) -> awaitable<response> {
        co_return response{.content_type = "text/plain", .body = std::string(8'000, 'x')};
      },
      {.write_timeout = 100ms});
  raw_client client(server.port(), 4096);
  std::thread sender([&] {
    while (client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
      ;
  });
  EXPECT_TRUE(server.wait_for_connections(1));
  EXPECT_TRUE(server.wait_for_connections(0));
  sender.join();
}

TEST(server_limits, a_client_that_reads_slowly_gets_all) {
  running_server server(sixteen_mib, {.write_timeout = 5s});
  raw_client client(server.port(), 4096);
  client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 2; ++i) {
    const auto got = client.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->body.size(), 16u << 20);
    EXPECT_EQ(got->body.find_first_not_of('x'), std::string::npos);
  }
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

TEST(server_limits, without_descriptors_it_waits_and_does_not_spin) {
  running_server server;
  {
    raw_client warm_up(server.port()); // every descriptor the loop itself needs is open
    warm_up.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(warm_up.receive()->status, 200);
  }
  ASSERT_TRUE(server.wait_for_connections(0));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  std::optional<raw_client> client;
  server.on_loop([] {}); // UBSan needs a pipe when it meets a type for the first time
  server.on_loop([&] {   // the client is there before the server can look
    client.emplace(server.port());
    client->send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
    const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  });
  const double used = cpu_seconds();
  const bool answered = client->readable_within(500ms);
  const double burnt = cpu_seconds() - used;
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_FALSE(answered);
  EXPECT_LT(burnt, 0.05);
  EXPECT_EQ(client->receive()->body, "GET /patient\n");
}

} // namespace
} // namespace nexus::http
