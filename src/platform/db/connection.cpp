#include "platform/db/connection.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>

namespace nexus::db {

namespace {

struct plan_name {
  plan_name(std::size_t id, unsigned generation) {
    *fmt::format_to_n(text, sizeof text - 1, "s{}_{}", id, generation).out = '\0';
  }
  char text[40];
};

// The server has no such prepared statement (its Parse was skipped), or "cached plan must not change result
// type", which has the SQLSTATE of much else (0A000): RevalidateCachedQuery in plancache.c.
bool is_stale_plan(const pg_result* failed) {
  const auto is = [&](int field, std::string_view value) {
    const char* there = PQresultErrorField(failed, field);
    return there && there == value;
  };
  return is(PG_DIAG_SQLSTATE, "26000") ||
         (is(PG_DIAG_SQLSTATE, "0A000") && is(PG_DIAG_SOURCE_FUNCTION, "RevalidateCachedQuery"));
}

} // namespace

awaitable<> connection::open(dial how, std::chrono::milliseconds patience) {
  const auto keep = shared_from_this();
  patience_ = patience;
  co_await establish(std::move(how));
  if (PQenterPipelineMode(pg_) != 1)
    throw unavailable(last_message());
  await_input();
}

bool connection::is_clean() const {
  return is_open() && flight_.empty() && segment_ == 0 && PQtransactionStatus(pg_) == PQTRANS_IDLE;
}

std::optional<steady::time_point> connection::deadline() const {
  if (sent_.empty())
    return std::nullopt;
  return sent_.front() + patience_;
}

connection::plan& connection::plan_of(const statement& s) {
  if (s.id() >= plans_.size())
    plans_.resize(std::max(statement::all().size(), s.id() + 1));
  return plans_[s.id()];
}

bool connection::send_prepare(const request_ptr& r) {
  auto& known = plan_of(*r->what);
  if (r->prepare_anew)
    known = {.prepared = false, .generation = static_cast<std::uint16_t>(known.generation + 1)};
  if (known.prepared)
    return true;
  const plan_name name(r->what->id(), known.generation);
  if (PQsendPrepare(pg_, name.text, r->what->text().data(), 0, nullptr) != 1)
    return false;
  known.prepared = true;
  flight_.push_back({entry::kind::prepare, r, known.generation});
  return true;
}

bool connection::send_execute(const request_ptr& r) {
  std::uint16_t generation = 0;
  bool sent = false;
  if (r->what) {
    values_.clear();
    for (const auto& item : r->values.items())
      values_.push_back(item ? item->c_str() : nullptr);
    generation = plan_of(*r->what).generation;
    const plan_name name(r->what->id(), generation);
    const auto count = static_cast<int>(values_.size());
    sent = PQsendQueryPrepared(pg_, name.text, count, values_.data(), nullptr, nullptr, 1) == 1;
  } else {
    sent = PQsendQueryParams(pg_, r->word, 0, nullptr, nullptr, nullptr, nullptr, 1) == 1;
  }
  if (sent)
    flight_.push_back({entry::kind::execute, r, generation});
  return sent;
}

void connection::submit(request_ptr r) {
  if (!is_open())
    return finish(r, outcome::lost);
  if ((r->what && !send_prepare(r)) || !send_execute(r)) {
    close(last_message());
    return finish(r, outcome::lost); // once more, if its prepare was on its way: the first word counts
  }
  ++segment_;
}

void connection::sync() {
  if (!is_open() || segment_ == 0)
    return;
  segment_ = 0;
  if (PQpipelineSync(pg_) != 1)
    return close(last_message());
  flight_.push_back({entry::kind::sync, nullptr});
  sent_.push_back(steady::now());
  flush();
}

void connection::sync_soon() {
  if (std::exchange(sync_posted_, true))
    return;
  boost::asio::post(on_, [weak = weak_from_this()] {
    if (const auto keep = weak.lock()) {
      auto& self = static_cast<connection&>(*keep);
      self.sync_posted_ = false;
      self.sync();
    }
  });
}

void connection::flush() {
  const int left = PQflush(pg_);
  if (left < 0)
    close(last_message());
  else if (left == 1)
    await_output();
}

void connection::await_output() {
  if (std::exchange(writing_, true))
    return;
  socket_.async_wait(socket_.wait_write, [weak = weak_from_this()](boost::system::error_code) {
    const auto keep = weak.lock();
    if (!keep)
      return;
    auto& self = static_cast<connection&>(*keep);
    self.writing_ = false;
    if (self.is_open())
      self.flush();
  });
}

void connection::await_input() {
  socket_.async_wait(socket_.wait_read, [weak = weak_from_this()](boost::system::error_code) {
    const auto keep = weak.lock();
    if (!keep)
      return;
    auto& self = static_cast<connection&>(*keep);
    if (!self.is_open())
      return;
    if (PQconsumeInput(self.pg_) != 1)
      return self.close(self.last_message());
    self.drain();
    if (self.is_open())
      self.await_input();
  });
}

void connection::drain() {
  if (flight_.empty())
    PQisBusy(pg_); // parses what came unasked: notices, parameters
  while (is_open() && !flight_.empty() && PQisBusy(pg_) == 0) {
    if (result_ptr r{PQgetResult(pg_)})
      take(std::move(r));
    else
      end_front();
  }
}

void connection::take(result_ptr r) {
  auto& front = flight_.front();
  switch (PQresultStatus(r.get())) {
  case PGRES_COMMAND_OK:
  case PGRES_TUPLES_OK:
  case PGRES_EMPTY_QUERY:
    if (front.is == entry::kind::sync)
      return close("libpq gave a result where the end of a segment was due");
    if (front.is == entry::kind::execute)
      front.of->result = std::move(r);
    return;
  case PGRES_PIPELINE_SYNC:
    return end_segment();
  case PGRES_PIPELINE_ABORTED:
    if (front.is == entry::kind::prepare)
      forget(front);
    return;
  case PGRES_FATAL_ERROR:
    if (ends_connection(r.get()))
      return close(fmt::format("the server ended the connection: {}", message_of(r.get())));
    return take_failure(front, r.get());
  default: // COPY, and what libpq cannot read
    return close(fmt::format("unexpected {} from the server", PQresStatus(PQresultStatus(r.get()))));
  }
}

// The next to use the statement prepares it anew, under another name: whether the server knows this one is
// uncertain.
void connection::forget(const entry& e) {
  auto& known = plan_of(*e.of->what);
  if (known.generation == e.generation) // others that failed for the same reason change nothing more
    known = {.prepared = false, .generation = static_cast<std::uint16_t>(known.generation + 1)};
}

void connection::take_failure(entry& front, const pg_result* r) {
  if (front.is == entry::kind::sync) { // at the commit: a deferred constraint, for one
    for (const auto& held : held_)
      if (held->result)
        held->failure = error_of(r, held->what ? held->what->name() : held->word);
    return;
  }
  auto& of = *front.of;
  of.failure = error_of(r, of.what ? of.what->name() : of.word);
  if (!of.what)
    return;
  if (front.is == entry::kind::prepare) {
    forget(front);
  } else if (is_stale_plan(r)) {
    of.stale_plan = true;
    forget(front);
  }
}

// The NULL that follows each result: the front has been answered.
void connection::end_front() {
  if (flight_.front().is == entry::kind::sync) {
    // One comes after an error at the sync; more would never end.
    if (++ends_of_sync_ > 2)
      close("libpq has lost its place in the pipeline");
    return;
  }
  const entry front = std::move(flight_.front());
  flight_.pop_front();
  if (front.is == entry::kind::prepare)
    return;
  if (front.of->until_sync)
    held_.push_back(front.of);
  else
    finish_as_found(front.of);
}

void connection::finish_as_found(const request_ptr& r) {
  finish(r, r->failure ? outcome::failed : r->result ? outcome::done : outcome::aborted);
}

void connection::end_segment() {
  if (flight_.front().is != entry::kind::sync)
    return close("the server ended a segment too early");
  flight_.pop_front();
  sent_.pop_front();
  ends_of_sync_ = 0;
  for (const auto& held : std::exchange(held_, {}))
    finish_as_found(held);
}

void connection::on_close() {
  segment_ = 0;
  sent_.clear();
  for (const auto& held : std::exchange(held_, {}))
    finish(held, held->failure ? outcome::failed : outcome::lost);
  for (const auto& left : std::exchange(flight_, {}))
    if (left.of)
      finish(left.of, outcome::lost);
  if (const auto tell = std::exchange(on_lost, nullptr))
    tell();
}

} // namespace nexus::db
