// Running it: is it alive, how is it doing, how it starts and how it stops.
#include "harness/fake_chapa.hpp"
#include "harness/shopping.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace nexus::blackbox {
namespace {

using namespace std::chrono_literals;

class operations : public shop_suite<operations> {};

TEST_F(operations, tells_how_it_is) {
  client c = here().guest();
  EXPECT_TRUE(has_status(c.get("/healthz"), 200));
  EXPECT_TRUE(has_status(c.get("/readyz"), 200));
  c.get("catalogue/products/");
  const reply m = c.get("/metrics");
  ASSERT_TRUE(has_status(m, 200));
  EXPECT_TRUE(m.header("Content-Type").value_or("").starts_with("text/plain"));
  EXPECT_NE(m.body.find("nexus_http_requests_total"), std::string::npos);
  EXPECT_NE(m.body.find("list_products"), std::string::npos);
}

TEST_F(operations, audits_itself_for_staff) {
  client guest = here().guest(), user = here().user("curious@example.com"), staff = here().staff();
  EXPECT_TRUE(is_problem(guest.get("audit/"), 401, "not_authenticated"));
  EXPECT_TRUE(is_problem(user.get("audit/"), 403, "permission_denied"));
  buy(here(), guest, make_variant(staff, 5), 2);
  reply r;
  ASSERT_TRUE(eventually([&] { // the worker's own may be under way
    r = staff.get("audit/?fresh=true");
    return r.status == 200;
  })) << r.body;
  const json::value found = r.json();
  EXPECT_TRUE(found.at("clean").as_bool()) << r.body;
  EXPECT_GT(found.at("invariants").as_array().size(), 10u);
  for (const json::value& i : found.at("invariants").as_array()) {
    EXPECT_EQ(number_at(i, "/violations"), 0) << text_at(i, "/invariant");
    EXPECT_TRUE(i.at("examples").as_array().empty());
  }
  EXPECT_GE(text_at(staff.get("audit/"), "/checked_at"), text_at(found, "/checked_at")) << "it is kept";
  EXPECT_TRUE(eventually([&] {
    return guest.get("/metrics").body.find("\nnexus_audit_broken_invariants 0\n") != std::string::npos;
  }));
}

// Each is done, or told that another is under way; never is more than one.
TEST_F(operations, audits_one_at_a_time) {
  std::vector<std::function<void()>> all;
  for (int i = 0; i < 8; ++i)
    all.emplace_back([each = std::make_shared<client>(here().staff())] {
      const reply r = each->get("audit/?fresh=true");
      EXPECT_TRUE(r.status == 200 || is_problem(r, 409, "audit_running")) << r.body;
    });
  at_once(all);
  EXPECT_TRUE(eventually([&] { return here().staff().get("audit/?fresh=true").status == 200; }))
      << "the worker's own may have been under way, but it ends";
}

TEST_F(operations, documents_itself) {
  client c = here().guest();
  const json::value schema = expect_body(c.get("/api/schema/"), 200);
  EXPECT_TRUE(text_at(schema, "/openapi").starts_with("3.1"));
  for (const char* path : {"/api/v1/catalogue/products/", "/api/v1/cart/{cart_id}/items/", "/api/v1/orders/",
                           "/api/v1/payment/initiate/{order_id}/", "/api/v1/auth/users/",
                           "/api/v1/inventory/{variant_id}/movements/"})
    EXPECT_TRUE(schema.at("paths").as_object().contains(path)) << path;
  const reply docs = c.get("/api/docs/");
  ASSERT_TRUE(has_status(docs, 200));
  EXPECT_TRUE(docs.header("Content-Type").value_or("").starts_with("text/html"));
  std::size_t files = 0; // what the page refers to is served by us, from the page's own folder
  for (const char* mark : {"src=\"", "href=\""})
    for (auto at = docs.body.find(mark); at != std::string::npos; at = docs.body.find(mark, at + 1)) {
      const auto from = at + std::string_view(mark).size();
      const std::string name = docs.body.substr(from, docs.body.find('"', from) - from);
      EXPECT_TRUE(has_status(c.get(name.starts_with('/') ? name : "/api/docs/" + name), 200)) << name;
      ++files;
    }
  EXPECT_GE(files, 2u);
}

TEST_F(operations, answers_with_what_belongs_to_every_answer) {
  client c = here().guest();
  const reply given = c.get("catalogue/products/", {{"X-Request-Id", "my-own-id.1"}});
  EXPECT_EQ(given.header("X-Request-Id"), "my-own-id.1");
  EXPECT_NE(given.header("Server-Timing").value_or("").find("db;dur="), std::string::npos);
  const reply made = c.get("catalogue/products/", {{"X-Request-Id", "not usable \"x\""}});
  EXPECT_FALSE(made.header("X-Request-Id").value_or("").empty());
  EXPECT_NE(made.header("X-Request-Id"), "not usable \"x\"");
  EXPECT_EQ(c.get("catalogue/products").body, c.get("catalogue/products/").body); // with the '/' and without
  const reply options = c.call("OPTIONS", "catalogue/products/");
  EXPECT_EQ(options.status, 204);
  EXPECT_NE(options.header("Allow").value_or("").find("POST"), std::string::npos);
  EXPECT_TRUE(is_problem(c.get("/nowhere"), 404, "not_found"));
  EXPECT_TRUE(is_problem(c.del("/healthz"), 405, "method_not_allowed"));
}

TEST(operations_start, names_what_is_wrong_with_the_configuration) {
  const struct {
    environment variables;
    std::vector<std::string> named;
  } cases[] = {
      {{{"NEXUS_LISTEN", "nowhere"}}, {"NEXUS_LISTEN"}},
      {{{"NEXUS_SECRET_KEY", "short"}}, {"NEXUS_SECRET_KEY"}},
      {{{"ORDER_EXPIRES_AFTER", "soon"}, {"MAIL_FROM", "nobody"}, {"REDIS_URL", "http://x"}},
       {"ORDER_EXPIRES_AFTER", "MAIL_FROM", "REDIS_URL"}},
      {{{"CHAPA_BASE_URL", "https://api.chapa.co/v1"}}, {"CHAPA_SECRET_KEY", "CHAPA_WEBHOOK_SECRET"}},
      {{{"DATABASE_URL", "mysql://somewhere"}}, {"DATABASE_URL"}},
      {{{"DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nexus"}}, {"DATABASE_URL"}},
      {{{"NEXUS_ENV", "production"}},
       {"NEXUS_SECRET_KEY", "DATABASE_URL", "CHAPA_SECRET_KEY", "CHAPA_WEBHOOK_SECRET", "NEXUS_PUBLIC_URL"}},
      {{{"NEXUS_ENV", "production"}, {"NEXUS_SECRET_KEY", "development-secret-key-known-to-everybody"}},
       {"NEXUS_SECRET_KEY"}},
      {{{"NEXUS_ENV", "staging"}}, {"NEXUS_ENV"}},
  };
  for (const auto& each : cases) {
    shop s(each.variables);
    const auto ended = s.try_to_start();
    EXPECT_EQ(ended.code, 2) << ended.errors;
    for (const std::string& name : each.named)
      EXPECT_NE(ended.errors.find(name), std::string::npos) << name << " is not named in " << ended.errors;
    EXPECT_EQ(ended.output.find("ready"), std::string::npos);
  }
}

TEST(operations_start, refuses_a_port_that_is_taken) {
  const int holder = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ASSERT_EQ(::bind(holder, reinterpret_cast<sockaddr*>(&at), size), 0);
  ASSERT_EQ(::listen(holder, 1), 0);
  ::getsockname(holder, reinterpret_cast<sockaddr*>(&at), &size);
  const std::string where = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
  shop s({{"NEXUS_LISTEN", where}});
  const auto ended = s.try_to_start();
  EXPECT_EQ(ended.code, 2);
  EXPECT_NE(ended.errors.find("NEXUS_LISTEN"), std::string::npos) << ended.errors;
  EXPECT_NE(ended.errors.find(where), std::string::npos) << ended.errors;
  ::close(holder);
  s.start(); // and the same home is as good as new
  EXPECT_TRUE(has_status(s.guest().get("/readyz"), 200));
}

// On an empty home with initdb, and again on the one that is there.
TEST(operations_start, is_quick_and_small) {
  shop s;
  const auto began = std::chrono::steady_clock::now();
  s.start();
  const auto first = std::chrono::steady_clock::now() - began;
  s.tell_to_stop();
  ASSERT_EQ(s.wait_for_end(), 0) << s.log();
  const auto again = std::chrono::steady_clock::now();
  s.start();
  const auto second = std::chrono::steady_clock::now() - again;
  const auto ms = [](auto d) {
    return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
  };
  RecordProperty("empty_home_ms", ms(first));
  RecordProperty("existing_home_ms", ms(second));
  // The promise is 10 s and 2 s on a machine that has nothing else to do; here other tests run beside it.
  EXPECT_LT(ms(first), 40'000);
  EXPECT_LT(ms(second), 10'000);
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
  EXPECT_LT(s.resident_kb(), 40 * 1024) << "at rest";
#endif
  RecordProperty("resident_kb", s.resident_kb());
}

TEST(operations_stop, lets_requests_under_way_end) {
  fake_chapa chapa;
  shop s({{"CHAPA_BASE_URL", chapa.base_url()},
          {"CHAPA_SECRET_KEY", "CHASECK_TEST-blackbox"},
          {"CHAPA_WEBHOOK_SECRET", "hook"}});
  s.start();
  client staff = s.staff(), guest = s.guest();
  const placed_order o = order_of(guest, make_variant(staff, 5));
  chapa.hang("initialize");
  reply slow;
  std::thread payer([&] {
    client c = s.guest();
    slow = c.post("payment/initiate/" + o.id + "/");
  });
  ASSERT_TRUE(eventually([&] { return chapa.calls("initialize") == 1; }));
  const std::string body = R"({"email":"late@example.com","password":"correct horse battery"})";
  connection half(s.port()); // half of it is there when the signal comes
  half.send(
      "POST /api/v1/auth/users/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, 10));
  connection idle(s.port());
  idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.read_reply();

  s.tell_to_stop();
  EXPECT_TRUE(idle.is_closed_by_peer(10s));
  EXPECT_TRUE(eventually([&] { // no new ones
    try {
      connection late(s.port());
      return false;
    } catch (const connection_lost&) {
      return true;
    }
  }));
  half.send(body.substr(10));
  const reply made = half.read_reply();
  EXPECT_TRUE(has_status(made, 201));
  EXPECT_EQ(made.header("Connection"), "close");
  EXPECT_FALSE(s.wait_for_end(0ms)) << "one is still under way";
  chapa.release();
  payer.join();
  EXPECT_TRUE(has_status(slow, 200));
  EXPECT_EQ(s.wait_for_end(), 0) << s.log();
  s.start();
  client after = s.guest();
  EXPECT_FALSE(initiate(after, o).url.empty());
  s.expect_audit_clean();
}

TEST(operations_stop, finds_a_killed_server_whole_again) {
  shop s;
  s.start();
  client staff = s.staff(), guest = s.guest();
  const placed_order o = buy(s, guest, make_variant(staff, 5));
  s.kill_hard();
  s.start();
  client after = s.guest();
  EXPECT_EQ(status_of(after, o), "completed");
  s.expect_audit_clean();
  EXPECT_EQ(s.receipts(o.number).size(), 1u);
}

TEST(operations_database, says_so_when_it_is_away_and_takes_it_up_again) {
  shop s;
  s.start();
  client staff = s.staff(), c = s.guest();
  const placed_order o = buy(s, c, make_variant(staff, 5));
  std::filesystem::path pid_file;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           s.home(), std::filesystem::directory_options::follow_directory_symlink))
    if (entry.path().filename() == "postmaster.pid")
      pid_file = entry.path();
  ASSERT_FALSE(pid_file.empty());
  // It is killed, and cannot start again.
  const auto settings = pid_file.parent_path() / "postgresql.conf";
  const std::string good = read_file(settings);
  std::ofstream(settings, std::ios::app) << "\nnot a setting\n";
  ::kill(std::stoi(read_file(pid_file)), SIGKILL);
  ASSERT_TRUE(eventually([&] { return c.get("/readyz").status == 503; }));
  EXPECT_TRUE(is_problem(c.get("/readyz"), 503, "service_unavailable"));
  EXPECT_TRUE(has_status(c.get("/healthz"), 200));
  const reply r = c.post("cart/");
  EXPECT_TRUE(is_problem(r, 503, "service_unavailable"));
  EXPECT_TRUE(r.header("Retry-After"));
  // It can: the server starts it by itself, and all is there.
  std::ofstream(settings, std::ios::trunc) << good;
  ASSERT_TRUE(eventually([&] { return c.get("/readyz").status == 200; })) << s.log();
  EXPECT_TRUE(has_status(c.post("cart/"), 201));
  EXPECT_EQ(status_of(c, o), "completed");
  s.expect_audit_clean();
  s.tell_to_stop();
  EXPECT_EQ(s.wait_for_end(), 0) << s.log();
}

TEST(operations_start, refuses_a_second_server_on_one_home) {
  shop s;
  s.start();
  const auto second = s.run({"serve"});
  EXPECT_EQ(second.code, 2);
  EXPECT_NE(second.errors.find("NEXUS_HOME"), std::string::npos) << second.errors;
}

} // namespace
} // namespace nexus::blackbox
