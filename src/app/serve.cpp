// nexus serve: the whole shop in one process. With nothing configured also its database, its worker and a
// Chapa to try.
#include "app/app.sql.hpp"
#include "app/commands.hpp"
#include "app/database_source.hpp"
#include "app/home_lock.hpp"
#include "app/loops.hpp"
#include "app/placement_thread.hpp"
#include "app/sample_data.hpp"
#include "app/signals.hpp"
#include "app/worker_thread.hpp"
#include "platform/log/log.hpp"
#include "simulator/simulator.hpp"

#include <cstdio>

namespace nexus::app {

namespace {

using namespace std::chrono_literals;

std::string url_of(const std::string& address, std::uint16_t port) {
  const bool six = address.find(':') != std::string::npos;
  const std::string host = address == "0.0.0.0" || address == "::" ? "127.0.0.1"
                           : six                                   ? "[" + address + "]"
                                                                   : address;
  return fmt::format("http://{}:{}", host, port);
}

// Brings the schema, and where it is asked for the sample data, before the loops' connections plan anything.
void prepare_database(const database_source& source, const serve_options& o) {
  boost::asio::io_context context{1};
  run_to_end(context, [&](executor on) -> awaitable<> {
    db::database database(on, source.options("nexus start"));
    co_await database.connect();
    co_await migrate_schema(database);
    if (o.sample_data)
      co_await load_sample_data(database.use());
  });
}

// On its usual port (the shop's + 1), or on a free one where that is taken.
std::unique_ptr<chapa::simulator> start_simulator(const config& c) {
  chapa::simulator::options o;
  o.secret_key = c.chapa_secret_key;
  o.webhook_secret = c.chapa_webhook_secret;
  o.journal = c.home / "chapa-simulator.jsonl";
  std::filesystem::create_directories(c.home);
  o.port = c.simulator_port;
  if (o.port != 0 || c.listen_port == 0)
    return std::make_unique<chapa::simulator>(std::move(o));
  o.port = static_cast<std::uint16_t>(c.listen_port + 1);
  try {
    return std::make_unique<chapa::simulator>(o);
  } catch (const std::system_error&) {
    o.port = 0;
    return std::make_unique<chapa::simulator>(std::move(o));
  }
}

void print_addresses(const config& c, const std::string& url, const database_source& source,
                     const chapa::simulator* simulator) {
  fmt::print("Nexus is ready at {}\n\n", url);
  fmt::print("  API            {}/api/v1/\n", url);
  fmt::print("  API docs       {}/api/docs/\n", url);
  if (simulator != nullptr)
    fmt::print("  Chapa          simulated at {} (no money moves)\n", simulator->base_url());
  if (!c.smtp_url)
    fmt::print("  Mails          {}\n",
               std::filesystem::absolute(c.home / "mail").lexically_normal().string());
  if (source.is_embedded())
    fmt::print("  Database       embedded: {}\n",
               std::filesystem::absolute(c.home / "postgres").lexically_normal().string());
  fmt::print("  Worker         {}\n", c.worker ? "in this process" : "off: run nexus worker");
  if (!c.production)
    fmt::print("\nThis is a shop to try; for a real one set NEXUS_ENV=production (docs/configuration.md).\n"
               "An account for staff: nexus createsuperuser --email you@example.com\nCtrl-C stops it all.\n");
  std::fflush(stdout);
}

// A database that does not start is tried again in a second; until then requests are answered 503.
bool revive(database_source& source) {
  try {
    return source.revive();
  } catch (const std::exception& failure) {
    log::error("the embedded database does not start again", {{"error", failure.what()}});
    return false;
  }
}

} // namespace

int serve(const config& c, const serve_options& o) {
  const ending_signals signals;
  const std::unique_ptr<home_lock> only = c.database_url ? nullptr : std::make_unique<home_lock>(c.home);
  database_source source(c);
  prepare_database(source, o);
  loops loops(c, source.options("nexus serve"));
  const std::string own_url = url_of(c.listen_address, loops.port());
  const auto simulator = c.chapa_base_url ? nullptr : start_simulator(c);
  services s(c, {c.public_url.value_or(own_url), simulator ? simulator->base_url() : *c.chapa_base_url});
  s.books.emplace(s.clock, source.options("nexus audit"));
  if (simulator)
    simulator->set_webhook_url(own_url + "/api/v1/payment/webhook/chapa/");

  const placement_thread placement(s, source.options("nexus placement"));
  s.orders.placement = placement.queue();
  auto endpoints = shop_routes(s);
  auto document = openapi_json(endpoints);
  for (auto more : {operations_routes(s), documentation_routes(std::move(document))})
    endpoints.insert(endpoints.end(), more.begin(), more.end());
  const api::router router(std::move(endpoints));

  std::unique_ptr<worker_thread> worker;
  if (c.worker)
    worker = std::make_unique<worker_thread>(s, source.options("nexus worker"));
  loops.start(s, router);
  print_addresses(c, own_url, source, simulator.get());
  log::info("ready", {{"url", own_url}});

  while (!signals.wait_for(1s))
    if (revive(source))
      log::warn("the embedded database had ended; it runs again");
  log::info("stopping");
  loops.drain(20s);
  if (worker)
    worker->stop(10s);
  return 0;
}

} // namespace nexus::app
