// Requests that are wrong: each gets the problem it deserves, and nothing changes.
#include "harness/shopping.hpp"

#include <boost/json/serialize.hpp>
#include <ctime>

namespace nexus::blackbox {
namespace {

constexpr std::string_view secret_key = "black-box-secret-key-of-more-than-32-bytes";

class bad_input : public shop_suite<bad_input> {
public:
  static environment variables() { return {{"NEXUS_SECRET_KEY", std::string(secret_key)}}; }

protected:
  void SetUp() override {
    if (variant_ == 0) {
      variant_ = make_variant(staff_, 50);
      cart_ = make_cart(guest_);
      add_item(guest_, cart_, variant_);
      order_ = order_of(guest_, variant_);
      here().user("victim@example.com");
      here().user("thief@example.com");
    }
    before_ = state();
  }
  void TearDown() override { EXPECT_EQ(state(), before_) << "something was changed"; }

  std::string state() {
    return fingerprint(staff_) + guest_.get("cart/" + cart_ + "/").body +
           std::to_string(stock_of(staff_, variant_).reserved) +
           staff_.get("inventory/" + std::to_string(variant_) + "/movements/").body;
  }
  std::string with_ids(std::string text) const {
    for (const auto& [mark, value] : {std::pair<std::string, std::string>{"{cart}", cart_},
                                      {"{order}", order_.id},
                                      {"{variant}", std::to_string(variant_)}})
      for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
        text.replace(at, mark.size(), value);
    return text;
  }
  reply send(client& c, const char* method, const std::string& target, const std::string& body,
             const std::string& type = "application/json") {
    return c.call(method, with_ids(target), {{"Content-Type", type}}, with_ids(body));
  }

  client staff_ = here().staff();
  client guest_ = here().guest();
  std::string before_;
  inline static std::int64_t variant_ = 0;
  inline static std::string cart_;
  inline static placed_order order_;
};

using namespace std::string_literals;

TEST_F(bad_input, that_is_no_json_is_malformed) {
  const std::string bodies[] = {"{",
                                "[1,2",
                                "nonsense",
                                "{\"variant_id\": 1,}",
                                "{'variant_id': 1}",
                                "{\"variant_id\": 01}",
                                "{} {}",
                                "// x\n{}",
                                "\xEF\xBB\xBF{}",
                                "{\"variant_id\":1,\"variant_id\":2}",
                                std::string(100'000, '['),
                                "{\"variant_id\":\0}"s,
                                "{\"a\":\"\0\"}"s,
                                "\0"s,
                                "{\"quantity\":\"\xFF\xFE\"}",
                                "{\"quantity\":\"\xC0\x80\"}",
                                "{\"quantity\":\"\xED\xA0\x80\"}",
                                "{\"quantity\":\"\\ud800\"}",
                                "{\"quantity\": NaN}",
                                "{\"quantity\": 0x10}",
                                "{\"quantity\": +1}",
                                "{\"quantity\": \"\n\"}"};
  for (const std::string& body : bodies)
    EXPECT_TRUE(is_problem(send(guest_, "POST", "cart/{cart}/items/", body), 400, "malformed_request"))
        << body.substr(0, 60);
}

TEST_F(bad_input, of_the_wrong_type_or_size_names_the_field) {
  const struct {
    const char* body;
    const char* pointer;
    const char* code;
  } cases[] = {
      {R"({"variant_id": "1"})", "/variant_id", "invalid_type"},
      {R"({"variant_id": null})", "/variant_id", "invalid_type"},
      {R"({"variant_id": [1]})", "/variant_id", "invalid_type"},
      {R"({"variant_id": {"id": 1}})", "/variant_id", "invalid_type"},
      {R"({"variant_id": true})", "/variant_id", "invalid_type"},
      {R"({"variant_id": 1.5})", "/variant_id", "not_an_integer"},
      {R"({"variant_id": 1e2})", "/variant_id", "not_an_integer"},
      {R"({"variant_id": 0})", "/variant_id", "too_small"},
      {R"({"variant_id": -1})", "/variant_id", "too_small"},
      {R"({"variant_id": 9223372036854775808})", "/variant_id", "too_large"},
      {R"({"variant_id": 1e400})", "/variant_id", "too_large"},
      {R"({"variant_id": -1e400})", "/variant_id", "too_small"},
      {R"({"variant_id": 99999999999999999999999999999999999999999})", "/variant_id", "too_large"},
      {R"({"variant_id": 9223372036854775807})", "/variant_id", "unknown_reference"},
      {R"({"variant_id": {variant}, "quantity": 0})", "/quantity", "too_small"},
      {R"({"variant_id": {variant}, "quantity": -5})", "/quantity", "too_small"},
      {R"({"variant_id": {variant}, "quantity": 2147483648})", "/quantity", "too_large"},
      {R"({"variant_id": {variant}, "quantity": 10001})", "/quantity", "too_large"},
      {R"({"variant_id": {variant}, "quantity": "two"})", "/quantity", "invalid_type"},
      {R"({"quantity": 1})", "/variant_id", "required"},
      {R"({})", "/variant_id", "required"},
      {R"({"variant_id": {variant}, "qauntity": 2})", "/qauntity", "unknown_field"},
      {R"([])", "", "invalid_type"},
      {R"("text")", "", "invalid_type"},
      {R"(null)", "", "invalid_type"},
      {R"(17)", "", "invalid_type"},
  };
  for (const auto& each : cases) {
    const reply r = send(guest_, "POST", "cart/{cart}/items/", each.body);
    EXPECT_TRUE(is_problem(r, 422, "validation_error")) << each.body;
    if (r.status == 422) {
      EXPECT_TRUE(has_fault(r, each.pointer, each.code)) << each.body;
    }
  }
}

TEST_F(bad_input, with_several_faults_names_them_all_at_once) {
  const reply r = send(
      guest_, "POST", "orders/",
      R"({"cart_id": "not-a-uuid", "shipping_address": {"full_name": " ", "line1": 7, "country": "Ethiopia", "phone_number": "1",
                          "extra": true}, "email": "nobody", "note": 1})");
  ASSERT_TRUE(is_problem(r, 422, "validation_error"));
  const std::pair<const char*, const char*> faults[] = {{"/cart_id", "invalid_uuid"},
                                                        {"/shipping_address/full_name", "blank"},
                                                        {"/shipping_address/line1", "invalid_type"},
                                                        {"/shipping_address/city", "required"},
                                                        {"/shipping_address/country", "invalid_country"},
                                                        {"/shipping_address/phone_number", "too_short"},
                                                        {"/shipping_address/extra", "unknown_field"},
                                                        {"/email", "invalid_email"},
                                                        {"/note", "invalid_type"}};
  for (const auto& [pointer, code] : faults)
    EXPECT_TRUE(has_fault(r, pointer, code));
}

TEST_F(bad_input, with_a_nul_in_its_text_is_not_valid) {
  const reply r = send(
      guest_, "POST", "auth/users/",
      "{\"email\":\"nul@example.com\",\"password\":\"correct horse battery\",\"first_name\":\"A\\u0000B\"}");
  EXPECT_TRUE(is_problem(r, 422, "validation_error"));
  EXPECT_TRUE(has_fault(r, "/first_name", "invalid_text"));
  EXPECT_TRUE(is_problem(guest_.get("catalogue/products/?search=%00"), 422, "validation_error"));
  EXPECT_TRUE(is_problem(guest_.get("catalogue/products/?search=%ff%fe"), 422, "validation_error"));
  EXPECT_TRUE(is_problem(guest_.get("catalogue/products/?search=%zz"), 400, "malformed_request"));
  EXPECT_TRUE(is_problem(guest_.get("catalogue/products/%00/"), 404, "not_found"));
}

TEST_F(bad_input, in_money_is_not_valid) {
  for (const char* price : {R"("12.345")", R"("1e3")", R"("-1")", R"("1,000")", R"("")",
                            R"("99999999999999999999")", R"(12.5)", R"("0x1")", R"(" ")", R"("NaN")"}) {
    const reply r = send(staff_, "POST", "catalogue/products/",
                         R"({"name": "Dear", "currency": "ETB", "base_price": )" + std::string(price) + "}");
    EXPECT_TRUE(is_problem(r, 422, "validation_error")) << price;
  }
  EXPECT_TRUE(has_fault(send(staff_, "POST", "catalogue/products/",
                             R"({"name": "Dear", "currency": "BIRR", "base_price": "1"})"),
                        "/currency", "invalid_currency"));
}

TEST_F(bad_input, in_a_query_names_the_parameter) {
  const std::pair<const char*, const char*> cases[] = {
      {"catalogue/products/?page_size=0", "?page_size"},
      {"catalogue/products/?page_size=101", "?page_size"},
      {"catalogue/products/?page_size=ten", "?page_size"},
      {"catalogue/products/?page_size=1&page_size=2", "?page_size"},
      {"catalogue/products/?cursor=rubbish", "?cursor"},
      {"catalogue/products/?ordering=price", "?ordering"},
      {"catalogue/products/?min_price=cheap", "?min_price"},
      {"catalogue/products/?in_stock=maybe", "?in_stock"},
      {"catalogue/products/?serach=shirt", "?serach"},
      {"catalogue/categories/?count=perhaps", "?count"},
  };
  for (const auto& [target, pointer] : cases) {
    const reply r = guest_.get(target);
    ASSERT_TRUE(is_problem(r, 422, "validation_error")) << target;
    EXPECT_EQ(text_at(r, "/errors/0/pointer"), pointer) << target;
  }
}

TEST_F(bad_input, of_two_megabytes_is_too_large) {
  const std::string huge = R"({"variant_id": 1, "note": ")" + std::string(2 * 1024 * 1024, 'x') + "\"}";
  EXPECT_TRUE(is_problem(send(guest_, "POST", "cart/{cart}/items/", huge), 413, "payload_too_large"));
  connection chunked(here().port());
  chunked.send("POST /api/v1/cart/ HTTP/1.1\r\nHost: x\r\nContent-Type: "
               "application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 40 && chunked.send("10000\r\n" + std::string(0x10000, 'x') + "\r\n"); ++i) {
  }
  EXPECT_TRUE(is_problem(chunked.read_reply(), 413, "payload_too_large"));
  connection announced(here().port()); // refused by its announcement, before a byte of it is sent
  announced.send("POST /api/v1/cart/ HTTP/1.1\r\nHost: x\r\nContent-Type: "
                 "application/json\r\nContent-Length: 99999999999999\r\n\r\n");
  EXPECT_TRUE(is_problem(announced.read_reply(), 413, "payload_too_large"));
}

TEST_F(bad_input, by_the_wrong_method_names_the_right_ones) {
  const struct {
    const char* method;
    const char* target;
    const char* allowed;
  } cases[] = {
      {"DELETE", "catalogue/products/", "POST"},
      {"PUT", "catalogue/products/1/", "PATCH"},
      {"GET", "auth/jwt/create/", "POST"},
      {"PUT", "cart/{cart}/", "DELETE"},
      {"PATCH", "orders/", "POST"},
      {"GET", "cart/", "POST"},
      {"DELETE", "orders/{order}/", "GET"},
      {"GET", "orders/{order}/cancel/", "POST"},
      {"POST", "payment/verify/x/", "GET"},
      {"GET", "payment/webhook/chapa/", "POST"},
      {"POST", "/healthz", "GET"},
      {"BREW", "cart/{cart}/", "GET"},
  };
  for (const auto& each : cases) {
    const reply r = guest_.call(each.method, with_ids(each.target));
    EXPECT_TRUE(is_problem(r, 405, "method_not_allowed")) << each.method << " " << each.target;
    EXPECT_NE(r.header("Allow").value_or("").find(each.allowed), std::string::npos)
        << each.method << " " << each.target;
  }
  EXPECT_TRUE(is_problem(guest_.get("nowhere/"), 404, "not_found"));
  EXPECT_TRUE(is_problem(guest_.get("/wp-login.php"), 404, "not_found"));
}

TEST_F(bad_input, of_another_media_type_is_refused) {
  const std::string body = R"({"variant_id": {variant}})";
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/xml", "application/json-patch+json", ""})
    EXPECT_TRUE(
        is_problem(send(guest_, "POST", "cart/{cart}/items/", body, type), 415, "unsupported_media_type"))
        << type;
  EXPECT_TRUE(is_problem(guest_.call("POST", "cart/" + cart_ + "/items/", {}, with_ids(body)), 415,
                         "unsupported_media_type"));
  EXPECT_TRUE(is_problem(guest_.call("POST", "cart/" + cart_ + "/items/"), 400, "malformed_request"));
}

TEST_F(bad_input, about_what_belongs_to_others_finds_nothing) {
  client victim = here().user("victim@example.com"), thief = here().user("thief@example.com");
  static const std::string cart = [&] { // of the victim, ordered once
    const std::string made = make_cart(victim);
    add_item(victim, made, variant_);
    return made;
  }();
  static const placed_order order = [&] {
    const placed_order made = place_order(victim, cart, "victim@example.com");
    return made;
  }();
  static const std::string open_cart = [&] {
    const std::string made = make_cart(victim);
    add_item(victim, made, variant_);
    return made;
  }();
  before_ = state();
  const std::string item = std::to_string(number_at(victim.get("cart/" + open_cart + "/"), "/items/0/id"));
  for (client* c : {&thief, &guest_}) {
    EXPECT_TRUE(is_problem(c->get("cart/" + open_cart + "/"), 404, "not_found"));
    EXPECT_TRUE(is_problem(c->del("cart/" + open_cart + "/"), 404, "not_found"));
    EXPECT_TRUE(
        is_problem(c->post("cart/" + open_cart + "/items/", {{"variant_id", variant_}}), 404, "not_found"));
    EXPECT_TRUE(is_problem(c->patch("cart/" + open_cart + "/items/" + item + "/", {{"quantity", 9}}), 404,
                           "not_found"));
    EXPECT_TRUE(is_problem(c->del("cart/" + open_cart + "/items/" + item + "/"), 404, "not_found"));
    EXPECT_TRUE(is_problem(c->post("orders/", order_body(open_cart)), 404, "not_found"));
    EXPECT_TRUE(is_problem(c->get("orders/" + order.id + "/"), 404, "not_found"));
    EXPECT_TRUE(is_problem(c->get("orders/" + order.id + "/?email=guess@example.com"), 404, "not_found"));
    EXPECT_TRUE(is_problem(c->post("orders/" + order.id + "/cancel/"), 404, "not_found"));
    EXPECT_TRUE(is_problem(c->post("payment/initiate/" + order.id + "/"), 404, "not_found"));
  }
  EXPECT_TRUE(is_problem(thief.post("cart/" + open_cart + "/claim/"), 404, "not_found"));
  EXPECT_TRUE(is_problem(thief.get("cart/00000000-0000-4000-8000-000000000000/"), 404, "not_found"));
  EXPECT_EQ(value_at(thief.get("orders/?count=true"), "/count"), 0);
  EXPECT_EQ(number_at(victim.get("cart/" + open_cart + "/"), "/items/0/quantity"), 1);
}

TEST_F(bad_input, without_the_permission_is_forbidden) {
  client thief = here().user("thief@example.com");
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"POST", "catalogue/products/", R"({"name": "Mine", "base_price": "1", "currency": "ETB"})"},
      {"POST", "catalogue/categories/", R"({"name": "Mine"})"},
      {"POST", "inventory/{variant}/movements/", R"({"quantity": -1, "reason": "theft"})"},
      {"POST", "orders/{order}/ship/", ""},
      {"POST", "orders/{order}/deliver/", ""},
  };
  for (const auto& [method, target, body] : cases) {
    EXPECT_TRUE(is_problem(send(thief, method, target, body), 403, "permission_denied")) << target;
    EXPECT_TRUE(is_problem(send(guest_, method, target, body), 401, "not_authenticated")) << target;
  }
  EXPECT_TRUE(is_problem(thief.get("inventory/" + std::to_string(variant_) + "/"), 403, "permission_denied"));
}

// A token as the shop makes them, with changes.
struct forged {
  json::object header{{"alg", "HS256"}, {"typ", "JWT"}};
  json::object claims;
  std::string key{secret_key};

  explicit forged(std::int64_t expires_in_s = 900) {
    const std::int64_t now = std::time(nullptr);
    claims = {{"aud", "nexus"},
              {"email", "staff@example.com"},
              {"exp", now + expires_in_s},
              {"iat", now - 60},
              {"iss", "nexus"},
              {"perms", json::array{"*"}},
              {"sub", "1"}};
  }
  [[nodiscard]] std::string signed_part() const {
    return base64url(json::serialize(header)) + "." + base64url(json::serialize(claims));
  }
  [[nodiscard]] std::string text() const {
    return signed_part() + "." + base64url(hmac_sha256_bytes(key, signed_part()));
  }
};

TEST_F(bad_input, with_a_token_that_is_not_ours_is_refused) {
  const std::string good = here().staff().token();
  const auto first = good.find('.'), second = good.find('.', first + 1);
  std::string other_claims = good, other_signature = good;
  other_claims[first + 5] = other_claims[first + 5] == 'A' ? 'B' : 'A';
  other_signature[second + 5] = other_signature[second + 5] == 'A' ? 'B' : 'A';
  forged none, upper_none, other_key, strong;
  none.header["alg"] = "none";
  upper_none.header["alg"] = "NoNe";
  other_key.key = "development-secret-key-known-to-everybody";
  strong.header["alg"] = "HS512";
  const std::string refresh = text_at(
      guest_.post("auth/jwt/create/", {{"email", "staff@example.com"}, {"password", shop::password()}}),
      "/refresh");
  const std::pair<const char*, std::string> cases[] = {
      {"other claims", other_claims},
      {"other signature", other_signature},
      {"no signature", good.substr(0, second + 1)},
      {"no signature, no dot", good.substr(0, second)},
      {"alg none, unsigned", none.signed_part() + "."},
      {"alg none, signed", none.text()},
      {"alg NoNe", upper_none.signed_part() + "."},
      {"alg none, our signature", none.signed_part() + good.substr(second)},
      {"another key", other_key.text()},
      {"HS512", strong.text()},
      {"a refresh token", refresh},
      {"rubbish", "rubbish"},
      {"dots", ".."},
      {"very long", std::string(8'000, 'a') + "." + std::string(100, 'a') + ".a"},
  };
  for (const auto& [what, token] : cases) {
    client c(here().port(), token);
    const reply r = c.get("auth/users/me/");
    EXPECT_TRUE(is_problem(r, 401, "not_authenticated")) << what;
    EXPECT_TRUE(r.header("WWW-Authenticate").value_or("").starts_with("Bearer")) << what;
    EXPECT_TRUE(is_problem(c.post("catalogue/categories/", {{"name", "Forged"}}), 401, "not_authenticated"))
        << what;
    EXPECT_TRUE(is_problem(c.get("catalogue/products/"), 401, "not_authenticated"))
        << what << ": also where none is needed";
  }
  for (const char* scheme : {"Basic c3RhZmY6eA==", "Bearer", "Bearer ", "Token x"})
    EXPECT_TRUE(
        is_problem(guest_.get("auth/users/me/", {{"Authorization", scheme}}), 401, "not_authenticated"))
        << scheme;
}

TEST_F(bad_input, with_an_expired_token_is_told_so) {
  // That the forgery itself is right is shown by the one that has not expired.
  client valid(here().port(), forged(900).text()), expired(here().port(), forged(-1).text());
  ASSERT_TRUE(has_status(valid.get("auth/users/me/"), 200));
  const reply r = expired.get("auth/users/me/");
  EXPECT_TRUE(is_problem(r, 401, "token_expired"));
  EXPECT_NE(r.header("WWW-Authenticate").value_or("").find("invalid_token"), std::string::npos);
  EXPECT_TRUE(is_problem(expired.post("catalogue/categories/", {{"name", "Late"}}), 401, "token_expired"));
}

} // namespace
} // namespace nexus::blackbox
