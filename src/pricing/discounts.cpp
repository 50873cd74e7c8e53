// Which promotions a basket gets, and what each takes off.
//
// Those whose codes were given are used, or the basket is refused. Beside them stand the automatic ones that
// apply. They are taken one after the other by (priority, id), each of what those before it have left. An
// exclusive code stands alone; so does an exclusive automatic one, which is taken where no code is given and
// it is worth more than all the others together.
#include "pricing/goods.hpp"
#include "pricing/proportion.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace nexus::pricing {

namespace {

using candidates = std::vector<const promotion*>;

struct fault {
  std::string_view code;
  std::string_view detail;
};

bool covers(const promotion& p, const basket_line& line) {
  const auto is_target = [&](std::int64_t id) {
    return std::find(p.target_ids.begin(), p.target_ids.end(), id) != p.target_ids.end();
  };
  switch (p.applies_to) {
  case promotion_target::order:
    return true;
  case promotion_target::product:
    return is_target(line.product_id);
  case promotion_target::category:
    return std::any_of(line.categories.begin(), line.categories.end(),
                       [&](const category& c) { return is_target(c.id); });
  }
  return false;
}

std::optional<fault> why_not(const promotion& p, const basket& b, std::int64_t subtotal,
                             const allowance& left) {
  if (b.now < p.starts_at)
    return fault{"not_yet", "It is not valid yet."};
  if (p.ends_at && b.now >= *p.ends_at)
    return fault{"ended", "It is no longer valid."};
  if (p.is_bound_to_currency() && p.currency != b.currency)
    return fault{"wrong_currency", "It is for orders in another currency."};
  if (p.minimum_subtotal && subtotal < *p.minimum_subtotal)
    return fault{"minimum_not_reached", "It needs a larger order."};
  if (left.is_used_up(p))
    return fault{"used_up", "It has been used as often as it may be."};
  if (left.is_used_up_by(p, b.customer))
    return fault{"used_up_by_customer", "You have used it as often as you may."};
  return std::nullopt;
}

// What the promotion takes off what is left; nothing where that is nothing.
taken take_one(const promotion& p, goods& of) {
  std::vector<std::int64_t> weights(of.size(), 0);
  for (std::size_t i = 0; i < of.size(); ++i)
    if (covers(p, *of[i].line))
      weights[i] = of[i].left;
  const std::int64_t base = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  const std::int64_t amount = p.kind == promotion_kind::percentage ? proportion(base, p.basis_points, 10'000)
                                                                   : std::min(p.amount, base);
  taken out{&p, split(amount, weights)};
  for (std::size_t i = 0; i < of.size(); ++i)
    of[i].left -= out.parts[i];
  return out;
}

std::int64_t worth(const taken& t) {
  return std::accumulate(t.parts.begin(), t.parts.end(), std::int64_t{0});
}

std::int64_t worth(const std::vector<taken>& all) {
  std::int64_t sum = 0;
  for (const taken& t : all)
    sum += worth(t);
  return sum;
}

std::vector<taken> take_all(candidates of, goods from) {
  std::sort(of.begin(), of.end(), [](const promotion* a, const promotion* b) {
    return std::pair(a->priority, a->id) < std::pair(b->priority, b->id);
  });
  std::vector<taken> out;
  for (const promotion* p : of)
    if (taken t = take_one(*p, from); worth(t) > 0)
      out.push_back(std::move(t));
  return out;
}

field_error at_code(std::size_t i, const fault& f) {
  return {fmt::format("/promotion_codes/{}", i), std::string(f.code), std::string(f.detail)};
}

problem refuse(std::vector<field_error> faults) {
  const bool used_up = std::all_of(faults.begin(), faults.end(), [](const field_error& f) {
    return f.code == "used_up" || f.code == "used_up_by_customer";
  });
  return used_up
             ? problem(promotion_used_up, "A code is used up; the order was not placed.", std::move(faults))
             : problem(promotion_not_applicable, "A code cannot be used for this order.", std::move(faults));
}

// The promotions of the basket's codes, each once, in the order of the codes; the first place of each.
struct given_codes {
  candidates promotions;
  std::vector<std::size_t> places;
};

result<given_codes> find_given(const basket& b, std::int64_t subtotal, std::span<const promotion> coded,
                               const allowance& left) {
  given_codes out;
  std::vector<field_error> faults;
  for (std::size_t i = 0; i < b.codes.size(); ++i) {
    const std::string code = normalised_code(b.codes[i]);
    const auto p =
        std::find_if(coded.begin(), coded.end(), [&](const promotion& c) { return c.code == code; });
    if (p == coded.end()) {
      faults.push_back(at_code(i, {"unknown", "There is no such code."}));
      continue;
    }
    if (std::find(out.promotions.begin(), out.promotions.end(), &*p) != out.promotions.end())
      continue; // written twice
    if (const auto f = why_not(*p, b, subtotal, left))
      faults.push_back(at_code(i, *f));
    out.promotions.push_back(&*p);
    out.places.push_back(i);
  }
  if (out.promotions.size() > 1)
    for (std::size_t i = 0; i < out.promotions.size(); ++i)
      if (out.promotions[i]->is_exclusive)
        faults.push_back(at_code(out.places[i], {"not_combinable", "It cannot be used with another code."}));
  if (!faults.empty())
    return refuse(std::move(faults));
  return out;
}

// Every code must have taken something off.
std::optional<problem> find_idle(const given_codes& given, const std::vector<taken>& all) {
  std::vector<field_error> faults;
  for (std::size_t i = 0; i < given.promotions.size(); ++i)
    if (std::none_of(all.begin(), all.end(), [&](const taken& t) { return t.what == given.promotions[i]; }))
      faults.push_back(
          at_code(given.places[i], {"nothing_to_discount", "Nothing in this order is for it to reduce."}));
  if (faults.empty())
    return std::nullopt;
  return refuse(std::move(faults));
}

} // namespace

result<std::vector<taken>> take_discounts(const basket& b, const goods& of, std::int64_t subtotal,
                                          std::span<const promotion> automatic,
                                          std::span<const promotion> coded, const allowance& left) {
  auto given = find_given(b, subtotal, coded, left);
  if (!given)
    return given.error();
  candidates together = given->promotions;
  candidates alone;
  if (together.empty() || !together.front()->is_exclusive)
    for (const promotion& p : automatic)
      if (!why_not(p, b, subtotal, left))
        (p.is_exclusive ? alone : together).push_back(&p);
  std::vector<taken> best = take_all(together, of);
  if (auto refused = find_idle(*given, best))
    return std::move(*refused);
  if (!given->promotions.empty())
    return best;
  std::sort(alone.begin(), alone.end(), [](const promotion* a, const promotion* c) {
    return std::pair(a->priority, a->id) < std::pair(c->priority, c->id);
  });
  for (const promotion* p : alone)
    if (auto one = take_all({p}, of); worth(one) > worth(best))
      best = std::move(one);
  return best;
}

} // namespace nexus::pricing
