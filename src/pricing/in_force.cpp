#include "pricing/in_force.sql.hpp"
#include "pricing/pricing.hpp"
#include "pricing/promotion_view.hpp"

namespace nexus::pricing {

namespace {

std::vector<shipping_method> methods_of(const db::rows& found) {
  std::vector<shipping_method> out;
  for (const db::row row : found) {
    auto [id, name, code, price, per_kg, free_from, countries, max_weight] =
        row.as<std::int64_t, std::string, std::string_view, std::int64_t, std::int64_t,
               std::optional<std::int64_t>, std::vector<std::string>, std::optional<std::int64_t>>();
    out.push_back({id, std::move(name), currency::parse(code).value(), price, per_kg, free_from,
                   std::move(countries), max_weight});
  }
  return out;
}

std::vector<tax_rate> rates_of(const db::rows& found) {
  std::vector<tax_rate> out;
  for (const db::row row : found) {
    auto [id, name, country, category_id, basis_points, is_included] =
        row.as<std::int64_t, std::string, std::string, std::optional<std::int64_t>, int, bool>();
    out.push_back({id, std::move(name), std::move(country), category_id, basis_points, is_included});
  }
  return out;
}

// revision was read before the rules are: what changes in between is found by the next one who looks.
awaitable<std::shared_ptr<const edition>> read_edition(db::queryable& db, rule_book& book, uuid revision,
                                                       time_point now) {
  auto e = std::make_shared<edition>();
  e->revision = revision;
  e->rules.shipping = methods_of(co_await db.query(sql::active_shipping_methods));
  e->rules.taxes = rates_of(co_await db.query(sql::all_tax_rates));
  for (const db::row row : co_await db.query(sql::automatic_promotions, now)) {
    e->rules.promotions.push_back(promotion_of(row));
    if (e->rules.promotions.back().is_limited())
      e->limited.push_back(e->rules.promotions.back().id);
  }
  e->speaks_of_categories = e->rules.speak_of_categories();
  book.put(e);
  co_return e;
}

void read_promotions(const db::rows& found, in_force& into) {
  constexpr int used_column = 16;
  for (const db::row row : found) {
    promotion p = promotion_of(row);
    into.left.note(p.id, {p.max_uses, row.get<std::int64_t>(used_column)});
    if (p.code)
      into.coded.push_back(std::move(p));
  }
}

void read_customers(const db::rows& found, in_force& into) {
  for (const db::row row : found) {
    auto [promotion_id, customer, used] = row.as<std::int64_t, std::string, std::int64_t>();
    into.left.note(promotion_id, std::move(customer), used);
  }
}

bool are_counted(const interest& about, const edition& e) {
  return !about.codes.empty() || !e.limited.empty();
}

} // namespace

bool in_force::need_categories() const {
  return book->speaks_of_categories || std::any_of(coded.begin(), coded.end(), [](const promotion& p) {
           return p.applies_to == promotion_target::category;
         });
}

question::question(db::transaction& tx, rule_book& book, interest about, time_point now)
    : book_(book), about_(std::move(about)), now_(now), known_(book.latest()),
      revision_(tx.ask(sql::read_revision)) {
  if (!are_counted(about_, *known_))
    return;
  promotions_ = tx.ask(sql::lock_promotions, about_.codes, known_->limited);
  customers_ = tx.ask(sql::read_customers, about_.codes, known_->limited, about_.customers());
}

awaitable<in_force> question::answer(db::transaction& tx) {
  in_force out;
  out.book = known_;
  if (promotions_) {
    read_promotions(promotions_->take(), out);
    read_customers(customers_->take(), out);
  }
  const uuid revision = revision_.take().front().get<uuid>(0);
  if (revision == known_->revision)
    co_return out;
  out.book = co_await read_edition(tx, book_, revision, now_);
  if (!out.book->limited.empty()) { // they were not known to be, and so not locked
    const std::vector<std::string> no_codes;
    read_promotions(co_await tx.query(sql::lock_promotions, no_codes, out.book->limited), out);
    read_customers(co_await tx.query(sql::read_customers, no_codes, out.book->limited, about_.customers()),
                   out);
  }
  co_return out;
}

awaitable<in_force> read_in_force(db::session db, rule_book& book, interest about, time_point now) {
  in_force out;
  out.book = book.latest();
  const db::rows found = co_await db.query(sql::read_revision);
  if (const uuid revision = found.front().get<uuid>(0); revision != out.book->revision)
    out.book = co_await read_edition(db, book, revision, now);
  if (are_counted(about, *out.book)) {
    read_promotions(co_await db.query(sql::read_promotions, about.codes, out.book->limited), out);
    read_customers(co_await db.query(sql::read_customers, about.codes, out.book->limited, about.customers()),
                   out);
  }
  co_return out;
}

} // namespace nexus::pricing
