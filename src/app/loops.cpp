#include "app/loops.hpp"

#include "platform/api/dispatch.hpp"
#include "platform/async/run.hpp"
#include "platform/async/sleep.hpp"
#include "platform/log/log.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>

namespace nexus::app {

namespace {

using namespace std::chrono_literals;

// Per endpoint, one histogram and a counter a class of status; made once, observed without a look-up.
struct endpoint_metrics {
  metrics::histogram seconds;
  metrics::counter by_class[6];
};

class request_observer {
public:
  request_observer(metrics::registry& registry, const std::vector<api::endpoint>& endpoints) {
    for (const api::endpoint& e : endpoints)
      series_.emplace(&e, make(registry, e.operation_id));
    unmatched_ = make(registry, "none");
  }
  void operator()(const api::endpoint* e, int status, double seconds) {
    const auto found = series_.find(e);
    endpoint_metrics& m = found == series_.end() ? unmatched_ : found->second;
    m.seconds.observe(seconds);
    m.by_class[std::clamp(status / 100, 1, 5)].increment();
  }

private:
  static endpoint_metrics make(metrics::registry& registry, const std::string& operation) {
    endpoint_metrics m;
    m.seconds =
        registry.make_histogram("nexus_http_request_seconds", "Time from a request's arrival to its answer",
                                {{"endpoint", operation}});
    for (int c = 2; c <= 5; ++c)
      m.by_class[c] = registry.make_counter("nexus_http_requests_total", "Requests answered",
                                            {{"endpoint", operation}, {"status", std::to_string(c) + "xx"}});
    return m;
  }
  std::unordered_map<const api::endpoint*, endpoint_metrics> series_;
  endpoint_metrics unmatched_;
};

struct pool_gauges {
  metrics::gauge open, busy, waiting;
};

// The pools belong to their loops: each tells its own figures.
awaitable<> report_pool(db::database& database, pool_gauges to) {
  for (;;) {
    const auto now = database.read_gauges();
    to.open.set(now.open);
    to.busy.set(now.busy);
    to.waiting.set(now.waiting);
    co_await sleep_for(1s);
  }
}

// Whoever has audited, every node shows what was found.
awaitable<> report_audit(services& s, db::database& database) {
  for (;;) {
    try {
      co_await s.refresh_audit_metrics(database.use());
    } catch (const std::exception& failure) { // the database is away: the last figures stay
      log::debug("the audit's figures cannot be read", {{"error", failure.what()}});
    }
    co_await sleep_for(5s);
  }
}

} // namespace

struct loops::loop {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<executor> keep{context.get_executor()};
  std::unique_ptr<db::database> database;
  http::handler handle;
  std::unique_ptr<http::listener> listener;
  std::thread thread;

  void stop() {
    context.stop();
    if (thread.joinable())
      thread.join();
  }
};

loops::loops(const config& c, const db::options& database) {
  const int count =
      c.threads != 0 ? c.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  if (c.listen_port != 0)
    http::check_free(c.listen_address, c.listen_port);
  db::options options = database;
  options.transactions = std::clamp(32 / count, 2, 8); // a cluster takes 100 connections by default
  std::uint16_t port = c.listen_port;
  for (int i = 0; i < count; ++i) {
    auto made = std::make_unique<loop>();
    made->database = std::make_unique<db::database>(made->context.get_executor(), options);
    http::listener::options o;
    o.handle = [l = made.get()](const http::request& r) { return l->handle(r); };
    o.refuse = api::refuse;
    made->listener =
        std::make_unique<http::listener>(made->context.get_executor(), c.listen_address, port, std::move(o));
    port = made->listener->port();
    loops_.push_back(std::move(made));
  }
}

loops::~loops() {
  for (auto& l : loops_)
    l->stop();
}

std::uint16_t loops::port() const { return loops_.front()->listener->port(); }

void loops::start(services& s, const api::router& router) {
  auto options = std::make_shared<api::dispatch_options>();
  options->router = &router;
  options->authenticator = &s.tokens;
  options->clock = &s.clock;
  options->public_url = s.where.public_url;
  options->observe = [observer = std::make_shared<request_observer>(s.metrics, router.endpoints())](
                         const api::endpoint* e, int status, double seconds) {
    (*observer)(e, status, seconds);
  };
  int number = 0;
  for (auto& l : loops_) {
    l->handle = api::make_handler(options, *l->database);
    run_to_end(l->context, [&](executor) { return l->database->connect(); });
    const metrics::labels label{{"loop", std::to_string(number++)}};
    spawn(l->context.get_executor(),
          report_pool(
              *l->database,
              {s.metrics.make_gauge("nexus_database_connections_open", "Connections to the database", label),
               s.metrics.make_gauge("nexus_database_connections_busy", "Of these, in a transaction", label),
               s.metrics.make_gauge("nexus_database_waiting", "Requests waiting for a connection", label)}));
  }
  spawn(loops_.front()->context.get_executor(), report_audit(s, *loops_.front()->database));
  for (auto& l : loops_)
    l->thread = std::thread([&l = *l] {
      l.listener->start();
      l.context.run();
    });
}

void loops::drain(std::chrono::milliseconds at_most) {
  std::vector<std::future<void>> done;
  for (auto& l : loops_) {
    auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    boost::asio::co_spawn(l->context.get_executor(), l->listener->drain(at_most),
                          [promise](std::exception_ptr) { promise->set_value(); });
  }
  for (auto& d : done)
    d.wait();
  for (auto& l : loops_)
    l->stop();
}

} // namespace nexus::app
