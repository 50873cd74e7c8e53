#include "platform/async/sleep.hpp"
#include "platform/db/core.hpp"
#include "platform/log/log.hpp"

#include <libpq-fe.h>

#include <random>
#include <stdexcept>
#include <utility>

namespace nexus::db {

// On the heap, so that its coroutines stay valid when the transaction is moved.
struct transaction::state {
  state(executor e, lease l, usage* u) : on(e), link(std::move(l)), count(u) {}

  executor on;
  lease link;
  usage* count;
  const char* begin_words = "BEGIN";
  bool begun = false;
  bool ended = false;
  std::vector<request_ptr> queued;     // by send(), not yet out
  std::vector<request_ptr> unanswered; // out, before the one that is awaited
  std::vector<std::function<void()>> actions;

  void check_alive() const {
    if (ended)
      throw std::logic_error("the transaction has ended");
  }
  request_ptr queue(const statement& s, params p) {
    check_alive();
    if (count)
      ++count->statements;
    return queued.emplace_back(std::make_shared<request>(on, s, std::move(p)));
  }
  void end() {
    ended = true;
    link.end();
  }

  void throw_first_failure() const;
  awaitable<outcome> send_with(request_ptr last);
  awaitable<rows> run(request_ptr r);
  awaitable<> commit();
  awaitable<> rollback();
  void act();
};

void transaction::state::throw_first_failure() const {
  for (const auto& r : unanswered)
    if (r->failure)
      throw error(*r->failure);
}

// Everything queued and this one go out together; waits for the answer to this one, and so to all before it.
awaitable<outcome> transaction::state::send_with(request_ptr last) {
  const stopwatch timing(count);
  unanswered.clear();
  if (!std::exchange(begun, true))
    unanswered.push_back(std::make_shared<request>(on, begin_words));
  for (auto& r : std::exchange(queued, {}))
    unanswered.push_back(std::move(r));
  for (const auto& r : unanswered)
    link->submit(r);
  link->submit(last);
  link->sync();
  co_return co_await last->answered.wait();
}

awaitable<rows> transaction::state::run(request_ptr r) {
  check_alive();
  if (count)
    ++count->statements;
  switch (co_await send_with(r)) {
  case outcome::done:
    co_return rows(r->result.release());
  case outcome::lost:
    throw unavailable(link->reason());
  case outcome::failed:
  case outcome::aborted:
    break;
  }
  throw_first_failure();
  throw error(r->failure.value());
}

awaitable<> transaction::state::commit() {
  check_alive();
  if (!begun && queued.empty()) {
    end();
    act();
    co_return;
  }
  if (!link->is_open())
    throw unavailable(link->reason());
  const auto word = std::make_shared<request>(on, "COMMIT");
  word->until_sync = true; // the connection goes back to the pool, and so must be at rest
  const auto o = co_await send_with(word);
  const std::string_view tag = word->result ? PQcmdStatus(word->result.get()) : "";
  if (tag == "COMMIT") { // also where the connection was lost right after
    end();
    act();
    co_return;
  }
  if (o == outcome::lost)
    throw in_doubt(link->reason());
  throw_first_failure();
  end();
  if (word->failure)
    throw error(*word->failure);
  throw error("25P02", "the server has rolled the transaction back", {}, "COMMIT");
}

awaitable<> transaction::state::rollback() {
  if (ended)
    co_return;
  queued.clear();
  if (begun && link->is_open()) {
    const auto word = std::make_shared<request>(on, "ROLLBACK");
    word->until_sync = true;
    co_await send_with(word);
  }
  end(); // closes the connection if anything is odd
}

void transaction::state::act() {
  for (const auto& action : std::exchange(actions, {})) {
    try {
      action();
    } catch (const std::exception& e) { // what is committed is committed
      log::error("after a commit", {{"reason", e.what()}});
    }
  }
}

transaction::transaction(std::unique_ptr<state> s) : state_(std::move(s)) {}
transaction::transaction(transaction&&) noexcept = default;
transaction::~transaction() = default;

awaitable<rows> transaction::run(const statement& s, params p) {
  check_size(p);
  return state_->run(std::make_shared<request>(state_->on, s, std::move(p)));
}

void transaction::send_packed(const statement& s, params p) {
  check_size(p);
  state_->queue(s, std::move(p));
}

asked transaction::ask_packed(const statement& s, params p) {
  check_size(p);
  return asked(state_->queue(s, std::move(p)));
}

rows asked::take() {
  if (!request_->result)
    throw std::logic_error("rows are taken before a later statement was awaited, or twice");
  return rows(request_->result.release());
}

awaitable<> transaction::commit() { return state_->commit(); }

awaitable<> transaction::rollback() { return state_->rollback(); }

void transaction::after_commit(std::function<void()> action) { state_->actions.push_back(std::move(action)); }

awaitable<> pause_before_attempt(int attempt) {
  static thread_local std::minstd_rand dice{std::random_device{}()};
  co_await sleep_for(std::chrono::milliseconds(std::uniform_int_distribution(1, 8 * attempt)(dice)));
}

namespace {

awaitable<lease> timed_acquire(core_ptr c, usage* count) {
  const stopwatch timing(count);
  co_return co_await pool::acquire(std::move(c));
}

} // namespace

void session::count(const usage& more) {
  if (!usage_)
    return;
  usage_->statements += more.statements;
  usage_->waited += more.waited;
}

awaitable<transaction> session::begin() { return begin_on(core_, usage_); }

awaitable<transaction> session::begin_snapshot() {
  transaction tx = co_await begin_on(core_, usage_);
  tx.state_->begin_words = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  co_return tx;
}

awaitable<transaction> session::begin_on(std::shared_ptr<core> c, usage* count) {
  lease link = co_await timed_acquire(c, count);
  co_return transaction(std::make_unique<transaction::state>(c->on, std::move(link), count));
}

} // namespace nexus::db
