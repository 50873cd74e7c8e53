// What people do in a shop, step by step over HTTP. Each step throws std::runtime_error, with the answer,
// where it does not go as it should: tests assert on what they are about, and call the endpoints themselves
// there.
#pragma once

#include "shop.hpp"

namespace nexus::blackbox {

// The body, where the status is the expected one; throws otherwise.
json::value expect_body(const reply& r, int status);

std::string unique(std::string_view start); // "start-17", never twice in a run

struct product {
  std::int64_t id = 0;
  std::string slug;
  std::vector<std::int64_t> variants;
};
struct new_variant {
  int stock = 100;
  std::string price = {}; // the base price where empty
};
// Active, in ETB; variants differ by a Size of their own.
product make_product(client& staff, const std::string& name, const std::string& base_price,
                     const std::vector<new_variant>& variants);
std::int64_t make_variant(client& staff, int stock,
                          const std::string& price = "100.00"); // of a product of its own

std::string make_cart(client& by);
void add_item(client& by, const std::string& cart, std::int64_t variant, int quantity = 1);

json::object shipping_address();
json::object order_body(const std::string& cart, const std::string& email = "buyer@example.com");

struct placed_order {
  std::string id, number, total, email;
};
placed_order place_order(client& by, const std::string& cart, const std::string& email = "buyer@example.com");
// Cart, item, order.
placed_order order_of(client& by, std::int64_t variant, int quantity = 1,
                      const std::string& email = "buyer@example.com");
json::value order_as_guest(client& by, const placed_order& o);
std::string status_of(client& by, const placed_order& o);

struct payment {
  std::string url, tx_ref;
};
payment initiate(client& by, const placed_order& o);
reply verify(client& by, const std::string& tx_ref);

// On the simulator's page, as a browser: opens it, sends the form. The answer to the form.
reply pay_on_page(const payment& p, const std::string& mobile = "0900123456",
                  const std::string& action = "pay");
// Follows the redirect of the page back into the shop, as a browser.
reply follow(const reply& redirect);
// Order, pay, and wait for the receipt.
placed_order buy(shop& where, client& by, std::int64_t variant, int quantity = 1,
                 const std::string& email = "buyer@example.com");

struct stock {
  std::int64_t on_hand = 0, reserved = 0, available = 0;
  bool operator==(const stock&) const = default;
};
stock stock_of(client& staff, std::int64_t variant);

// What must not change where a request is refused: how many of everything there are, as staff sees them.
std::string fingerprint(client& staff);

// Of "2026-11-28T06:11:21.123456Z", as answers write it.
using moment = std::chrono::sys_time<std::chrono::microseconds>;
moment parse_time(const std::string& text);

// Lower-case hex.
std::string hmac_sha256(std::string_view key, std::string_view message);
std::string base64url(std::string_view bytes);
std::string hmac_sha256_bytes(std::string_view key, std::string_view message);

// Runs them at once on threads of their own, having let all wait for each other first; rethrows what one
// threw.
void at_once(const std::vector<std::function<void()>>& all);

} // namespace nexus::blackbox
