#include "platform/db/channel.hpp"

#include "platform/log/log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace nexus::db {

namespace {

constexpr boost::asio::use_awaitable_t<executor> use_awaitable;

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string_view field_of(const pg_result* r, int code) {
  const char* value = PQresultErrorField(r, code);
  return value ? value : "";
}

void write_notice(void*, const PGresult* notice) {
  const auto level =
      field_of(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING" ? log::level::warn : log::level::debug;
  log::write(level, "database notice", {{"message", field_of(notice, PG_DIAG_MESSAGE_PRIMARY)}});
}

// The options that the operator has in the connection string stay, ours come after them.
std::string options_in(const std::string& dsn) {
  std::string found;
  PQconninfoOption* all = PQconninfoParse(dsn.c_str(), nullptr);
  for (auto* option = all; option && option->keyword; ++option)
    if (option->val && std::string_view(option->keyword) == "options")
      found = std::string(option->val) + ' ';
  PQconninfoFree(all);
  return found;
}

// A row at a time by its key, never a hash or a merge over the whole of a table.
constexpr std::string_view by_index_only =
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

// force_generic_plan: every statement is prepared and named for what it asks, so one plan is good for all its
// values; left to itself PostgreSQL planned the product list anew at each call, which took longer than
// running it.
dial dial_with(const options& o, std::chrono::milliseconds statement_timeout) {
  // A transaction makes no calls to the outside, so one that idles for so long has been forgotten.
  const auto idle = std::max(o.statement_timeout, std::chrono::milliseconds(10'000));
  return {.dsn = o.dsn,
          .application_name = o.application_name,
          .server_options =
              fmt::format("{}-c TimeZone=UTC -c plan_cache_mode=force_generic_plan -c statement_timeout={} "
                          "-c lock_timeout={} "
                          "-c idle_in_transaction_session_timeout={} "
                          "-c default_transaction_isolation=read\\ committed{}",
                          options_in(o.dsn), statement_timeout.count(), o.lock_timeout.count(), idle.count(),
                          o.by_index_only ? by_index_only : ""),
          .connect_timeout = o.connect_timeout};
}

} // namespace

void close_result::operator()(pg_result* r) const { PQclear(r); }

dial dial_of(const options& o) { return dial_with(o, o.statement_timeout); }

dial dial_for_scripts(const options& o) { return dial_with(o, std::chrono::milliseconds(0)); }

error error_of(const pg_result* failed, std::string_view statement) {
  // The detail stays out: it quotes what is in the row.
  return {std::string(field_of(failed, PG_DIAG_SQLSTATE)),
          std::string(field_of(failed, PG_DIAG_MESSAGE_PRIMARY)),
          std::string(field_of(failed, PG_DIAG_CONSTRAINT_NAME)), std::string(statement)};
}

bool ends_connection(const pg_result* failed) {
  const auto severity = field_of(failed, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC" || field_of(failed, PG_DIAG_SQLSTATE).empty();
}

std::string message_of(const pg_result* failed) {
  const auto message = field_of(failed, PG_DIAG_MESSAGE_PRIMARY);
  return message.empty() ? one_line(PQresultErrorMessage(failed)) : std::string(message);
}

channel::~channel() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  PQfinish(pg_);
}

void channel::close(std::string reason) {
  if (closed_)
    return;
  const auto keep = weak_from_this().lock();
  closed_ = true;
  reason_ = std::move(reason);
  boost::system::error_code ignored;
  socket_.close(ignored);
  PQfinish(std::exchange(pg_, nullptr));
  on_close();
}

void channel::enforce_deadline(steady::time_point now) {
  if (closed_)
    return;
  if (const auto at = established_ ? deadline() : connect_deadline_; at && now >= *at)
    close(established_ ? "the database has not answered in time"
                       : "the database could not be reached in time");
}

std::string channel::last_message() const { return one_line(PQerrorMessage(pg_)); }

void channel::watch_socket() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  const int copy = ::fcntl(PQsocket(pg_), F_DUPFD_CLOEXEC, 0);
  if (copy < 0)
    throw unavailable("no file descriptor is left for a database connection");
  socket_.assign(copy);
}

awaitable<> channel::wait_readable() {
  boost::system::error_code ignored; // close() cancels; is_open() tells
  co_await socket_.async_wait(socket_.wait_read, boost::asio::redirect_error(use_awaitable, ignored));
}

awaitable<> channel::wait_writable() {
  boost::system::error_code ignored;
  co_await socket_.async_wait(socket_.wait_write, boost::asio::redirect_error(use_awaitable, ignored));
}

awaitable<> channel::wait_as_libpq_says() {
  for (auto next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK; next = PQconnectPoll(pg_)) {
    if (next == PGRES_POLLING_FAILED)
      throw unavailable(last_message());
    watch_socket(); // libpq may have gone on to another address, with another socket under the same number
    if (next == PGRES_POLLING_READING)
      co_await wait_readable();
    else
      co_await wait_writable();
    if (closed_)
      throw unavailable(reason_);
  }
}

awaitable<> channel::establish(dial how) {
  const auto keep = shared_from_this();
  constexpr std::array<const char*, 5> names{"dbname", "options", "application_name", "client_encoding",
                                             nullptr};
  const std::array<const char*, 5> values{how.dsn.c_str(), how.server_options.c_str(),
                                          how.application_name.c_str(), "UTF8", nullptr};
  if (closed_)
    throw unavailable(reason_);
  pg_ = PQconnectStartParams(names.data(), values.data(), 1);
  if (!pg_)
    throw std::bad_alloc();
  if (PQstatus(pg_) == CONNECTION_BAD)
    throw unavailable(last_message());
  connect_deadline_ = steady::now() + how.connect_timeout;
  PQsetNoticeReceiver(pg_, write_notice, nullptr);
  co_await wait_as_libpq_says();
  watch_socket();
  if (PQsetnonblocking(pg_, 1) != 0)
    throw unavailable(last_message());
  established_ = true;
}

} // namespace nexus::db
