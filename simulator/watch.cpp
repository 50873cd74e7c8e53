// Pages that show what is going on: all transactions, and each with its events.
#include "core/text.hpp"
#include "simulator/pages.hpp"
#include "simulator/routes.hpp"

namespace nexus::chapa {

namespace {

constexpr std::size_t most_shown = 100;

std::string row(const transaction& t) {
  return fmt::format("<tr><td><a href=\"/transactions/{}\">{}</a></td><td>{}</td><td class=\"sum\">{} {}</td>"
                     "<td>{}</td><td><time>{}</time></td></tr>\n",
                     http::percent_encode(t.request.tx_ref), escape_html(t.request.tx_ref), name_of(t.status),
                     to_string(t.request.amount), t.request.amount.currency.code(),
                     escape_html(t.request.email.value_or("")), timestamp(t.created_at));
}

std::string faults_of(const service& s) {
  if (s.faults.entries().empty())
    return "<p>No faults are set: everything goes well.</p>\n";
  std::string out = "<ul>\n";
  for (const fault_plan::entry& each : s.faults.entries())
    out += fmt::format("<li><code>{}</code>, struck {} of {}</li>\n",
                       escape_html(to_json_text(to_json(each.rule))), each.struck, each.fitted);
  return out + "</ul>\n";
}

http::response all_transactions(const service& s) {
  std::string rows;
  for (const transaction* t : s.all.page(1, most_shown))
    rows += row(*t);
  std::string main =
      fmt::format("<h1>Chapa simulator</h1>\n<p>{} transactions. No money moves.</p>\n<h2>Faults</h2>\n{}"
                  "<h2>Transactions</h2>\n",
                  s.all.size(), faults_of(s));
  main += rows.empty() ? "<p>None yet.</p>"
                       : "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                         "aria-label=\"Transactions\">\n<table>\n<thead><tr><th>Reference</th><th>Status</"
                         "th><th>Amount</th><th>Payer</th>"
                         "<th>Since</th></tr></thead>\n<tbody>\n" +
                             rows + "</tbody>\n</table>\n</div>";
  return html_response(200, pages::wide("Chapa simulator", main));
}

std::string refunds_of(const service& s, const transaction& t) {
  std::string out;
  for (const refund& r : t.refunds)
    out += fmt::format("<li>{} ({}): {} {}, {}</li>\n", escape_html(r.ref),
                       escape_html(r.merchant_reference.value_or("no reference of the merchant's")),
                       to_string(r.amount), r.amount.currency.code(), name_of(s.all.status_of(r)));
  return out.empty() ? out : "<h2>Refunds</h2>\n<ul>\n" + out + "</ul>\n";
}

// What changed and what was asked and told, in one line of time.
std::string history_of(const service& s, const transaction& t) {
  std::multimap<time_point, std::string> all; // what is as old stands in the order in which it came
  for (const log_entry& each : t.log)
    all.emplace(each.at, "<strong>" + escape_html(each.message) + "</strong>");
  for (const witness::sighting& each : s.seen.of(t.request.tx_ref))
    all.emplace(each.at, escape_html(each.what));
  std::string out = "<h2>Events</h2>\n<ol>\n";
  for (const auto& [at, what] : all)
    out += fmt::format("<li><time>{}</time> {}</li>\n", timestamp(at), what);
  return out + "</ol>\n";
}

http::response one_transaction(const service& s, const transaction& t) {
  const std::string page = s.public_url + "/checkout/payment/" + t.token;
  const std::string main = fmt::format(
      "<p><a href=\"/\">All transactions</a></p>\n<h1>{}</h1>\n<dl>\n<dt>Status</dt><dd>{}</dd>\n"
      "<dt>Amount</dt><dd>{} {}</dd>\n<dt>Chapa's reference</dt><dd>{}</dd>\n"
      "<dt>Payment page</dt><dd><a href=\"{}\">{}</a></dd>\n</dl>\n{}{}",
      escape_html(t.request.tx_ref), name_of(t.status), to_string(t.request.amount),
      t.request.amount.currency.code(), t.reference.empty() ? "none yet" : t.reference, escape_html(page),
      s.all.session_of(t) == session_state::open ? "open" : "ended", refunds_of(s, t), history_of(s, t));
  return html_response(200, pages::wide(t.request.tx_ref + " - Chapa simulator", main));
}

} // namespace

http::response answer_watch(service& s, const http::request& r, const std::vector<std::string>& path) {
  if (r.method != http::method::get && r.method != http::method::head)
    return {.status = 405, .headers = {{"Allow", "GET, HEAD"}}};
  if (path.empty())
    return all_transactions(s);
  const transaction* t = path.size() == 1 ? s.all.find_by_either(path[0]) : nullptr;
  return t ? one_transaction(s, *t) : html_response(404, pages::not_found());
}

} // namespace nexus::chapa
