// GET /audit/: the books, for staff.
#include "app/app.sql.hpp"
#include "app/auditor.hpp"
#include "app/services.hpp"
#include "platform/json/decode.hpp"

namespace nexus::app {

namespace {

inline constexpr error_kind audit_running{"audit_running", 409, "The books are being audited"};

struct audit_query {
  std::optional<bool> fresh;
  static constexpr std::string_view schema_name = "AuditQuery";
  template <class V>
  static constexpr void fields(V&& field) {
    field("fresh", &audit_query::fresh,
          {.doc = "Audits now; else the last audit is shown, which the worker renews"});
  }
};

awaitable<std::optional<audit_report>> last_audit(db::session& db) {
  const db::rows stored = co_await db.query(sql::read_audit);
  if (stored.empty())
    co_return std::nullopt;
  const auto parsed = json::parse(stored.front().get<std::string_view>(0));
  if (!parsed)
    co_return std::nullopt;
  auto report = json::decode<audit_report>(*parsed);
  if (!report) // an older program's: as if there were none
    co_return std::nullopt;
  co_return std::move(*report);
}

awaitable<result<audit_report>> show(services& s, api::context& c, audit_query query) {
  if (!query.fresh.value_or(false))
    if (auto last = co_await last_audit(c.db))
      co_return std::move(*last);
  auto found = co_await s.books->run();
  if (!found)
    co_return problem(audit_running, "An audit is under way; ask for its result in a few seconds.");
  co_return std::move(*found);
}

} // namespace

std::vector<api::endpoint> audit_routes(services& s) {
  return api::under("/audit", "Audit",
                    {api::get("/", "audit", "Whether every piece of stock and every birr is accounted for")
                         .needs("audit.read")
                         .fails({&audit_running})
                         .handle([&s](api::context& c, api::request<none, audit_query> in)
                                     -> awaitable<result<audit_report>> { return show(s, c, in.query); })});
}

} // namespace nexus::app
