// The whole over HTTP: a merchant with our own client, and the payer who fills in the form.
#pragma once

#include "platform/async/run.hpp"
#include "platform/net/http_client.hpp"
#include "simulator/simulator.hpp"
#include "turned_clock.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace nexus::chapa::testing {

namespace json = boost::json;

inline constexpr const char* key = "CHASECK_TEST-abc";

struct answer {
  int status;
  std::string body;
  [[nodiscard]] json::object json() const { return json::parse(body).as_object(); }
  [[nodiscard]] json::object data() const { return json().at("data").as_object(); }
  [[nodiscard]] std::string message() const { return json::serialize(json().at("message")); }
};

struct merchant : ::testing::Test {
  void start(simulator::options o = {}) {
    o.secret_key = key;
    o.webhook_secret = "hook";
    o.clock = &time;
    chapa.emplace(std::move(o));
  }

  answer call(net::http_request r) {
    auto got = run_to_end(loop, [&](executor) { return client.call(std::move(r)); });
    EXPECT_EQ(got.result, net::http_answer::outcome::answered) << got.failure;
    return {got.status, std::move(got.body)};
  }
  answer api(std::string method, const std::string& path, std::string body = "",
             std::string content_type = "application/json") {
    return call({.method = std::move(method),
                 .url = chapa->base_url() + path,
                 .headers = {{"Authorization", std::string("Bearer ") + key},
                             {"Content-Type", std::move(content_type)}},
                 .body = std::move(body)});
  }
  answer initialize(std::string tx_ref, json::object more = {}) {
    json::object body{{"amount", "100"}, {"currency", "ETB"}, {"tx_ref", std::move(tx_ref)}};
    for (const auto& [name, value] : more)
      body[name] = value;
    return api("POST", "/transaction/initialize", json::serialize(body));
  }
  // The page's address.
  std::string open(std::string tx_ref, json::object more = {}) {
    const answer a = initialize(std::move(tx_ref), std::move(more));
    EXPECT_EQ(a.status, 200) << a.body;
    return json::value_to<std::string>(a.data().at("checkout_url"));
  }
  answer submit(const std::string& page, std::string form) {
    return call({.method = "POST",
                 .url = page,
                 .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                 .body = std::move(form)});
  }
  answer pay(const std::string& page, const std::string& mobile) {
    return submit(page, "mobile=" + mobile + "&action=pay");
  }
  answer verify(const std::string& tx_ref) { return api("GET", "/transaction/verify/" + tx_ref); }

  turned_clock time;
  boost::asio::io_context loop{1}; // outlives the client
  net::client client;
  std::optional<simulator> chapa;
};

} // namespace nexus::chapa::testing
