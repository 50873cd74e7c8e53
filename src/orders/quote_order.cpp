// What an order would cost, explained as the order itself would explain it; nothing is held, used or changed.
#include "cart/cart.hpp"
#include "orders/cart_contents.hpp"
#include "orders/order_price.hpp"
#include "orders/placement.sql.hpp"
#include "orders/refusals.hpp"
#include "orders/use_cases.hpp"

namespace nexus::orders {

namespace {

struct quote_request {
  uuid cart_id{};
  std::string country;
  std::optional<std::string> email;
  std::optional<std::int64_t> shipping_method_id;
  std::vector<std::string> promotion_codes;

  static constexpr std::string_view schema_name = "QuoteRequest";
  template <class V>
  static constexpr void fields(V&& field) {
    field("cart_id", &quote_request::cart_id);
    field("country", &quote_request::country,
          {.form = json::format::country, .doc = "Of the destination", .example = "ET"});
    field("email", &quote_request::email,
          {.form = json::format::email, .doc = "A guest's, for promotions that count each customer's uses"});
    field("shipping_method_id", &quote_request::shipping_method_id,
          {.minimum = 1, .doc = "Left out: the total is without shipping"});
    field("promotion_codes", &quote_request::promotion_codes, promotion_codes_rule);
  }
};

struct shipping_choice_view {
  std::int64_t id = 0;
  std::string name;
  money price;

  static constexpr std::string_view schema_name = "ShippingChoice";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &shipping_choice_view::id);
    field("name", &shipping_choice_view::name);
    field("price", &shipping_choice_view::price, {.doc = "Of this order"});
  }
};

struct quote_view {
  std::vector<order_line> items;
  money subtotal, discount, shipping, tax, tax_included, total;
  std::vector<order_adjustment> adjustments;
  nexus::currency currency;
  std::vector<shipping_choice_view> shipping_methods;

  static constexpr std::string_view schema_name = "Quote";
  template <class V>
  static constexpr void fields(V&& field) {
    field("items", &quote_view::items);
    field("subtotal", &quote_view::subtotal);
    field("discount", &quote_view::discount);
    field("shipping", &quote_view::shipping);
    field("tax", &quote_view::tax);
    field("tax_included", &quote_view::tax_included, {.doc = "What of the tax the prices contain"});
    field("total", &quote_view::total);
    field("adjustments", &quote_view::adjustments);
    field("currency", &quote_view::currency);
    field("shipping_methods", &quote_view::shipping_methods,
          {.doc = "Those that would take it, cheapest first. None: nothing need be chosen"});
  }
};

quote_view view_of(order o, const std::vector<pricing::shipping_choice>& choices) {
  quote_view out;
  out.items = std::move(o.items);
  out.subtotal = o.subtotal;
  out.discount = o.discount;
  out.shipping = o.shipping;
  out.tax = o.tax;
  out.tax_included = o.tax_included;
  out.total = o.total;
  out.adjustments = std::move(o.adjustments);
  out.currency = o.currency;
  for (const pricing::shipping_choice& choice : choices)
    out.shipping_methods.push_back({choice.method->id, choice.method->name, {choice.price, o.currency}});
  return out;
}

awaitable<result<quote_view>> handle(api::context& c, quote_request in,
                                     std::shared_ptr<pricing::rule_book> book) {
  const auto who = c.principal ? std::optional(c.principal->user_id) : std::nullopt;
  const auto cart = co_await cart::find(c.db, in.cart_id);
  if (auto refused = cart::refusal(cart ? &*cart : nullptr, who))
    co_return std::move(*refused);
  const std::vector<uuid> carts{in.cart_id};
  const cart_contents contents = read_contents(co_await c.db.query(sql::read_lines, carts));
  if (contents.items.empty())
    co_return problem(cart_empty, "Put something into the cart first.");
  if (contents.mixed_currencies)
    co_return mixed_currencies();

  pricing::basket b;
  b.currency = contents.in;
  b.country = std::move(in.country);
  b.shipping_method_id = in.shipping_method_id;
  b.shipping_is_open = true;
  b.codes = std::move(in.promotion_codes);
  const auto email = in.email ? in.email : c.principal ? std::optional(c.principal->email) : std::nullopt;
  b.customer = pricing::customer_key(who, email.value_or(""));
  b.now = c.now();
  const auto rules = co_await pricing::read_in_force(
      c.db, *book, {pricing::normalised_codes(b.codes), [&] { return std::vector{b.customer}; }}, b.now);
  categories known;
  if (rules.need_categories())
    known = read_categories(co_await c.db.query(sql::categories_of_carts, carts));
  b.lines = basket_lines(contents.items, known);
  const auto q = pricing::price(b, rules.book->rules, rules.coded, rules.left);
  if (!q)
    co_return q.error();
  order o;
  o.items = contents.items;
  o.currency = contents.in;
  price_as(o, *q);
  co_return view_of(std::move(o), pricing::shipping_choices(b, rules.book->rules, q->subtotal - q->discount));
}

} // namespace

api::endpoint quote_order(const settings& s) {
  return api::post("/quote/", "quote_order", "What an order of the cart would cost, and the ways to ship it")
      .open()
      .fails({&errors::not_found, &cart::cart_ordered, &cart_empty, &pricing::promotion_not_applicable,
              &pricing::promotion_used_up, &pricing::shipping_method_unavailable, &errors::conflict})
      .describe("Nothing is held, used or changed; prices, stock and what is left of a promotion may be "
                "other when it "
                "is placed. Give its total as expected_total to POST /orders/ to hear of that.")
      .handle([book = s.prices](api::context& c,
                                api::request<none, none, quote_request> in) -> awaitable<result<quote_view>> {
        return handle(c, std::move(in.body), book);
      });
}

} // namespace nexus::orders
