#include "shopping.hpp"

#include <atomic>
#include <barrier>
#include <boost/json/serialize.hpp>
#include <cstring>
#include <ctime>
#include <mutex>
#include <sodium.h>
#include <thread>

namespace nexus::blackbox {

json::value expect_body(const reply& r, int status) {
  if (r.status != status)
    throw std::runtime_error("expected " + std::to_string(status) + ", got " + std::to_string(r.status) +
                             " " + r.body);
  return r.body.empty() ? json::value() : r.json();
}

std::string unique(std::string_view start) {
  static std::atomic<int> count = 0;
  return std::string(start) + "-" + std::to_string(++count);
}

product make_product(client& staff, const std::string& name, const std::string& base_price,
                     const std::vector<new_variant>& variants) {
  json::array wanted;
  int number = 0;
  for (const new_variant& v : variants) {
    json::object one{
        {"sku", unique("SKU")},
        {"stock", v.stock},
        {"attribute_values",
         json::array{json::object{{"attribute", "Size"}, {"value", "No. " + std::to_string(++number)}}}}};
    if (!v.price.empty())
      one["price"] = v.price;
    wanted.push_back(std::move(one));
  }
  const json::value made = expect_body(
      staff.post("catalogue/products/",
                 {{"name", name}, {"base_price", base_price}, {"currency", "ETB"}, {"variants", wanted}}),
      201);
  product out{number_at(made, "/id"), text_at(made, "/slug"), {}};
  for (const json::value& v : made.at("variants").as_array())
    out.variants.push_back(number_at(v, "/id"));
  return out;
}

std::int64_t make_variant(client& staff, int stock, const std::string& price) {
  return make_product(staff, unique("Thing"), price, {{stock, {}}}).variants.at(0);
}

std::string make_cart(client& by) { return text_at(expect_body(by.post("cart/"), 201), "/id"); }

void add_item(client& by, const std::string& cart, std::int64_t variant, int quantity) {
  expect_body(by.post("cart/" + cart + "/items/", {{"variant_id", variant}, {"quantity", quantity}}), 201);
}

json::object shipping_address() {
  return {{"full_name", "Abebe Bikila"},
          {"line1", "Bole Road 12"},
          {"city", "Addis Ababa"},
          {"country", "ET"},
          {"phone_number", "0911121314"}};
}

json::object order_body(const std::string& cart, const std::string& email) {
  return {{"cart_id", cart}, {"shipping_address", shipping_address()}, {"email", email}};
}

placed_order place_order(client& by, const std::string& cart, const std::string& email) {
  const json::value o = expect_body(by.post("orders/", order_body(cart, email)), 201);
  return {text_at(o, "/id"), text_at(o, "/number"), text_at(o, "/total"), email};
}

placed_order order_of(client& by, std::int64_t variant, int quantity, const std::string& email) {
  const std::string cart = make_cart(by);
  add_item(by, cart, variant, quantity);
  return place_order(by, cart, email);
}

json::value order_as_guest(client& by, const placed_order& o) {
  return expect_body(by.get("orders/" + o.id + "/?email=" + o.email), 200);
}

std::string status_of(client& by, const placed_order& o) { return text_at(order_as_guest(by, o), "/status"); }

payment initiate(client& by, const placed_order& o) {
  const json::value p = expect_body(by.post("payment/initiate/" + o.id + "/"), 200);
  return {text_at(p, "/payment_url"), text_at(p, "/tx_ref")};
}

reply verify(client& by, const std::string& tx_ref) { return by.get("payment/verify/" + tx_ref + "/"); }

reply pay_on_page(const payment& p, const std::string& mobile, const std::string& action) {
  const local_address page = parse_local(p.url);
  client browser(page.port);
  const reply shown = browser.get(page.target, {{"Accept", "text/html"}});
  if (shown.status != 200 || shown.body.find("<form") == std::string::npos)
    throw std::runtime_error("no payment page: " + shown.body);
  return browser.call("POST", page.target, {{"Content-Type", "application/x-www-form-urlencoded"}},
                      "mobile=" + mobile + "&action=" + action);
}

reply follow(const reply& redirect) {
  const auto to = redirect.header("Location");
  if (redirect.status != 303 || !to)
    throw std::runtime_error("no redirect: " + std::to_string(redirect.status) + " " + redirect.body);
  const local_address at = parse_local(*to);
  client browser(at.port);
  return browser.get(at.target, {{"Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}});
}

placed_order buy(shop& where, client& by, std::int64_t variant, int quantity, const std::string& email) {
  placed_order o = order_of(by, variant, quantity, email);
  follow(pay_on_page(initiate(by, o)));
  if (!eventually([&] { return status_of(by, o) == "completed"; }))
    throw std::runtime_error("the order was paid and is not completed");
  if (!eventually([&] { return !where.receipts(o.number).empty(); }))
    throw std::runtime_error("no receipt for " + o.number);
  return o;
}

stock stock_of(client& staff, std::int64_t variant) {
  const json::value s = expect_body(staff.get("inventory/" + std::to_string(variant) + "/"), 200);
  return {number_at(s, "/on_hand"), number_at(s, "/reserved"), number_at(s, "/available")};
}

std::string fingerprint(client& staff) {
  std::string out;
  for (const char* list : {"catalogue/products/", "catalogue/categories/", "catalogue/brands/",
                           "catalogue/attributes/", "orders/"}) {
    const json::value page = expect_body(staff.get(std::string(list) + "?count=true&page_size=100"), 200);
    out += list + json::serialize(page.at("count")) + json::serialize(page.at("results")) + "\n";
  }
  return out + json::serialize(expect_body(staff.get("auth/users/me/"), 200));
}

moment parse_time(const std::string& text) {
  std::tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr)
    throw std::runtime_error("no time: " + text);
  std::string digits = *rest == '.' ? std::string(rest + 1, std::strspn(rest + 1, "0123456789")) : "";
  digits.resize(6, '0');
  return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts))) +
         std::chrono::microseconds(std::stoll(digits));
}

std::string hmac_sha256_bytes(std::string_view key, std::string_view message) {
  std::string out(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()),
                                message.size());
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string out;
  for (const char c : hmac_sha256_bytes(key, message))
    out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string base64url(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.pop_back(); // its NUL
  return out;
}

void at_once(const std::vector<std::function<void()>>& all) {
  std::barrier ready(static_cast<std::ptrdiff_t>(all.size()));
  std::mutex lock;
  std::exception_ptr first;
  std::vector<std::thread> threads;
  for (const auto& one : all)
    threads.emplace_back([&] {
      ready.arrive_and_wait();
      try {
        one();
      } catch (...) {
        const std::lock_guard held(lock);
        if (!first)
          first = std::current_exception();
      }
    });
  for (auto& t : threads)
    t.join();
  if (first)
    std::rethrow_exception(first);
}

} // namespace nexus::blackbox
