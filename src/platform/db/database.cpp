#include "platform/db/core.hpp"
#include "platform/db/script.hpp"

#include <stdexcept>

namespace nexus::db {

namespace {

constexpr std::chrono::milliseconds tick_period{100};

bool shares_segment(std::string_view text) {
  return text.starts_with("SELECT") || text.starts_with("select");
}

// The coroutine's own: session may be a temporary.
awaitable<rows> run_shared(core_ptr c, usage* count, const statement* s, params p) {
  const stopwatch timing(count);
  if (count)
    ++count->statements;
  const bool shares = shares_segment(s->text());
  const auto until = steady::now() + c->patience();
  for (int attempt = 1;; ++attempt) {
    const auto link = c->shared.pick();
    const auto r = std::make_shared<request>(c->on, *s, std::move(p));
    r->until_sync = !shares;
    r->prepare_anew = attempt > 2;
    const bool alone = !shares || attempt > 2; // so that it gets through whatever its neighbours do
    if (alone)
      link->sync();
    link->submit(r);
    if (alone)
      link->sync();
    else
      link->sync_soon();
    const auto o = co_await r->answered.wait();
    if (o == outcome::done)
      co_return rows(r->result.release());
    if (o == outcome::lost && shares)
      throw unavailable(link->reason());
    if (o == outcome::lost)
      throw in_doubt(link->reason());
    if (o == outcome::failed && (!r->stale_plan || attempt > 2))
      throw error(*r->failure);
    if (steady::now() >= until)
      throw unavailable("the database has not answered in time");
    p = std::move(r->values);
  }
}

} // namespace

void check_size(const params& p) {
  if (p.items().size() > 65'535)
    throw std::invalid_argument("more than 65535 parameters");
}

core::core(executor e, options o)
    : on(e), opts(std::move(o)), shared(*this, opts.readers), transactions(*this), timer_(e) {}

void core::start() {
  timer_.expires_after(tick_period);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code) {
    if (const auto self = weak.lock(); self && !self->closed)
      self->tick();
  });
}

void core::tick() {
  const auto now = steady::now();
  std::erase_if(channels_, [](const auto& c) { return c.expired(); });
  for (const auto& watched : std::vector(channels_))
    if (const auto c = watched.lock())
      c->enforce_deadline(now);
  transactions.tick(now);
  start();
}

void core::close() {
  closed = true;
  timer_.cancel();
  shared.close();
  transactions.close();
  for (const auto& watched : std::exchange(channels_, {}))
    if (const auto c = watched.lock())
      c->close("the database is closed");
}

database::database(executor on, options o) : core_(std::make_shared<core>(on, std::move(o))) {
  core_->start();
}

database::~database() { core_->close(); }

awaitable<> database::connect() {
  const auto c = core_;
  co_await readers::open_all(c);
  co_await pool::acquire(c); // and back at once
}

awaitable<> database::run_script(std::string script) {
  const auto link = co_await script_connection::open(*this);
  co_await link->run(std::move(script));
}

database::gauges database::read_gauges() const { return core_->transactions.read_gauges(); }

session::session(database& db, usage* count) : core_(db.core_), usage_(count) {}

awaitable<rows> session::run(const statement& s, params p) {
  check_size(p);
  return run_shared(core_, usage_, &s, std::move(p));
}

} // namespace nexus::db
