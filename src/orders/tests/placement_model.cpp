#include "placement_model.hpp"

#include <cstdlib>

namespace nexus::orders::model {

namespace {

// Where nobody says otherwise, the properties of this program are tried a thousand times. Read before main().
[[maybe_unused]] const int a_thousand_times = ::setenv("RC_PARAMS", "max_success=1000", 0);

constexpr std::size_t variants = 4;

std::optional<int> perhaps(int percent, int most) {
  if (*rc::gen::inRange(0, 100) >= percent)
    return std::nullopt;
  return *rc::gen::resize(100, rc::gen::inRange(1, most + 1));
}

int any(int from, int until) { return *rc::gen::resize(100, rc::gen::inRange(from, until)); }

step::buyer some_buyer() {
  step::buyer out;
  for (int i = any(0, 4); i >= 0; --i)
    out.wants.emplace_back(static_cast<std::size_t>(any(0, variants)), any(1, 6));
  out.customer = any(0, 3);
  out.shouts = any(0, 2) == 1;
  out.key = any(0, 6);
  out.again = any(0, 4) == 0 ? static_cast<std::size_t>(any(1, 100)) : 0;
  return out;
}

step some_step() {
  // Placing comes up as often as all the rest.
  constexpr step::what kinds[] = {
      step::what::place,  step::what::place,    step::what::place,    step::what::place, step::what::place,
      step::what::cancel, step::what::complete, step::what::complete, step::what::ship,  step::what::deliver,
      step::what::refund, step::what::move,     step::what::pass_time};
  step out;
  out.does = kinds[any(0, std::size(kinds))];
  out.number = any(0, 80);
  out.target = any(0, 15);
  out.dies = any(0, 5) == 0;
  if (out.does == step::what::place)
    for (int i = any(1, 9); i > 0; --i)
      out.batch.push_back(some_buyer());
  return out;
}

} // namespace

rc::Gen<std::vector<level>> some_levels() {
  return rc::gen::container<std::vector<level>>(variants, rc::gen::exec([] {
                                                  level out;
                                                  out.on_hand = any(0, 15);
                                                  out.per_order = perhaps(25, 6);
                                                  out.per_customer = perhaps(25, 8);
                                                  return out;
                                                }));
}

rc::Gen<std::vector<step>> some_steps() {
  return rc::gen::resize(12, rc::gen::container<std::vector<step>>(rc::gen::exec(some_step)));
}

order_event event_of(step::what w) {
  switch (w) {
  case step::what::cancel:
    return order_event::cancel;
  case step::what::ship:
    return order_event::ship;
  case step::what::deliver:
    return order_event::deliver;
  case step::what::refund:
    return order_event::refund;
  default:
    return order_event::complete;
  }
}

std::ostream& operator<<(std::ostream& out, const step& s) {
  constexpr std::string_view names[] = {"place",   "cancel", "complete", "ship",
                                        "deliver", "refund", "move",     "pass time"};
  out << "\n  " << names[static_cast<std::size_t>(s.does)] << " number " << s.number << " target " << s.target
      << (s.dies ? " and dies" : "");
  for (const step::buyer& b : s.batch) {
    out << "\n    customer " << b.customer << " key " << b.key << " again " << b.again << ":";
    for (const auto& [variant, quantity] : b.wants)
      out << " " << quantity << " of " << variant;
  }
  return out;
}

std::ostream& operator<<(std::ostream& out, const level& l) {
  return out << l.on_hand << " pieces, at most " << l.per_order.value_or(-1) << " an order and "
             << l.per_customer.value_or(-1) << " a customer";
}

std::ostream& operator<<(std::ostream& out, const seen_order& o) {
  out << o.status;
  for (const auto& [variant, quantity] : o.wants)
    out << " " << quantity << " of " << variant;
  return out;
}

int shop::had(int customer, std::size_t variant) const {
  int sum = 0;
  for (const placed_order& o : orders_)
    if (o.customer == customer && o.status != order_status::expired && o.status != order_status::cancelled &&
        o.status != order_status::refunded && o.wants.contains(variant))
      sum += o.wants.at(variant);
  return sum;
}

void shop::hold(const placed_order& o, int sign) {
  for (const auto& [variant, quantity] : o.wants)
    levels_[variant].reserved += sign * quantity;
}

answer shop::place(const request& r, time_point expires_at) {
  if (const auto known = keys_.find(r.key); !r.key.empty() && known != keys_.end())
    return known->second.cart == r.cart ? answer{"", {}, true, known->second.order}
                                        : answer{"idempotency_key_reused"};
  if (ordered_carts_.contains(r.cart))
    return {"cart_ordered"};
  answer out;
  bool only_limits = true;
  for (const auto& [variant, wanted] : r.wants) {
    const level& l = levels_[variant];
    const int free = l.on_hand - l.reserved;
    int room = free;
    if (l.per_order)
      room = std::min(room, *l.per_order);
    if (l.per_customer)
      room = std::min(room, std::max(0, *l.per_customer - had(r.customer, variant)));
    if (wanted <= room)
      continue;
    only_limits = only_limits && room < free;
    out.bounds.emplace_back(wanted, room);
  }
  if (!out.bounds.empty()) {
    out.refusal = only_limits ? "purchase_limit_exceeded" : "insufficient_stock";
    return out;
  }
  out.order = orders_.size();
  orders_.push_back({r.customer, r.wants, order_status::pending, expires_at});
  hold(orders_.back(), +1);
  ordered_carts_[r.cart] = out.order;
  if (!r.key.empty())
    keys_[r.key] = {r.cart, out.order};
  return out;
}

std::string shop::advance(std::size_t order, order_event event) {
  placed_order& o = orders_[order];
  const transition t = next(o.status, event);
  if (!t.to)
    return t.refusal == nullptr ? "" : std::string(t.refusal->code);
  o.status = *t.to;
  if (t.stock == stock_effect::release || t.stock == stock_effect::leave)
    hold(o, -1);
  if (t.stock == stock_effect::leave)
    for (const auto& [variant, quantity] : o.wants)
      levels_[variant].on_hand -= quantity;
  return "";
}

completion shop::complete(std::size_t order) {
  placed_order& o = orders_[order];
  const transition t = next(o.status, order_event::complete);
  if (!t.to)
    return t.refusal == nullptr ? completion::was_completed : completion::cannot_complete;
  if (t.stock == stock_effect::take_again) {
    for (const auto& [variant, quantity] : o.wants)
      if (levels_[variant].on_hand - levels_[variant].reserved < quantity)
        return completion::cannot_complete;
    hold(o, +1);
  }
  o.status = *t.to;
  return completion::completed;
}

void shop::expire(time_point now) {
  for (placed_order& o : orders_)
    if (o.status == order_status::pending && o.expires_at <= now) {
      o.status = order_status::expired;
      hold(o, -1);
    }
}

void shop::set_on_hand(std::size_t variant, int target) {
  levels_[variant].on_hand = std::max(target, levels_[variant].reserved);
}

seen_order shop::look(std::size_t order) const {
  return {std::string(json::name_of(orders_[order].status)), orders_[order].wants};
}

std::int64_t shop::total(std::size_t order) const {
  std::int64_t sum = 0;
  for (const auto& [variant, quantity] : orders_[order].wants)
    sum += quantity;
  return sum;
}

} // namespace nexus::orders::model
