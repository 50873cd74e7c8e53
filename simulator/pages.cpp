#include "simulator/pages.hpp"

#include "core/text.hpp"

namespace nexus::chapa::pages {

namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 1rem; }
main { max-width: 26rem; margin: 0 auto; }
h1 { font-size: 1.375rem; line-height: 1.25; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; }
dt { opacity: .75; }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
label { display: block; font-weight: 600; }
input { box-sizing: border-box; width: 100%; padding: .75rem; font: inherit; border: 1px solid; border-radius: .375rem; }
button { width: 100%; padding: .75rem; margin-top: .75rem; font: inherit; font-weight: 600; border-radius: .375rem; }
button[value=pay] { color: #fff; background: #14633f; border: 1px solid #14633f; }
button[value=cancel] { color: inherit; background: none; border: 1px solid; }
:focus-visible { outline: 3px solid #2a6fdb; outline-offset: 2px; }
.message { padding: .75rem; color: #7a1212; background: #fdeaea; border-radius: .375rem; }
.wide { max-width: 64rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid; overflow-wrap: anywhere; vertical-align: top; }
.sum { text-align: right; white-space: nowrap; }
time { font-variant-numeric: tabular-nums; opacity: .8; }
.note { margin-top: 2rem; font-size: .9375rem; opacity: .8; }
)";

constexpr std::string_view frame = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main{class}>
{main}
</main>
</body>
</html>
)";

constexpr std::string_view form = R"(<h1>{title}</h1>
{description}<dl>
<dt>Amount</dt><dd><strong>{amount} {currency}</strong></dd>
<dt>Reference</dt><dd>{tx_ref}</dd>
</dl>
{message}<form method="post">
<label for="mobile">Mobile number</label>
<input id="mobile" name="mobile" type="tel" inputmode="tel" autocomplete="tel" required value="{mobile}" aria-describedby="mobile-hint{described}">
<p id="mobile-hint">Ten digits that begin with 09 or 07.</p>
<button name="action" value="pay">Pay {amount} {currency}</button>
<button name="action" value="cancel" formnovalidate>Cancel</button>
</form>
<div class="note">
<p>This is a simulator: no money moves. These numbers pay, any other is declined:</p>
<ul>
<li>0900123456, 0900112233, 0900881111</li>
<li>M-Pesa: 0700123456, 0700112233, 0700881111</li>
</ul>
<p>{attempts}</p>
</div>)";

std::string framed(std::string_view title, std::string_view main, std::string_view css_class = "") {
  return fmt::format(frame, fmt::arg("class", css_class), fmt::arg("title", escape_html(title)),
                     fmt::arg("style", style), fmt::arg("main", main));
}

std::string message_of(std::string_view text) {
  return text.empty()
             ? ""
             : fmt::format("<p class=\"message\" role=\"alert\" id=\"message\">{}</p>\n", escape_html(text));
}

} // namespace

std::string checkout(const transaction& t, int attempts_left, std::string_view message,
                     std::string_view mobile) {
  const payment_request& r = t.request;
  const std::string title = r.title.value_or("Complete your payment");
  const std::string description = r.description ? "<p>" + escape_html(*r.description) + "</p>\n" : "";
  return framed(
      title + " - Chapa simulator",
      fmt::format(
          form, fmt::arg("title", escape_html(title)), fmt::arg("description", description),
          fmt::arg("amount", to_string(r.amount)), fmt::arg("currency", r.amount.currency.code()),
          fmt::arg("tx_ref", escape_html(r.tx_ref)), fmt::arg("message", message_of(message)),
          fmt::arg("mobile", escape_html(mobile)), fmt::arg("described", message.empty() ? "" : " message"),
          fmt::arg("attempts", attempts_left == 1 ? "One attempt is left."
                                                  : fmt::format("{} attempts are left.", attempts_left))));
}

std::string ended(std::string_view title, std::string_view text, const transaction& t) {
  const std::string back = t.request.return_url ? fmt::format("\n<p><a href=\"{}\">Back to the shop</a></p>",
                                                              escape_html(*t.request.return_url))
                                                : "";
  return framed(title, fmt::format("<h1>{}</h1>\n<p>{}</p>{}", escape_html(title), escape_html(text), back));
}

std::string not_found() {
  return framed("No such payment",
                "<h1>No such payment</h1>\n<p>This payment link does not exist. Go back to the shop "
                "and pay from there.</p>");
}

std::string wide(std::string_view title, std::string_view main) {
  return framed(title, main, " class=\"wide\"");
}

} // namespace nexus::chapa::pages
