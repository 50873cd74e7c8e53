// Endpoints over a PostgreSQL with the real schema, asked as a client asks, but without a socket: what the
// tests of inventory and catalogue begin with.
#pragma once

#include "platform/api/dispatch.hpp"
#include "platform/async/one_shot.hpp"
#include "scratch_database/scratch_database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nexus::testing {

class manual_clock final : public nexus::clock {
public:
  [[nodiscard]] time_point now() const override { return at; }
  time_point at = *parse_rfc3339("2026-01-02T03:04:05Z");
};

struct answer {
  int status = 0;
  boost::json::value body;
  std::string text;
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::string header(std::string_view name) const;
  // What lies at a JSON pointer: a string's text, else JSON. "(none)" where nothing does.
  [[nodiscard]] std::string at(std::string_view pointer) const;
  [[nodiscard]] std::int64_t number(std::string_view pointer) const; // -1 where there is none
  // "pointer code" of each field at fault, in order, with blanks between.
  [[nodiscard]] std::string faults() const;
  [[nodiscard]] std::string code() const { return at("/code"); }
  // The field of each of the results, joined by ','.
  [[nodiscard]] std::string results(std::string_view field) const;
  [[nodiscard]] int statements() const; // from Server-Timing
};

// Who asks. The token of a bearer is a list of permissions, with blanks between; the user is number 7.
inline constexpr std::string_view staff = "*";
inline constexpr std::string_view guest = "";

class shop_server {
public:
  shop_server(db::database& db, std::vector<api::endpoint> endpoints, const nexus::clock& clock);

  struct call {
    std::string method, target, body = {};
    std::string_view who = staff;
    std::vector<std::pair<std::string, std::string>> headers = {};
  };
  awaitable<answer> ask(call c);
  awaitable<answer> get(std::string target, std::string_view who = staff);
  awaitable<answer> post(std::string target, std::string body, std::string_view who = staff);
  awaitable<answer> patch(std::string target, std::string body);
  awaitable<answer> del(std::string target);

  db::database& database; // NOLINT: the test's own

private:
  struct tokens;
  std::shared_ptr<tokens> tokens_;
  api::router router_;
  http::handler handle_;
};

class shop_test : public scratch_database {
protected:
  // body(shop_server&) -> awaitable<>, over a database of the test's own. Not ASSERT in there: it would
  // return.
  template <class Body>
  void with_shop(std::vector<api::endpoint> endpoints, Body body) {
    with_database([&](db::database& db) -> awaitable<> {
      shop_server server(db, std::move(endpoints), time);
      co_await body(server);
    });
  }

  manual_clock time;
};

// Runs them side by side; ends when all have, and throws the first failure.
template <class T>
awaitable<std::vector<T>> together(std::vector<awaitable<T>> all) {
  const executor on = co_await boost::asio::this_coro::executor;
  const one_shot<bool> finished(on);
  auto left = std::make_shared<std::size_t>(all.size());
  auto first = std::make_shared<std::exception_ptr>();
  auto out = std::make_shared<std::vector<T>>(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    boost::asio::co_spawn(on, std::move(all[i]), [=](std::exception_ptr failure, T value) {
      if (failure && !*first)
        *first = failure;
      (*out)[i] = std::move(value);
      if (--*left == 0)
        finished.set(true);
    });
  co_await finished.wait();
  if (*first)
    std::rethrow_exception(*first);
  co_return std::move(*out);
}

} // namespace nexus::testing
