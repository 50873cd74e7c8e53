// Placing an order: in one transaction the cart is locked, the stock rows are locked in ascending order, the
// prices are frozen, the stock is reserved and the cart is ended. Three round trips to the database.
#include "cart/cart.hpp"
#include "inventory/inventory.hpp"
#include "orders/allocation.hpp"
#include "orders/orders.sql.hpp"
#include "orders/use_cases.hpp"

namespace nexus::orders {

namespace {

inline constexpr error_kind cart_empty{"cart_empty", 409, "The cart is empty"};

struct place_order {
  uuid cart_id{};
  address shipping_address;
  std::optional<std::string> email;
  std::optional<std::string> note;

  static constexpr std::string_view schema_name = "PlaceOrder";
  template <class V>
  static constexpr void fields(V&& field) {
    field("cart_id", &place_order::cart_id);
    field("shipping_address", &place_order::shipping_address);
    field("email", &place_order::email,
          {.form = json::format::email, .doc = "Guests must give it; the receipt goes there"});
    field("note", &place_order::note, {.max_length = 1'000});
  }
};

// The cart's lines under the lock: what the order will have, and the stock beside it.
struct locked_lines {
  std::vector<order_line> items;
  std::vector<wanted_line> wanted;
  std::vector<inventory::level> stock;
  currency in;
  bool mixed_currencies = false;
};

locked_lines read_lines(const db::rows& rows) {
  locked_lines out;
  for (const db::row row : rows) {
    const auto [variant_id, quantity, sku, product, variant, price, code, is_sold, on_hand, reserved] =
        row.as<std::int64_t, int, std::string, std::string, std::string, std::int64_t, std::string, bool, int,
               int>();
    const currency in = currency::parse(code).value();
    out.mixed_currencies |= !out.items.empty() && in != out.in;
    out.in = in;
    out.items.push_back({variant_id, sku, product, variant, quantity, {price, in}, {}});
    out.wanted.push_back({variant_id, quantity});
    if (is_sold)
      out.stock.push_back({variant_id, on_hand, reserved});
  }
  return out;
}

problem short_of_stock(const decision& shortages, const locked_lines& lines) {
  problem p(inventory::insufficient_stock,
            "Not everything can be had in these quantities; nothing was changed.");
  for (const shortage& s : shortages)
    p.errors.push_back(
        {fmt::format("/items/{}/quantity", s.line),
         "insufficient_stock",
         s.available == 0 ? std::string("It is sold out.") : fmt::format("Only {} left.", s.available),
         {{"variant_id", s.variant_id},
          {"sku", lines.items[s.line].sku},
          {"requested", std::int64_t{s.requested}},
          {"available", std::int64_t{s.available}}}});
  return p;
}

// Sums the lines; nullopt where that does not fit.
std::optional<money> total_up(std::vector<order_line>& items, currency in) {
  std::optional<money> sum = money{0, in};
  for (order_line& item : items) {
    const auto total = multiply(item.unit_price, item.quantity);
    sum = total && sum ? add(*sum, *total) : std::nullopt;
    if (!sum)
      return std::nullopt;
    item.total = *total;
  }
  return sum;
}

void write_lines(db::transaction& tx, const order& o) {
  std::vector<std::int64_t> variants, prices;
  std::vector<std::string> skus, products, names;
  std::vector<int> quantities;
  for (const order_line& item : o.items) {
    variants.push_back(item.variant_id);
    skus.push_back(item.sku);
    products.push_back(item.product_name);
    names.push_back(item.variant_name);
    quantities.push_back(item.quantity);
    prices.push_back(item.unit_price.minor);
  }
  tx.send(sql::insert_lines, o.id, variants, skus, products, names, quantities, prices);
}

// Everything an accepted order writes, queued to go out with the commit.
void write_order(db::transaction& tx, const order& o, const locked_lines& lines, const uuid& cart_id) {
  tx.send(sql::insert_order, o.id, o.number, o.user_id, o.email, o.currency.code(), o.subtotal.minor,
          o.total.minor, o.shipping_address.text, o.note, o.placed_at, o.expires_at);
  write_lines(tx, o);
  std::vector<inventory::pieces> held;
  for (const wanted_line& line : lines.wanted)
    held.push_back({line.variant_id, line.quantity});
  inventory::reserve(tx, held, o.id, o.placed_at);
  cart::end(tx, cart_id, o.placed_at);
}

// There is nothing to pay: the order is completed as it is placed.
void complete_free(db::transaction& tx, const tasks::outbox& outbox, order& o) {
  o.status = order_status::completed;
  o.payment.status = payment_status::success;
  tx.send(sql::add_paid, o.id, 0, json::name_of(o.payment.status));
  tx.send(sql::set_status, o.id, json::name_of(o.status), o.placed_at);
  announce_completed(tx, outbox, o.id, o.placed_at);
}

awaitable<result<order>> place(api::context& c, db::transaction& tx, place_order in, settings s) {
  if (!in.email && c.principal)
    in.email = c.principal->email;
  if (!in.email)
    co_return problem(errors::validation_error, "The request has fields that are not valid.",
                      {{"/email", "required", "A guest's order needs an address for its receipt."}});
  const auto cart = co_await cart::lock(tx, in.cart_id, c);
  if (!cart)
    co_return cart.error();
  locked_lines lines = read_lines(co_await tx.query(sql::lock_lines, in.cart_id));
  if (lines.items.empty())
    co_return problem(cart_empty, "Put something into the cart first.");
  if (lines.mixed_currencies)
    co_return problem(errors::conflict, "The cart has things of several currencies; order them apart.");
  const std::vector<wanted_line> wanted[] = {lines.wanted};
  const auto decisions = allocate(lines.stock, wanted);
  if (!decisions.front().empty())
    co_return short_of_stock(decisions.front(), lines);
  const auto total = total_up(lines.items, lines.in);
  if (!total)
    co_return problem(errors::validation_error, "The sum of the cart is larger than any amount we can take.");
  order o;
  o.placed_at = c.now();
  o.id = new_uuid(o.placed_at);
  o.number = new_order_number();
  o.expires_at = o.placed_at + s.expires_after;
  o.email = *in.email;
  o.user_id = c.principal ? std::optional(c.principal->user_id) : std::nullopt;
  o.shipping_address = {json::encode(in.shipping_address)};
  o.note = in.note.value_or("");
  o.items = lines.items;
  o.currency = lines.in;
  o.subtotal = o.total = *total;
  o.payment = {payment_status::pending, {0, lines.in}, {0, lines.in}};
  write_order(tx, o, lines, in.cart_id);
  if (o.total.minor == 0)
    complete_free(tx, *s.outbox, o);
  c.answer_headers.emplace_back("Location", "/api/v1/orders/" + to_string(o.id) + "/");
  co_return o;
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
              &errors::conflict})
      .on_constraint(
          {"orders_number_key", "", "conflict", "By a rare chance this did not work; send it again."})
      .handle([s](api::context& c, db::transaction& tx,
                  api::request<none, none, place_order> in) -> awaitable<result<order>> {
        return place(c, tx, std::move(in.body), s);
      });
}

} // namespace nexus::orders
