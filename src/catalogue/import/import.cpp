#include "catalogue/import/import.hpp"

#include "catalogue/import/product_source.hpp"
#include "catalogue/import/write.hpp"

namespace nexus::catalogue {

namespace {

using catalogue_import::findings;
using catalogue_import::outcome;
using catalogue_import::product_source;

struct refused {}; // rolls a strict import back

void count(import_report& r, const import_report& more) {
  for (const auto number :
       {&import_report::products_created, &import_report::products_updated,
        &import_report::products_unchanged, &import_report::variants_created,
        &import_report::variants_updated, &import_report::variants_unchanged, &import_report::stock_changed,
        &import_report::brands_created, &import_report::categories_created})
    r.*number += more.*number;
}

void take_findings(import_report& r, const findings& found) {
  r.faults = found.faults();
  r.warnings = found.warnings();
  r.faults_in_all = found.fault_count();
  r.warnings_in_all = found.warning_count();
}

// From where the stream stands; 0 where it cannot tell.
std::uint64_t bytes_left(std::istream& file) {
  const auto from = file.tellg();
  if (from == std::istream::pos_type(-1) || !file.seekg(0, std::ios::end)) {
    file.clear();
    return 0;
  }
  const auto to = file.tellg();
  file.seekg(from);
  return static_cast<std::uint64_t>(to - from);
}

void tell(const import_options& o, const product_source& source, std::uint64_t total) {
  if (o.progress)
    o.progress(source.bytes_read(), total);
}

awaitable<import_report> import_leniently(db::session db, std::istream& file, const import_options& o,
                                          time_point now) {
  const std::uint64_t total = bytes_left(file);
  import_report report;
  findings found;
  product_source source(file, o.currency, found);
  for (auto drafts = source.next_batch(); !drafts.empty(); drafts = source.next_batch()) {
    const outcome done = co_await db::in_transaction(db, [&](db::transaction& tx) -> awaitable<outcome> {
      return write_products(tx, drafts, source.columns(), now);
    });
    count(report, done.counts);
    found.add(done.found);
    tell(o, source, total);
  }
  take_findings(report, found);
  co_return report;
}

// The whole file in a transaction. It may have to be run again: then the file is read again.
awaitable<> import_whole(db::transaction& tx, std::istream& file, const import_options& o, time_point now,
                         import_report& report) {
  const std::uint64_t total = bytes_left(file);
  report = {};
  findings found;
  product_source source(file, o.currency, found);
  for (auto drafts = source.next_batch(); !drafts.empty(); drafts = source.next_batch()) {
    if (found.fault_count() == 0) { // else it is read on for its other faults alone
      const outcome done = co_await write_products(tx, drafts, source.columns(), now);
      count(report, done.counts);
      found.add(done.found);
    }
    tell(o, source, total);
  }
  if (found.fault_count() != 0) {
    report = {};
    report.imported = false;
  }
  take_findings(report, found);
  if (!report.imported)
    throw refused{};
}

awaitable<import_report> import_strictly(db::session db, std::istream& file, const import_options& o,
                                         time_point now) {
  const auto start = file.tellg();
  file.clear(); // a pipe has no place to tell
  bool again = false;
  import_report report;
  try {
    co_await db::in_transaction(db, [&](db::transaction& tx) -> awaitable<> {
      if (again) {
        file.clear();
        if (start == std::istream::pos_type(-1) || !file.seekg(start))
          throw std::runtime_error(
              "the import met another one, and a pipe cannot be read again: start it again");
      }
      again = true;
      return import_whole(tx, file, o, now, report);
    });
  } catch (const refused&) { // the report says why
  }
  co_return report;
}

} // namespace

awaitable<import_report> import_products(db::session db, std::istream& file, import_options options,
                                         time_point now) {
  if (options.strict)
    co_return co_await import_strictly(db, file, options, now);
  co_return co_await import_leniently(db, file, options, now);
}

} // namespace nexus::catalogue
