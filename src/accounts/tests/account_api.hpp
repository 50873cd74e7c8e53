// The endpoints of accounts as a client meets them, without sockets: the dispatcher over a real database.
#pragma once

#include "accounts/accounts.hpp"
#include "platform/api/dispatch.hpp"
#include "scratch_database/scratch_database.hpp"

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nexus::accounts::testing {

class manual_clock final : public nexus::clock {
public:
  [[nodiscard]] time_point now() const override { return at; }
  time_point at = *parse_rfc3339("2026-01-02T03:04:05Z");
};

struct answer {
  int status = 0;
  boost::json::value body;
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::string text(std::string_view member) const;
  [[nodiscard]] std::string code() const { return text("code"); }
  [[nodiscard]] std::string header(std::string_view name) const;
  // "pointer code" of every field at fault.
  [[nodiscard]] std::vector<std::string> faults() const;
};

class account_api : public scratch_database {
protected:
  using headers = std::vector<std::pair<std::string, std::string>>;

  // body() -> awaitable<>, on an empty shop. Not ASSERT in there: it would return.
  template <class Body>
  void with_server(Body body) {
    opts.transactions = 4;
    with_database([&](db::database& connected) -> awaitable<> {
      database = &connected;
      handle = api::make_handler(std::make_shared<api::dispatch_options>(api::dispatch_options{
                                     .router = router.get(), .authenticator = &tokens, .clock = &time}),
                                 connected);
      co_await body();
      handle = nullptr;
    });
  }

  awaitable<answer> call(http::method method, std::string path, std::string body = {},
                         std::string access = {}, headers more = {});
  awaitable<answer> post(std::string path, std::string body, std::string access = {}, headers more = {}) {
    return call(http::method::post, std::move(path), std::move(body), std::move(access), std::move(more));
  }
  awaitable<answer> register_user(std::string email, std::string password, headers more = {});
  awaitable<answer> sign_in(std::string email, std::string password);
  awaitable<answer> refresh(std::string token);
  awaitable<bool> is_alive(std::string refresh_token);
  awaitable<std::int64_t> count_users();

  manual_clock time;
  token_service tokens{{.secret_key = "a secret of at least thirty-two bytes"}};
  offload passwords{{.threads = 1}};
  services used{&tokens, &passwords};
  std::unique_ptr<api::router> router = std::make_unique<api::router>(routes(used));
  db::database* database = nullptr;
  http::handler handle;
};

// Both at once; ends when both have.
awaitable<std::pair<answer, answer>> side_by_side(awaitable<answer> one, awaitable<answer> two);

} // namespace nexus::accounts::testing
