// What runs the shop asks: is it alive, is it ready, how is it doing.
#include "app/app.sql.hpp"
#include "app/database_source.hpp"
#include "app/services.hpp"
#include "platform/redis/ping.hpp"

namespace nexus::app {

namespace {

using namespace std::chrono_literals;

http::response text(std::string body, std::string type = "text/plain; charset=utf-8") {
  return {200, std::move(type), std::move(body), {{"Cache-Control", "no-store"}}};
}

// Nullopt where it is there.
awaitable<std::optional<std::string>> what_is_wrong_with_the_schema(db::session db) {
  try {
    const db::rows rows = co_await db.query(sql::count_migrations);
    const auto applied = rows.front().get<std::int64_t>(0);
    const auto known = static_cast<std::int64_t>(known_migrations().size());
    if (applied < known)
      co_return fmt::format("{} migrations are not applied: run nexus migrate", known - applied);
    co_return std::nullopt;
  } catch (const std::exception&) {
    co_return "no database";
  }
}

awaitable<result<http::response>> ready(services& s, api::context& c) {
  std::string faults;
  if (const auto fault = co_await what_is_wrong_with_the_schema(c.db))
    faults += *fault;
  if (s.configured.redis_url) {
    const auto answer =
        co_await s.blocking.run([url = *s.configured.redis_url] { return redis::ping(url, 1s); });
    if (!answer || *answer)
      faults += (faults.empty() ? "" : "; ") + answer.value_or("no answer from Redis").value_or("");
  }
  if (!faults.empty())
    co_return problem(errors::service_unavailable, "Not ready: " + faults + ".");
  co_return http::response{200, "application/json", R"({"status":"ready"})", {{"Cache-Control", "no-store"}}};
}

} // namespace

std::vector<api::endpoint> operations_routes(services& s) {
  return api::under(
      "", "Operations",
      {
          api::get("/healthz", "healthz", "Alive")
              .anonymous()
              .hidden()
              .lenient_query()
              .handle([](api::context&, api::request<>) -> awaitable<result<http::response>> {
                co_return text("ok\n");
              }),
          api::get("/readyz", "readyz", "Ready")
              .anonymous()
              .hidden()
              .lenient_query()
              .handle([&s](api::context& c, api::request<>) -> awaitable<result<http::response>> {
                return ready(s, c);
              }),
          api::get("/metrics", "metrics", "Prometheus metrics")
              .anonymous()
              .hidden()
              .lenient_query()
              .handle([&s](api::context&, api::request<>) -> awaitable<result<http::response>> {
                co_return text(s.metrics.render(), "text/plain; version=0.0.4; charset=utf-8");
              }),
      });
}

} // namespace nexus::app
