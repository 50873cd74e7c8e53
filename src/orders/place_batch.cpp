#include "orders/place_batch.hpp"

#include "cart/cart.hpp"
#include "core/text.hpp"
#include "inventory/inventory.hpp"
#include "orders/allocation.hpp"
#include "orders/cart_contents.hpp"
#include "orders/order_price.hpp"
#include "orders/placement.sql.hpp"
#include "orders/refusals.hpp"
#include "orders/use_cases.hpp"
#include "orders/write_batch.hpp"

namespace nexus::orders {

namespace {

using api::idempotency::key;

// What the first round trip found, all of it locked.
struct findings {
  std::vector<cart::locked_cart> carts; // by id
  std::vector<inventory::level> stock;  // by variant, without what is no longer sold
  std::map<uuid, cart_contents> lines;  // by cart
  bool has_limits = false;              // so many of a variant a customer
  std::vector<purchases> bought;        // of each order's customer, where there are such limits
  pricing::in_force prices;
  orders::categories categories; // of the products, where prices need them
  std::vector<const key*> keys;  // of the orders that have one
  std::vector<std::optional<api::idempotency::stored_answer>> stored; // of each key
};

std::vector<inventory::level> levels_of(const db::rows& found) {
  std::vector<inventory::level> out;
  out.reserve(static_cast<std::size_t>(found.size()));
  for (const db::row row : found) {
    const auto [variant_id, on_hand, reserved, per_order, per_customer] =
        row.as<std::int64_t, int, int, std::optional<int>, std::optional<int>>();
    out.push_back({variant_id, on_hand, reserved, per_order, per_customer});
  }
  return out;
}

void read_lines(const db::rows& found, findings& f) {
  for (const db::row row : found)
    if (!f.lines[row.get<uuid>(0)].add(row))
      std::erase_if(f.stock, [variant_id = row.get<std::int64_t>(1)](const inventory::level& l) {
        return l.variant_id == variant_id;
      });
}

// Of the promotions: the codes that are given, and who orders.
pricing::interest interest_of(const std::vector<placement_request>& orders) {
  pricing::interest about;
  for (const placement_request& order : orders)
    for (const std::string& code : order.codes)
      about.codes.push_back(pricing::normalised_code(code));
  about.customers = [&orders] {
    std::vector<std::string> customers;
    for (const placement_request& order : orders)
      customers.push_back(pricing::customer_key(order.user_id, order.email));
    return customers;
  };
  return about;
}

// Of limited variants, what each order's customer has by earlier orders: those of the account and those of
// the address. The stock rows are locked, so nobody is buying them meanwhile.
awaitable<std::vector<purchases>> read_bought(db::transaction& tx,
                                              const std::vector<placement_request>& orders,
                                              const std::vector<inventory::level>& stock) {
  std::vector<std::int64_t> limited;
  for (const inventory::level& l : stock)
    if (l.max_per_customer)
      limited.push_back(l.variant_id);
  std::vector<purchases> out(orders.size());
  if (limited.empty())
    co_return out;
  std::vector<std::optional<std::int64_t>> users;
  std::vector<std::string> emails;
  for (const placement_request& order : orders) {
    users.push_back(order.user_id);
    emails.push_back(to_lower_ascii(order.email));
  }
  for (const db::row row : co_await tx.query(sql::bought_by, users, emails, limited)) {
    const auto [position, variant_id, quantity] = row.as<std::int64_t, std::int64_t, std::int64_t>();
    out[static_cast<std::size_t>(position - 1)][variant_id] = quantity;
  }
  co_return out;
}

// The locks in the one order: carts, then variants, then promotions.
awaitable<findings> read(db::transaction& tx, const settings& s, const std::vector<placement_request>& orders,
                         time_point now) {
  findings f;
  std::vector<uuid> cart_ids;
  cart_ids.reserve(orders.size());
  for (const placement_request& order : orders) {
    cart_ids.push_back(order.cart_id);
    if (order.key)
      f.keys.push_back(&*order.key);
  }
  db::asked carts = cart::ask_locked(tx, cart_ids);
  std::optional<db::asked> stored; // under the carts' locks: who comes second sees the first one's answer
  if (!f.keys.empty())
    stored = api::idempotency::ask_stored(tx, f.keys);
  db::asked stock = tx.ask(sql::lock_stock_of_carts, cart_ids);
  pricing::question prices(tx, *s.prices, interest_of(orders), now);
  std::optional<db::asked> categories;
  if (prices.needs_categories())
    categories = tx.ask(sql::categories_of_carts, cart_ids);
  const db::rows lines = co_await tx.query(sql::read_lines, cart_ids);
  f.carts = cart::read_locked(carts.take());
  f.stock = levels_of(stock.take());
  f.has_limits = std::any_of(f.stock.begin(), f.stock.end(),
                             [](const inventory::level& l) { return l.max_per_customer.has_value(); });
  f.bought = co_await read_bought(tx, orders, f.stock);
  read_lines(lines, f);
  f.prices = co_await prices.answer(tx);
  if (categories)
    f.categories = read_categories(categories->take());
  else if (f.prices.need_categories()) // since the rules have changed
    f.categories = read_categories(co_await tx.query(sql::categories_of_carts, cart_ids));
  f.stored.resize(f.keys.size());
  if (stored)
    for (auto& answer : api::idempotency::read_stored(stored->take()))
      f.stored[answer.position] = std::move(answer);
  co_return f;
}

// Decides the orders in their turn.
class decider {
public:
  decider(const settings& s, const std::vector<placement_request>& orders, findings found, time_point now)
      : settings_(s), orders_(orders), found_(std::move(found)), now_(now) {}

  std::vector<placement_answer> answers; // one an order
  batch_writes writes;

  void run() {
    for (std::size_t i = 0; i < orders_.size(); ++i)
      answers.push_back({decide(i), {}});
  }

private:
  using outcome = decltype(placement_answer::outcome);

  outcome decide(std::size_t i) {
    const placement_request& in = orders_[i];
    if (in.key)
      if (auto known = answer_of(*in.key, next_key_++))
        return std::move(*known);
    cart::locked_cart* cart = find_cart(in.cart_id);
    if (auto refused = cart::refusal(cart, in.user_id))
      return std::move(*refused);
    const auto lines = found_.lines.find(in.cart_id);
    if (lines == found_.lines.end())
      return problem(cart_empty, "Put something into the cart first.");
    auto made = make_order(in, lines->second, i);
    if (!made)
      return made.error();
    cart->is_open = false;
    return accept(i, std::move(*made));
  }

  // What the key has got before: earlier, or from an order of this batch.
  std::optional<outcome> answer_of(const key& k, std::size_t number) {
    const auto& stored = found_.stored[number];
    if (stored && stored->created_at > now_ - api::idempotency::kept_for) {
      if (stored->request_sha256 != k.request_sha256)
        return key_reused();
      return placed{{}, std::make_shared<const std::string>(stored->body), true};
    }
    for (const accepted_key& other : by_key_)
      if (other.of->scope == k.scope && other.of->value == k.value) {
        if (other.of->request_sha256 != k.request_sha256)
          return key_reused();
        return placed{{}, other.body, true};
      }
    if (stored)
      writes.outdated_keys.push_back(&k);
    return std::nullopt;
  }

  cart::locked_cart* find_cart(const uuid& id) {
    const auto at =
        std::lower_bound(found_.carts.begin(), found_.carts.end(), id,
                         [](const cart::locked_cart& c, const uuid& other) { return c.id < other; });
    return at != found_.carts.end() && at->id == id ? &*at : nullptr;
  }

  // The order with its stock taken, or why not.
  result<order> make_order(const placement_request& in, cart_contents& lines, std::size_t i) {
    if (lines.mixed_currencies)
      return mixed_currencies();
    order o;
    o.items = std::move(lines.items);
    o.currency = lines.in;
    if (auto refused = refusal_of(o, in, lines, i)) {
      lines.items = std::move(o.items); // the cart may be ordered from again, in this very batch
      return std::move(*refused);
    }
    o.id = new_uuid(now_);
    o.number = new_order_number();
    o.placed_at = now_;
    o.expires_at = now_ + settings_.expires_after;
    o.email = in.email;
    o.user_id = in.user_id;
    o.shipping_address = {in.shipping_address};
    o.note = in.note;
    o.payment = {payment_status::pending, {0, lines.in}, {0, lines.in}};
    if (o.total.minor == 0) { // nothing to pay: completed as it is placed
      o.status = order_status::completed;
      o.payment.status = payment_status::success;
    }
    take_uses(o, in);
    return o;
  }

  // Nothing where it is priced and has its stock.
  std::optional<problem> refusal_of(order& o, const placement_request& in, const cart_contents& lines,
                                    std::size_t i) {
    if (auto refused = set_price(o, in))
      return refused;
    if (in.expected_total && money::from(*in.expected_total, o.currency) != o.total)
      return total_has_changed(*in.expected_total, o.total);
    if (const decision short_of = allocate(found_.stock, lines.wanted, found_.bought[i]); !short_of.empty())
      return short_of_stock(short_of, o.items);
    return std::nullopt;
  }

  // By the rules in force, as those before it in the batch have left them. used_ has the promotions.
  std::optional<problem> set_price(order& o, const placement_request& in) {
    used_.clear();
    if (found_.prices.are_none() && in.codes.empty() && !in.shipping_method_id) {
      if (price_plainly(o))
        return std::nullopt;
      return problem(errors::validation_error, "The sum of the cart is larger than any amount we can take.");
    }
    const pricing::basket b{basket_lines(o.items, found_.categories),
                            o.currency,
                            in.country,
                            in.shipping_method_id,
                            false,
                            in.codes,
                            pricing::customer_key(in.user_id, in.email),
                            now_};
    auto quote = pricing::price(b, found_.prices.book->rules, found_.prices.coded, found_.prices.left);
    if (!quote)
      return quote.error();
    price_as(o, *quote);
    used_ = std::move(quote->promotion_ids);
    return std::nullopt;
  }

  void take_uses(const order& o, const placement_request& in) {
    if (used_.empty())
      return;
    const std::string customer = pricing::customer_key(in.user_id, in.email);
    found_.prices.left.take(used_, customer);
    for (const std::int64_t promotion_id : used_)
      writes.uses.push_back({promotion_id, o.id, customer});
  }

  outcome accept(std::size_t i, order o) {
    const placement_request& in = orders_[i];
    auto body = std::make_shared<const std::string>(json::encode(o));
    if (in.key) {
      by_key_.push_back({&*in.key, body});
      writes.answers.push_back({&*in.key, *body});
    }
    for (std::size_t later = i + 1; found_.has_limits && later < orders_.size(); ++later)
      if (is_same_customer(orders_[later], in))
        for (const order_line& line : o.items)
          found_.bought[later][line.variant_id] += line.quantity;
    placed out{o.id, std::move(body), false};
    writes.carts.push_back(in.cart_id);
    writes.orders.push_back(std::move(o));
    return out;
  }

  static bool is_same_customer(const placement_request& a, const placement_request& b) {
    return (a.user_id && a.user_id == b.user_id) || to_lower_ascii(a.email) == to_lower_ascii(b.email);
  }

  struct accepted_key {
    const key* of;
    std::shared_ptr<const std::string> body;
  };

  const settings& settings_;
  const std::vector<placement_request>& orders_;
  findings found_;
  time_point now_;
  std::size_t next_key_ = 0;
  std::vector<std::int64_t> used_; // promotions, of the order that is being decided
  std::vector<accepted_key> by_key_;
};

} // namespace

awaitable<std::vector<placement_answer>> place_batch(db::transaction& tx, const settings& s,
                                                     const std::vector<placement_request>& orders,
                                                     time_point now) {
  decider d(s, orders, co_await read(tx, s, orders, now), now);
  d.run();
  if (!d.writes.orders.empty()) {
    write(tx, *s.outbox, d.writes, now);
    co_await tx.commit();
  }
  co_return std::move(d.answers);
}

} // namespace nexus::orders
