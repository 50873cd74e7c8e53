#include "app/auditor.hpp"

#include "app/app.sql.hpp"
#include "inventory/inventory.hpp"
#include "orders/orders.hpp"
#include "payments/payments.hpp"
#include "platform/async/run.hpp"
#include "platform/db/consistency.hpp"
#include "platform/json/encode.hpp"
#include "platform/log/log.hpp"
#include "pricing/pricing.hpp"

#include <deque>

namespace nexus::app {

namespace {

constexpr int examples_kept = 20;

// A check's statement, asked for their number and the first of them, whatever is broken.
class proof {
public:
  explicit proof(const db::consistency_check& check)
      : invariant(check.invariant), name_("audit." + std::string(check.violations->name())),
        text_(fmt::format("WITH violation (row_at_fault) AS MATERIALIZED (\n{}\n)\n"
                          "SELECT (SELECT count(*) FROM violation),\n"
                          "       ARRAY(SELECT row_at_fault FROM violation LIMIT {})",
                          check.violations->text(), examples_kept)),
        statement(name_, text_) {}

  const std::string_view invariant;

private:
  std::string name_, text_;

public:
  const db::statement statement;
};

const std::deque<proof>& all_proofs() {
  static const std::deque<proof> all = [] {
    std::deque<proof> made;
    for (const auto& checks : {inventory::consistency_checks(), pricing::consistency_checks(),
                               orders::consistency_checks(), payments::consistency_checks()})
      for (const db::consistency_check& check : checks)
        made.emplace_back(check);
    return made;
  }();
  return all;
}

awaitable<invariant_result> prove(db::transaction& tx, const proof& p) {
  const db::rows found = co_await tx.query(p.statement);
  const auto [violations, examples] = found.front().as<std::int64_t, std::vector<std::string>>();
  co_return invariant_result{std::string(p.invariant), violations, examples};
}

awaitable<> store(db::database& database, const audit_report& found) {
  co_await database.use().query(sql::store_audit, found.checked_at, found.took_ms, found.broken(),
                                json::encode(found));
}

// On a thread of its own; nobody waits for an answer over HTTP longer than he likes.
awaitable<std::optional<audit_report>> audit_and_store(executor on, db::options where, const clock& clock) {
  db::database database(on, std::move(where));
  co_await database.connect();
  auto found = co_await check_books(database, clock, company::alone);
  if (found)
    co_await store(database, *found);
  co_return found;
}

} // namespace

int audit_report::broken() const {
  return static_cast<int>(std::count_if(invariants.begin(), invariants.end(),
                                        [](const invariant_result& i) { return i.violations > 0; }));
}

awaitable<std::optional<audit_report>> check_books(db::database& database, const clock& clock, company with) {
  const auto begun = std::chrono::steady_clock::now();
  db::transaction tx = co_await database.use().begin_snapshot();
  audit_report out;
  out.checked_at = clock.now();
  if (with == company::alone && !(co_await tx.query(sql::try_audit_lock)).front().get<bool>(0)) {
    co_await tx.rollback();
    co_return std::nullopt;
  }
  co_await tx.query(sql::set_audit_memory);
  for (const proof& p : all_proofs())
    out.invariants.push_back(co_await prove(tx, p));
  co_await tx.rollback();
  out.clean = out.broken() == 0;
  out.took_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count();
  co_return out;
}

auditor::auditor(const clock& clock, db::options where) : clock_(&clock), where_(std::move(where)) {
  all_proofs(); // registered before the threads begin
  where_.transactions = 1;
  where_.statement_timeout = std::chrono::minutes{5};
}

awaitable<std::optional<audit_report>> auditor::run() {
  auto found = co_await thread_.run([this]() -> std::optional<audit_report> {
    boost::asio::io_context context{1};
    return run_to_end(context, [this](executor on) { return audit_and_store(on, where_, *clock_); });
  });
  if (!found || !*found)
    co_return std::nullopt;
  if (!(*found)->clean)
    log::error("the books are broken: run nexus audit", {{"invariants", (*found)->broken()}});
  co_return std::move(*found);
}

} // namespace nexus::app
