// The proof that every piece of stock and every birr is accounted for: the invariants of all modules, from
// one snapshot of the database.
#pragma once

#include "core/clock.hpp"
#include "platform/async/offload.hpp"
#include "platform/db/database.hpp"
#include "platform/json/fields.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nexus::app {

struct invariant_result {
  std::string invariant;             // "stock is the sum of its movements"
  std::int64_t violations = 0;       // rows that break it
  std::vector<std::string> examples; // the first of them, in words

  static constexpr std::string_view schema_name = "AuditedInvariant";
  template <class V>
  static constexpr void fields(V&& field) {
    field("invariant", &invariant_result::invariant);
    field("violations", &invariant_result::violations, {.doc = "Rows that break it"});
    field("examples", &invariant_result::examples, {.doc = "The first of them, in words"});
  }
};

struct audit_report {
  time_point checked_at; // the moment of the snapshot
  std::int64_t took_ms = 0;
  bool clean = true;
  std::vector<invariant_result> invariants;

  static constexpr std::string_view schema_name = "AuditReport";
  template <class V>
  static constexpr void fields(V&& field) {
    field("checked_at", &audit_report::checked_at, {.doc = "The state of the books at this moment"});
    field("took_ms", &audit_report::took_ms);
    field("clean", &audit_report::clean, {.doc = "Nothing breaks an invariant"});
    field("invariants", &audit_report::invariants);
  }
  [[nodiscard]] int broken() const;
};

// Whether at the same time as others or only where nobody else is at it in this database (nullopt then). The
// database's statement_timeout is for the longest single proof.
enum class company { any, alone };
awaitable<std::optional<audit_report>> check_books(db::database& database, const clock& clock, company with);

// For a server: audits on a thread and a connection of its own, so that no loop and none of their connections
// is held.
class auditor {
public:
  auditor(const clock& clock, db::options where);

  // Stores what it finds. Nullopt where an audit is under way, here or on another node. Throws as the
  // database does.
  awaitable<std::optional<audit_report>> run();

private:
  const clock* clock_;
  db::options where_;
  offload thread_{{.threads = 1, .queue_limit = 1, .niced = true}};
};

} // namespace nexus::app
