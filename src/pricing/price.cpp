#include "pricing/price.hpp"

#include "core/text.hpp"
#include "pricing/goods.hpp"

#include <algorithm>
#include <tuple>

namespace nexus::pricing {

namespace {

// Sums stay well below what int64 holds, so that nothing made of them needs a check of its own.
constexpr std::int64_t highest_amount = std::int64_t{1} << 61;

problem too_large() {
  return {errors::validation_error, "The sum of the order is larger than any amount we can take."};
}

// Nullopt where the sum is too large.
std::optional<goods> goods_of(const basket& b, std::int64_t& subtotal) {
  goods out;
  out.reserve(b.lines.size());
  for (std::size_t i = 0; i < b.lines.size(); ++i) {
    const basket_line& line = b.lines[i];
    std::int64_t total = 0;
    if (__builtin_mul_overflow(line.unit_price, std::int64_t{line.quantity}, &total) ||
        __builtin_add_overflow(subtotal, total, &subtotal) || subtotal > highest_amount)
      return std::nullopt;
    out.push_back({&line, i, total, total});
  }
  std::sort(out.begin(), out.end(), [](const good& x, const good& y) {
    return std::tuple(x.line->variant_id, x.line->unit_price, x.line->quantity) <
           std::tuple(y.line->variant_id, y.line->unit_price, y.line->quantity);
  });
  return out;
}

void explain_discounts(const std::vector<taken>& all, goods& of, quote& q) {
  for (const taken& t : all) {
    q.promotion_ids.push_back(t.what->id);
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (t.parts[i] == 0)
        continue;
      of[i].left -= t.parts[i];
      q.discount += t.parts[i];
      q.lines[of[i].place].discount += t.parts[i];
      q.adjustments.push_back(
          {adjustment_kind::discount, t.what->id, t.what->name, t.what->code, of[i].place, t.parts[i]});
    }
  }
  std::sort(q.promotion_ids.begin(), q.promotion_ids.end());
}

void explain_taxes(const std::vector<taxed>& all, const goods& of, quote& q) {
  for (const taxed& t : all)
    for (std::size_t i = 0; i <= of.size(); ++i) {
      if (t.parts[i] == 0)
        continue;
      q.tax += t.parts[i];
      q.tax_included += t.rate->is_included ? t.parts[i] : 0;
      const auto line = i < of.size() ? std::optional(of[i].place) : std::nullopt;
      if (line)
        q.lines[*line].tax += t.parts[i];
      q.adjustments.push_back({adjustment_kind::tax, t.rate->id, t.rate->name, std::nullopt, line, t.parts[i],
                               t.rate->is_included});
    }
}

} // namespace

result<quote> price(const basket& b, const rules& r, std::span<const promotion> coded,
                    const allowance& left) {
  quote q;
  auto of = goods_of(b, q.subtotal);
  if (!of)
    return too_large();
  q.lines.resize(b.lines.size());
  for (const good& g : *of)
    q.lines[g.place].total = g.total;

  const auto discounts = take_discounts(b, *of, q.subtotal, r.promotions, coded, left);
  if (!discounts)
    return discounts.error();
  explain_discounts(*discounts, *of, q);

  const auto method = chosen_method(b, r);
  if (!method)
    return method.error();
  if (const shipping_method* m = *method) {
    q.shipping = shipping_price(*m, b, q.subtotal - q.discount);
    if (q.shipping > highest_amount)
      return too_large();
    q.adjustments.push_back({adjustment_kind::shipping, m->id, m->name, {}, {}, q.shipping});
  }
  explain_taxes(tax(b, *of, q.shipping, r.taxes), *of, q);
  // At most 2^61 of goods, as much shipping, and as much tax again.
  if (__builtin_add_overflow(q.subtotal - q.discount + q.shipping, q.tax - q.tax_included, &q.total))
    return too_large();
  return q;
}

bool rules::speak_of_categories() const {
  return std::any_of(taxes.begin(), taxes.end(),
                     [](const tax_rate& t) { return t.category_id.has_value(); }) ||
         std::any_of(promotions.begin(), promotions.end(),
                     [](const promotion& p) { return p.applies_to == promotion_target::category; });
}

bool allowance::is_used_up(const promotion& p) const {
  const auto at = promotions_.find(p.id);
  const limit l = at != promotions_.end() ? at->second : limit{};
  const auto max_uses = l.max_uses ? l.max_uses : p.max_uses; // the locked row's word is the newer one
  return max_uses && l.used >= *max_uses;
}

bool allowance::is_used_up_by(const promotion& p, const std::string& customer) const {
  if (!p.max_uses_per_customer)
    return false;
  const auto at = customers_.find({p.id, customer});
  return (at != customers_.end() ? at->second : 0) >= *p.max_uses_per_customer;
}

void allowance::take(std::span<const std::int64_t> promotion_ids, const std::string& customer) {
  for (const std::int64_t id : promotion_ids) {
    ++promotions_[id].used;
    ++customers_[{id, customer}];
  }
}

std::string normalised_code(std::string_view code) {
  std::string out(trim(code));
  for (char& c : out)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::vector<std::string> normalised_codes(const std::vector<std::string>& codes) {
  std::vector<std::string> out;
  for (const std::string& code : codes)
    out.push_back(normalised_code(code));
  return out;
}

std::string customer_key(std::optional<std::int64_t> user_id, std::string_view email) {
  return user_id ? "user:" + std::to_string(*user_id) : "guest:" + to_lower_ascii(email);
}

} // namespace nexus::pricing
