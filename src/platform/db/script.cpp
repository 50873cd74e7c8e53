#include "platform/db/script.hpp"

#include "platform/db/core.hpp"

#include <libpq-fe.h>

namespace nexus::db {

namespace {

constexpr std::chrono::hours longest_script{1};

bool failed(const pg_result* r) {
  switch (PQresultStatus(r)) {
  case PGRES_COMMAND_OK:
  case PGRES_TUPLES_OK:
  case PGRES_EMPTY_QUERY:
    return false;
  default:
    return true;
  }
}

} // namespace

awaitable<std::shared_ptr<script_connection>> script_connection::open(database& db) {
  const auto c = db.core_;
  if (c->closed)
    throw unavailable("the database is closed");
  auto link = std::make_shared<script_connection>(c->on);
  c->watch(link);
  co_await link->establish(dial_for_scripts(c->opts));
  co_return link;
}

awaitable<> script_connection::run(std::string script, std::string name) {
  const auto keep = shared_from_this();
  if (!is_open())
    throw unavailable(reason());
  if (PQsendQuery(pg_, script.c_str()) != 1)
    throw unavailable(last_message());
  co_await finish(std::move(name));
}

awaitable<rows> script_connection::query(const statement& s, params p) {
  const auto keep = shared_from_this();
  if (!is_open())
    throw unavailable(reason());
  std::vector<const char*> values;
  for (const auto& item : p.items())
    values.push_back(item ? item->c_str() : nullptr);
  if (PQsendQueryParams(pg_, s.text().data(), static_cast<int>(values.size()), nullptr, values.data(),
                        nullptr, nullptr, 1) != 1)
    throw unavailable(last_message());
  result_ptr last = co_await finish(std::string(s.name()));
  co_return rows(last.release());
}

awaitable<> script_connection::send_rest() {
  for (int left = PQflush(pg_); left != 0; left = PQflush(pg_)) {
    if (left < 0)
      throw unavailable(last_message());
    co_await wait_writable();
    if (!is_open())
      throw unavailable(reason());
    if (PQconsumeInput(pg_) != 1) // the server may wait for us to read before it reads on
      throw unavailable(last_message());
  }
}

awaitable<result_ptr> script_connection::finish(std::string name) {
  until_ = steady::now() + longest_script;
  std::optional<error> first;
  result_ptr last;
  co_await send_rest();
  for (;;) {
    while (PQisBusy(pg_) != 0) {
      co_await wait_readable();
      if (!is_open())
        throw unavailable(reason());
      if (PQconsumeInput(pg_) != 1)
        throw unavailable(last_message());
    }
    result_ptr r(PQgetResult(pg_));
    if (!r)
      break;
    if (!failed(r.get())) {
      last = std::move(r);
    } else if (ends_connection(r.get()) || PQresultStatus(r.get()) != PGRES_FATAL_ERROR) {
      close(message_of(r.get())); // or wants a COPY
      throw unavailable(reason());
    } else if (!first) {
      first = error_of(r.get(), name);
    }
  }
  until_.reset();
  if (first)
    throw error(*first);
  co_return last;
}

} // namespace nexus::db
