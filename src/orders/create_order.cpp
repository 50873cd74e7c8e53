// Placing an order: what the client sends. How it is placed, together with others: placement.hpp.
#include "cart/cart.hpp"
#include "orders/placement.hpp"
#include "orders/refusals.hpp"
#include "orders/use_cases.hpp"

namespace nexus::orders {

namespace {

struct place_order {
  uuid cart_id{};
  address shipping_address;
  std::optional<std::string> email;
  std::optional<std::string> note;
  std::optional<decimal> expected_total;
  std::optional<std::int64_t> shipping_method_id;
  std::vector<std::string> promotion_codes;

  static constexpr std::string_view schema_name = "PlaceOrder";
  template <class V>
  static constexpr void fields(V&& field) {
    field("cart_id", &place_order::cart_id);
    field("shipping_address", &place_order::shipping_address);
    field("email", &place_order::email,
          {.form = json::format::email, .doc = "Guests must give it; the receipt goes there"});
    field("note", &place_order::note, {.max_length = 1'000});
    field("expected_total", &place_order::expected_total,
          {.doc = "The total that the buyer was shown: where it is another by now, 409 total_changed"});
    field("shipping_method_id", &place_order::shipping_method_id,
          {.minimum = 1,
           .doc = "Where the shop has shipping methods: one of those that POST /orders/quote/ lists"});
    field("promotion_codes", &place_order::promotion_codes, promotion_codes_rule);
  }
};

awaitable<result<http::response>> place(api::context& c, place_order in, std::shared_ptr<placement> queue) {
  if (!in.email && c.principal)
    in.email = c.principal->email;
  if (!in.email)
    co_return problem(errors::validation_error, "The request has fields that are not valid.",
                      {{"/email", "required", "A guest's order needs an address for its receipt."}});
  auto key = api::idempotency::read(c);
  if (!key)
    co_return key.error();
  placement_request order;
  order.key = std::move(*key);
  if (c.principal)
    order.user_id = c.principal->user_id;
  order.cart_id = in.cart_id;
  order.email = std::move(*in.email);
  order.shipping_address = json::encode(in.shipping_address);
  order.note = std::move(in.note).value_or("");
  order.expected_total = in.expected_total;
  order.country = std::move(in.shipping_address.country);
  order.shipping_method_id = in.shipping_method_id;
  order.codes = std::move(in.promotion_codes);
  const auto made = co_await queue->place(c, std::move(order));
  if (!made)
    co_return made.error();
  http::response answer{201, "application/json", *made->body, {}};
  if (made->is_replay)
    answer.headers.emplace_back("Idempotent-Replayed", "true");
  else
    answer.headers.emplace_back("Location", "/api/v1/orders/" + to_string(made->id) + "/");
  co_return answer;
}

} // namespace

std::string new_order_number() {
  std::string code = random_code(10);
  code.insert(5, 1, '-');
  return code;
}

api::endpoint create_order(const settings& s) {
  return api::post("/", "place_order", "Place an order: the stock is held until expires_at")
      .open()
      .created()
      .idempotent()
      .fails({&errors::not_found, &cart::cart_ordered, &cart_empty, &inventory::insufficient_stock,
              &purchase_limit_exceeded, &total_changed, &pricing::promotion_not_applicable,
              &pricing::promotion_used_up, &pricing::shipping_method_required,
              &pricing::shipping_method_unavailable, &errors::conflict})
      .on_constraint(
          {"orders_number_key", "", "conflict", "By a rare chance this did not work; send it again."})
      .documents<order>()
      .handle([queue = s.placement](api::context& c, api::request<none, none, place_order> in)
                  -> awaitable<result<http::response>> { return place(c, std::move(in.body), queue); });
}

} // namespace nexus::orders
