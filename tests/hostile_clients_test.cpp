// Clients that are slow, gone, or no HTTP clients at all: they get their answer or their end, and hold up
// nobody.
#include "harness/shopping.hpp"

#include <boost/json/serialize.hpp>

namespace nexus::blackbox {
namespace {

using namespace std::chrono_literals;

class hostile_clients : public shop_suite<hostile_clients> {
protected:
  void TearDown() override { // whatever was done to it, it serves
    client c = here().guest();
    EXPECT_TRUE(has_status(c.get("catalogue/products/"), 200));
  }
};

constexpr std::string_view unfinished_header = "POST /api/v1/cart/ HTTP/1.1\r\nHost: x\r\nX-Slow: ";

TEST_F(hostile_clients, that_stop_in_the_middle_are_timed_out) {
  client guest = here().guest();
  client staff = here().staff();
  const std::int64_t variant = make_variant(staff, 10);
  const std::string cart = make_cart(guest);

  std::vector<connection> in_header, silent;
  for (int i = 0; i < 100; ++i) {
    in_header.emplace_back(here().port()).send(unfinished_header);
    silent.emplace_back(here().port());
  }
  connection in_body(here().port());
  in_body.send("POST /api/v1/cart/" + cart +
               "/items/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
               "100\r\n\r\n{\"variant_id\": ");
  for (int i = 0; i < 100; ++i) // the others are served meanwhile
    ASSERT_TRUE(has_status(guest.get("catalogue/products/?page_size=1"), 200));

  for (connection& c : in_header) {
    const reply r = c.read_reply();
    EXPECT_TRUE(is_problem(r, 408, "request_timeout"));
    EXPECT_EQ(r.header("Connection"), "close");
  }
  for (connection& c : silent)
    EXPECT_TRUE(c.is_closed_by_peer(60s));
  EXPECT_TRUE(is_problem(in_body.read_reply(), 408, "request_timeout"));
  EXPECT_TRUE(value_at(guest.get("cart/" + cart + "/"), "/items").as_array().empty());
  EXPECT_EQ(stock_of(staff, variant).reserved, 0);
}

// A byte now and then does not prolong the time for a header.
TEST_F(hostile_clients, that_drip_are_timed_out_too) {
  connection slow(here().port());
  slow.send(unfinished_header);
  reply r;
  ASSERT_TRUE(eventually(
      [&] {
        slow.send("x");
        try {
          r = slow.read_reply(false, 200ms);
        } catch (const connection_lost&) {
          return false;
        }
        return true;
      },
      60s));
  EXPECT_TRUE(is_problem(r, 408, "request_timeout"));
}

TEST_F(hostile_clients, that_close_their_half_in_a_request_are_answered) {
  for (const std::string part : {"GET /api/v1/catal", "POST /api/v1/cart/ HTTP/1.1\r\nHost: x\r\n",
                                 "POST /api/v1/cart/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"}) {
    connection c(here().port());
    c.send(part);
    c.shut_down_sending();
    EXPECT_TRUE(is_problem(c.read_reply(), 400, "malformed_request")) << part;
    EXPECT_TRUE(c.is_closed_by_peer(20s)) << part;
  }
  connection whole(here().port()); // a whole request, and then their half is closed: it is answered
  whole.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  whole.shut_down_sending();
  EXPECT_TRUE(has_status(whole.read_reply(), 200));
  connection nothing(here().port());
  nothing.shut_down_sending();
  EXPECT_TRUE(nothing.is_closed_by_peer(20s));
}

TEST_F(hostile_clients, that_go_away_leave_nothing_behind) {
  client staff = here().staff();
  const std::int64_t variant = make_variant(staff, 100);
  for (int i = 0; i < 20; ++i) { // orders whose answers nobody reads
    client guest = here().guest();
    const std::string cart = make_cart(guest);
    add_item(guest, cart, variant);
    connection gone(here().port());
    gone.send(request_text("POST", "/api/v1/orders/", {{"Content-Type", "application/json"}},
                           json::serialize(order_body(cart))));
  }
  // Each of them was placed whole or not at all: what is held are the pieces of live orders (and the audit
  // says so at the end).
  const auto stands_still = [&, last = std::int64_t{-1}]() mutable {
    const std::int64_t now = stock_of(staff, variant).reserved;
    return std::exchange(last, now) == now &&
           number_at(staff.get("orders/?count=true&status=pending"), "/count") >= now;
  };
  EXPECT_TRUE(eventually(stands_still));
  here().expect_audit_clean();
}

TEST_F(hostile_clients, that_speak_no_http_get_a_400) {
  const std::string long_line = "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string many = [] {
    std::string out = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 2'000; ++i)
      out += "X-Header-" + std::to_string(i) + ": some value\r\n";
    return out + "\r\n";
  }();
  const struct {
    std::string bytes;
    int status;
    const char* code;
  } cases[] = {
      {"HELLO\r\n\r\n", 400, "malformed_request"},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed_request"}, // TLS
      {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 400, "malformed_request"},
      {"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", 400, "malformed_request"},
      {"POST /api/v1/cart/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "malformed_request"},
      {"POST /api/v1/cart/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400,
       "malformed_request"},
      {"POST /api/v1/cart/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       400, "malformed_request"},
      {"POST /api/v1/cart/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n", 400,
       "malformed_request"},
      {long_line, 431, "header_too_large"},
      {many, 431, "header_too_large"},
  };
  for (const auto& each : cases) {
    connection c(here().port());
    c.send(each.bytes);
    EXPECT_TRUE(is_problem(c.read_reply(), each.status, each.code)) << each.bytes.substr(0, 80);
  }
}

TEST_F(hostile_clients, that_pipeline_are_answered_in_order) {
  connection c(here().port());
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += request_text("GET", i % 2 == 0 ? "/healthz" : "/api/v1/nowhere/" + std::to_string(i) + "/",
                        {{"X-Request-Id", "r" + std::to_string(i)}}, "");
  c.send(all);
  for (int i = 0; i < 50; ++i) {
    const reply r = c.read_reply();
    EXPECT_EQ(r.status, i % 2 == 0 ? 200 : 404);
    EXPECT_EQ(r.header("X-Request-Id"), "r" + std::to_string(i));
  }
}

} // namespace
} // namespace nexus::blackbox
