// nexus import products FILE, and the sample data, which come the same way.
#include "app/app.sql.hpp"
#include "app/commands.hpp"
#include "app/sample_data.hpp"
#include "app/with_database.hpp"
#include "catalogue/import/import.hpp"
#include "core/clock.hpp"
#include "embedded/sample_data.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

namespace nexus::app {

namespace {

constexpr std::size_t shown = 100; // faults, and warnings

// "[########            ] 40 %", on a terminal.
void show_progress(std::uint64_t done, std::uint64_t total) {
  if (isatty(STDERR_FILENO) == 0)
    return;
  if (total == 0) {
    fmt::print(stderr, "\r{} KiB read ", done / 1024);
    return;
  }
  const auto percent = std::min<std::uint64_t>(100, done * 100 / total);
  fmt::print(stderr, "\r[{:<25}] {} % ", std::string(percent / 4, '#'), percent);
  if (done >= total)
    fmt::print(stderr, "\n");
}

void print_findings(const char* title, const std::vector<catalogue::import_fault>& list, int in_all) {
  if (in_all == 0)
    return;
  fmt::print("\n{} {}:\n", in_all, title);
  for (std::size_t i = 0; i < std::min(list.size(), shown); ++i)
    fmt::print("  line {}{}: {}\n", list[i].line, list[i].column.empty() ? "" : ", column " + list[i].column,
               list[i].reason);
  if (in_all > static_cast<int>(shown))
    fmt::print("  … and {} more\n", in_all - static_cast<int>(shown));
}

void print_report(const catalogue::import_report& r) {
  if (r.imported)
    fmt::print("Products: {} created, {} updated, {} unchanged\n"
               "Variants: {} created, {} updated, {} unchanged; stock set for {}\n",
               r.products_created, r.products_updated, r.products_unchanged, r.variants_created,
               r.variants_updated, r.variants_unchanged, r.stock_changed);
  else
    fmt::print("Nothing was imported: the file has faults, and --strict was given.\n");
  print_findings("rows or values were left out", r.faults, r.faults_in_all);
  print_findings("warnings", r.warnings, r.warnings_in_all);
}

} // namespace

awaitable<> load_sample_data(db::session db) {
  const db::rows found = co_await db.query(sql::has_products);
  if (found.front().get<bool>(0))
    co_return;
  fmt::print(stderr, "Filling the catalogue with sample products\n");
  std::istringstream file{std::string(embedded::sample_data().front().bytes)};
  const auto report = co_await catalogue::import_products(db, file, {}, system_clock{}.now());
  if (!report.faults.empty())
    throw std::logic_error("the sample data are not what they should be: " + report.faults.front().reason);
  co_await db.query(sql::analyze); // plans made before this took the tables for empty
}

// 0 where all went in, 1 where something was left out, 2 where the file cannot be read.
int import_products(const config& c, const import_options& o) {
  const auto currency = nexus::currency::parse(o.currency);
  if (!currency) {
    fmt::print(stderr, "--currency {}: ETB or USD.\n", o.currency);
    return 2;
  }
  std::ifstream opened;
  if (o.file != "-") {
    opened.open(o.file, std::ios::binary);
    if (!opened) {
      fmt::print(stderr, "{} cannot be read.\n", o.file);
      return 2;
    }
  }
  std::istream& file = o.file == "-" ? std::cin : opened;
  const auto report = with_database(c, [&](db::database& database) {
    return catalogue::import_products(database.use(), file, {o.strict, *currency, show_progress},
                                      system_clock{}.now());
  });
  print_report(report);
  return report.faults_in_all == 0 ? 0 : 1;
}

} // namespace nexus::app
