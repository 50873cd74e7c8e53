// PostgreSQL on one loop: coroutines over libpq's pipeline mode.
//
//   rows found = co_await session.query(sql::find_user, email); // autocommit, shared pipeline
//   transaction tx = co_await session.begin();
//   rows locked = co_await tx.query(sql::lock_variants, ids);
//   tx.send(sql::insert_line, …); // goes out with the next awaited one
//   co_await tx.commit();
//
// Everything belongs to one loop and is used by its thread alone. Every wait has a deadline; at a deadline
// the connection is dropped, never reused.
#pragma once

#include "platform/async/awaitable.hpp"
#include "platform/db/error.hpp"
#include "platform/db/statement.hpp"
#include "platform/db/value.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace nexus::db {

struct options {
  std::string dsn;                    // libpq URI or key=value
  int readers = 1;                    // pipelined connections for single statements
  int transactions = 8;               // connections for transactions, opened as they are needed
  std::size_t waiting_limit = 10'000; // coroutines waiting for a transaction's connection
  std::chrono::milliseconds acquire_timeout{5'000};
  std::chrono::milliseconds statement_timeout{10'000}; // set in the server too
  std::chrono::milliseconds lock_timeout{5'000};
  std::chrono::milliseconds connect_timeout{5'000};
  std::string application_name = "nexus";
  // The planner takes an index wherever there is one. For connections whose statements all find their rows by
  // key: a plan made while a table was small would stay a scan of the whole table as it grows.
  bool by_index_only = false;
};

// What a request has asked of the database, for Server-Timing and the tests that count.
struct usage {
  int statements = 0; // those of the caller; BEGIN, COMMIT, ROLLBACK and what is sent again do not count
  std::chrono::nanoseconds waited{0}; // for answers and for connections
};

// What can run a statement: a session or a transaction.
class queryable {
public:
  virtual ~queryable() = default;
  template <class... A>
  awaitable<rows> query(const statement& s, const A&... values) {
    return run(s, params::of(values...));
  }
  virtual awaitable<rows> run(const statement& s, params p) = 0;
};

struct core;
struct request;

// A statement on its way whose rows come with those of the next awaited one.
class asked {
public:
  // Once, after a statement that was awaited later has been answered.
  [[nodiscard]] rows take();

private:
  friend class transaction;
  explicit asked(std::shared_ptr<request> r) : request_(std::move(r)) {}
  std::shared_ptr<request> request_;
};

// BEGIN (READ COMMITTED) goes out with the first statement. A transaction that is destroyed without commit()
// or rollback() discards its connection: a destructor cannot wait, and must not commit. After the end of a
// transaction all but rollback() throw std::logic_error.
class transaction final : public queryable {
public:
  transaction(transaction&&) noexcept;
  transaction& operator=(transaction&&) = delete;
  ~transaction() override;

  // Throws error, of this statement or the first of those queued before it; or unavailable.
  awaitable<rows> run(const statement& s, params p) override;

  // Queues a statement whose rows nobody needs; it goes out with the next awaited one. Its error is thrown
  // there.
  template <class... A>
  void send(const statement& s, const A&... values) {
    send_packed(s, params::of(values...));
  }

  // Queues a statement whose rows are wanted; it goes out with the next awaited one, whose answer means that
  // these rows are there too. So several reads take one round trip. Its error is thrown there.
  template <class... A>
  [[nodiscard]] asked ask(const statement& s, const A&... values) {
    return ask_packed(s, params::of(values...));
  }

  // Throws error (a deferred constraint, a failed queued statement; 25P02 where the server has rolled back
  // instead), unavailable (lost before COMMIT was sent), or in_doubt. Nothing is sent where there was no
  // statement.
  awaitable<> commit();
  // Afterwards the connection is clean and back in the pool. Does not throw: a lost connection has rolled
  // back too.
  awaitable<> rollback();

  // Called after a successful commit, in order; for waking workers and dropping cached bytes. Not awaited.
  void after_commit(std::function<void()> action);

private:
  friend class session;
  struct state;
  explicit transaction(std::unique_ptr<state> s);
  void send_packed(const statement& s, params p);
  asked ask_packed(const statement& s, params p);
  std::unique_ptr<state> state_;
};

class database;

// A handle for one request (or one job): the database of this loop, counting what it is asked. Cheap to make.
class session final : public queryable {
public:
  session(database& db, usage* count);
  // Autocommit, on a connection shared with everyone. What begins with SELECT must not write: it travels with
  // others in one implicit transaction, and what fails among them would undo it. Anything else has a
  // transaction of its own, and its answer means that it is committed. Throws error; unavailable; in_doubt
  // where the connection was lost under a statement that may write.
  awaitable<rows> run(const statement& s, params p) override;
  // Waits for a connection at most acquire_timeout. Throws unavailable.
  awaitable<transaction> begin();
  // Sees the database as it is at its first statement, whatever is committed meanwhile; writes nothing.
  awaitable<transaction> begin_snapshot();
  // What another has asked of the database for this request.
  void count(const usage& more);

private:
  static awaitable<transaction> begin_on(std::shared_ptr<core> c, usage* count);
  std::shared_ptr<core> core_;
  usage* usage_;
};

class database {
public:
  database(executor on, options o);
  ~database(); // closes every connection; pending work ends with unavailable
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  // Opens the readers and one connection for transactions; throws unavailable with libpq's reason.
  awaitable<> connect();
  [[nodiscard]] session use(usage* count = nullptr) { return {*this, count}; }

  // Several statements separated by ';' by the simple protocol on a connection of its own: migrations only.
  // Throws error or unavailable.
  awaitable<> run_script(std::string script);

  // Of the connections for transactions.
  struct gauges {
    int open = 0;
    int busy = 0;
    int waiting = 0;
  };
  [[nodiscard]] gauges read_gauges() const;

private:
  friend class session;
  friend class script_connection;
  std::shared_ptr<core> core_;
};

// A few milliseconds, more after each attempt and never the same: the two of a deadlock would meet again
// otherwise.
awaitable<> pause_before_attempt(int attempt);

// Runs work(tx) in a transaction and commits; the whole at most 3 times, again after 40001 and 40P01. work
// must be callable again: awaitable<T>(transaction&). If it throws anything else, the transaction is rolled
// back.
template <class Work>
auto in_transaction(session s, Work work) -> decltype(work(std::declval<transaction&>())) {
  using T = typename decltype(work(std::declval<transaction&>()))::value_type;
  for (int attempt = 1;; ++attempt) {
    if (attempt > 1)
      co_await pause_before_attempt(attempt);
    std::exception_ptr failure;
    transaction tx = co_await s.begin();
    try {
      if constexpr (std::is_void_v<T>) {
        co_await work(tx);
        co_await tx.commit();
        co_return;
      } else {
        T out = co_await work(tx);
        co_await tx.commit();
        co_return out;
      }
    } catch (const error& e) {
      if (!e.retryable() || attempt == 3)
        failure = std::current_exception();
    } catch (...) {
      failure = std::current_exception();
    }
    co_await tx.rollback();
    if (failure)
      std::rethrow_exception(failure);
  }
}

} // namespace nexus::db
