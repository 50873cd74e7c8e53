#include "pricing/promotion_view.hpp"
#include "pricing/rules.sql.hpp"

#include <set>

namespace nexus::pricing {

namespace {

struct promotions_query : api::page_query {
  static constexpr std::string_view schema_name = "PromotionsQuery";
};

using create_request = api::request<none, none, new_promotion>;
using update_request = api::request<id_path, none, promotion_change>;

problem not_found() { return {errors::not_found, "There is no such promotion."}; }

promotion_view view_of(promotion p) {
  const bool by_percentage = p.kind == promotion_kind::percentage;
  return {p.id,
          std::move(p.name),
          std::move(p.code),
          p.kind,
          by_percentage ? std::optional(percentage_of(p.basis_points)) : std::nullopt,
          by_percentage ? std::nullopt : std::optional(money{p.amount, p.currency}),
          p.currency,
          p.applies_to,
          std::move(p.target_ids),
          money_of(p.minimum_subtotal, p.currency),
          p.starts_at,
          p.ends_at,
          p.priority,
          p.is_exclusive,
          p.max_uses,
          p.max_uses_per_customer};
}

// Of percentage and amount there is the one that the kind names, and it is more than nothing.
void check_value(const new_promotion& in, promotion& p, json::faults& f) {
  const bool by_percentage = in.kind == promotion_kind::percentage;
  const auto& wanted = by_percentage ? in.percentage : in.amount;
  const std::string_view here = by_percentage ? "/percentage" : "/amount";
  const std::string_view there = by_percentage ? "/amount" : "/percentage";
  if ((by_percentage ? in.amount : in.percentage).has_value())
    f.add(std::string(there), "not_allowed", "A promotion has a percentage or an amount, as its kind says.");
  if (!wanted) {
    f.add(std::string(here), "required", "This field is required for this kind.");
    return;
  }
  if (by_percentage)
    p.basis_points = read_percentage(*wanted, here, f);
  else
    p.amount = read_amount(*wanted, in.currency, here, f);
  if (wanted->units == 0)
    f.add(std::string(here), "too_small", "It must take something off.");
}

awaitable<> check_targets(db::transaction& tx, const new_promotion& in, json::faults& f) {
  if (in.applies_to == promotion_target::order) {
    if (!in.target_ids.empty())
      f.add("/target_ids", "not_allowed", "A promotion of the whole order has no targets.");
    co_return;
  }
  if (in.target_ids.empty())
    f.add("/target_ids", "required", "Name the products or categories.");
  const db::rows found = co_await tx.query(in.applies_to == promotion_target::product ? sql::known_products
                                                                                      : sql::known_categories,
                                           in.target_ids);
  std::set<std::int64_t> known;
  for (const db::row row : found)
    known.insert(row.get<std::int64_t>(0));
  for (std::size_t i = 0; i < in.target_ids.size(); ++i)
    if (!known.contains(in.target_ids[i]))
      f.add(fmt::format("/target_ids/{}", i), "unknown_reference", "There is no such one.");
}

void check_window(const promotion& p, json::faults& f) {
  if (p.ends_at && *p.ends_at < p.starts_at)
    f.add("/ends_at", "too_small", "It cannot end before it starts.");
}

awaitable<result<promotion_view>> create(api::context& c, db::transaction& tx, create_request in) {
  new_promotion& n = in.body;
  json::faults f;
  promotion p;
  p.name = std::move(n.name);
  if (n.code)
    p.code = normalised_code(*n.code);
  p.kind = n.kind;
  p.currency = n.currency;
  p.applies_to = n.applies_to;
  p.minimum_subtotal = read_amount(n.minimum_subtotal, n.currency, "/minimum_subtotal", f);
  p.starts_at = n.starts_at.value_or(c.now());
  p.ends_at = n.ends_at;
  p.priority = n.priority;
  p.is_exclusive = n.is_exclusive;
  p.max_uses = n.max_uses;
  p.max_uses_per_customer = n.max_uses_per_customer;
  check_value(n, p, f);
  check_window(p, f);
  co_await check_targets(tx, n, f);
  if (!f.empty())
    co_return invalid(f.take());
  p.target_ids = std::move(n.target_ids);
  const db::rows made = co_await tx.query(
      sql::insert_promotion, p.name, p.code, json::name_of(p.kind), p.basis_points, p.amount,
      p.currency.code(), json::name_of(p.applies_to), p.target_ids, p.minimum_subtotal, p.starts_at,
      p.ends_at, p.priority, p.is_exclusive, p.max_uses_per_customer, c.now());
  p.id = made.front().get<std::int64_t>(0);
  tx.send(sql::insert_promotion_limit, p.id, p.max_uses);
  co_return view_of(std::move(p));
}

awaitable<result<promotion_view>> read(api::context& c, api::request<id_path> in) {
  const db::rows found = co_await c.db.query(sql::read_promotion, in.path.id);
  if (found.empty())
    co_return not_found();
  co_return view_of(promotion_of(found.front()));
}

awaitable<result<usage_view>> read_usage(api::context& c, api::request<id_path> in) {
  const db::rows found = co_await c.db.query(sql::read_promotion_usage, in.path.id);
  if (found.empty())
    co_return not_found();
  const auto [max_uses, used] = found.front().as<std::optional<std::int64_t>, std::int64_t>();
  co_return usage_view{used, max_uses};
}

awaitable<result<promotion>> lock(api::context& c, db::transaction& tx, std::int64_t id) {
  const db::rows found = co_await tx.query(sql::lock_promotion, id);
  if (found.empty())
    co_return not_found();
  promotion p = promotion_of(found.front());
  if (auto refused = check_if_match(c, view_of(p)))
    co_return std::move(*refused);
  co_return p;
}

awaitable<result<promotion_view>> update(api::context& c, db::transaction& tx, update_request in) {
  promotion_change& change = in.body;
  auto p = co_await lock(c, tx, in.path.id);
  if (!p)
    co_return p.error();
  json::faults f;
  if (change.name)
    p->name = std::move(*change.name);
  if (change.starts_at)
    p->starts_at = *change.starts_at;
  if (change.ends_at)
    p->ends_at = *change.ends_at;
  if (change.priority)
    p->priority = *change.priority;
  if (change.is_exclusive)
    p->is_exclusive = *change.is_exclusive;
  if (change.max_uses)
    p->max_uses = *change.max_uses;
  if (change.max_uses_per_customer)
    p->max_uses_per_customer = *change.max_uses_per_customer;
  check_window(*p, f);
  const db::rows usage = co_await tx.query(sql::read_promotion_usage, p->id);
  if (p->max_uses && *p->max_uses < usage.front().get<std::int64_t>(1))
    f.add("/max_uses", "too_small", "It has been used more often than that.");
  if (!f.empty())
    co_return invalid(f.take());
  tx.send(sql::update_promotion, p->id, p->name, p->starts_at, p->ends_at, p->priority, p->is_exclusive,
          p->max_uses_per_customer);
  tx.send(sql::update_promotion_limit, p->id, p->max_uses);
  co_return view_of(std::move(*p));
}

awaitable<result<none>> remove(api::context& c, db::transaction& tx, api::request<id_path> in) {
  const auto p = co_await lock(c, tx, in.path.id);
  if (!p)
    co_return p.error();
  const db::rows used = co_await tx.query(sql::promotion_was_used, p->id); // its row is locked: none can come
  if (used.front().get<bool>(0))
    tx.send(sql::end_promotion, p->id, c.now());
  else
    tx.send(sql::delete_promotion, p->id);
  co_return none{};
}

} // namespace

promotion promotion_of(const db::row& row) {
  promotion p;
  p.id = row.get<std::int64_t>(0);
  p.name = row.get<std::string>(1);
  p.code = row.get<std::optional<std::string>>(2);
  p.kind = json::parse_enum<promotion_kind>(row.get<std::string_view>(3)).value();
  p.basis_points = row.get<int>(4);
  p.amount = row.get<std::int64_t>(5);
  p.currency = currency::parse(row.get<std::string_view>(6)).value();
  p.applies_to = json::parse_enum<promotion_target>(row.get<std::string_view>(7)).value();
  p.target_ids = row.get<std::vector<std::int64_t>>(8);
  p.minimum_subtotal = row.get<std::optional<std::int64_t>>(9);
  p.starts_at = row.get<time_point>(10);
  p.ends_at = row.get<std::optional<time_point>>(11);
  p.priority = row.get<int>(12);
  p.is_exclusive = row.get<bool>(13);
  p.max_uses = row.get<std::optional<std::int64_t>>(14);
  p.max_uses_per_customer = row.get<std::optional<std::int64_t>>(15);
  return p;
}

api::endpoint list_promotions() {
  return api::get("/promotions/", "list_promotions", "The promotions")
      .needs(std::string(write_permission))
      .handle([](api::context& c,
                 api::request<none, promotions_query> in) -> awaitable<result<api::page<promotion_view>>> {
        return list_by_id<promotion_view>(c, in.query, sql::list_promotions, sql::list_promotions_backward,
                                          sql::count_promotions,
                                          [](const db::row& row) { return view_of(promotion_of(row)); });
      });
}

api::endpoint read_promotion() {
  return api::get("/promotions/{id}/", "read_promotion", "A promotion")
      .needs(std::string(write_permission))
      .cacheable()
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<id_path> in) -> awaitable<result<promotion_view>> {
        return read(c, std::move(in));
      });
}

api::endpoint read_promotion_usage() {
  return api::get("/promotions/{id}/usage/", "read_promotion_usage", "How often a promotion is used")
      .needs(std::string(write_permission))
      .fails({&errors::not_found})
      .handle([](api::context& c, api::request<id_path> in) -> awaitable<result<usage_view>> {
        return read_usage(c, std::move(in));
      });
}

api::endpoint create_promotion() {
  return api::post("/promotions/", "create_promotion", "Make a promotion")
      .needs(std::string(write_permission))
      .created()
      .idempotent()
      .on_constraint({"promotion_code_key", "/code", "not_unique", "Another promotion has this code."})
      .handle(
          [](api::context& c, db::transaction& tx, create_request in) -> awaitable<result<promotion_view>> {
            return create(c, tx, std::move(in));
          });
}

api::endpoint update_promotion() {
  return api::patch("/promotions/{id}/", "update_promotion",
                    "Change a promotion's name, window, rank or limits")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .describe("What it takes off stays: customers have read it. Make another.")
      .handle(
          [](api::context& c, db::transaction& tx, update_request in) -> awaitable<result<promotion_view>> {
            return update(c, tx, std::move(in));
          });
}

api::endpoint delete_promotion() {
  return api::del("/promotions/{id}/", "delete_promotion", "Retire a promotion")
      .needs(std::string(write_permission))
      .fails({&errors::not_found, &errors::etag_mismatch})
      .describe("It is ended where an order ever used it, else deleted.")
      .handle([](api::context& c, db::transaction& tx, api::request<id_path> in) -> awaitable<result<none>> {
        return remove(c, tx, std::move(in));
      });
}

} // namespace nexus::pricing
