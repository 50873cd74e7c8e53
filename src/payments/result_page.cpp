#include "payments/result_page.hpp"

#include "core/text.hpp"
#include "payments_templates.hpp"

#include <kainjow/mustache.hpp>

namespace nexus::payments {

namespace {

struct words {
  std::string_view title, text;
};

// In the order of attempt_status; the last is a manual payment that is awaited.
struct vocabulary {
  std::string_view code, other_code, other_name;
  std::array<words, 8> outcomes;
  std::string_view order, amount, again, look, languages;
};

constexpr vocabulary english{
    "en",
    "am",
    "አማርኛ",
    {{{"Your payment is on its way",
       "The payment provider has not confirmed it yet. This page looks again by itself every few seconds; "
       "you may "
       "also close it, and we will write to you by e-mail when the payment has arrived."},
      {"Thank you, your payment has arrived",
       "Your order is complete. We have sent you a receipt by e-mail."},
      {"The payment did not go through", "You have not been charged for this order."},
      {"The payment was cancelled", "You have not been charged for this order."},
      {"Your payment could not be used for this order",
       "We have noted it: money that was taken is paid back to you. Please contact the shop and name your "
       "order."},
      {"A part of your payment was paid back", "The rest of your order stands."},
      {"Your payment was paid back", "It may take a few days until you see it on your account."},
      {"The shop awaits your payment", "Pay in cash when your order is delivered, or by bank transfer; name "
                                       "your order when you do. We will write to "
                                       "you by e-mail when the payment has arrived."}}},
    "Order",
    "Amount",
    "Try to pay again",
    "Look again now",
    "Language"};

constexpr vocabulary amharic{
    "am",
    "en",
    "English",
    {{{"ክፍያዎ በሂደት ላይ ነው",
       "የክፍያ አቅራቢው ገና አላረጋገጠም። ይህ ገጽ በየጥቂት ሰከንዶች ራሱን ያድሳል፤ ሊዘጉትም ይችላሉ፤ ክፍያው ሲደርስ በኢሜይል እናሳውቅዎታለን።"},
      {"እናመሰግናለን፤ ክፍያዎ ደርሶናል", "ትዕዛዝዎ ተጠናቋል። ደረሰኝዎን በኢሜይል ልከንልዎታል።"},
      {"ክፍያው አልተሳካም", "ለዚህ ትዕዛዝ ምንም ገንዘብ አልተወሰደም።"},
      {"ክፍያው ተሰርዟል", "ለዚህ ትዕዛዝ ምንም ገንዘብ አልተወሰደም።"},
      {"ክፍያዎን ለዚህ ትዕዛዝ መጠቀም አልተቻለም", "መዝግበነዋል፤ የተወሰደ ገንዘብ ተመላሽ ይደረግልዎታል። እባክዎ ሱቁን ያነጋግሩ፤ የትዕዛዝ ቁጥርዎንም ይጥቀሱ።"},
      {"ከክፍያዎ ከፊሉ ተመላሽ ተደርጓል", "ቀሪው ትዕዛዝዎ እንደተጠበቀ ነው።"},
      {"ክፍያዎ ተመላሽ ተደርጓል", "በሂሳብዎ ላይ እስኪታይ ጥቂት ቀናት ሊወስድ ይችላል።"},
      {"ሱቁ ክፍያዎን እየጠበቀ ነው",
       "ትዕዛዝዎ ሲደርስ በጥሬ ገንዘብ ወይም በባንክ ዝውውር ይክፈሉ፤ ሲከፍሉ የትዕዛዝ ቁጥርዎን ይጥቀሱ። ክፍያው ሲደርስ በኢሜይል እናሳውቅዎታለን።"}}},
    "ትዕዛዝ",
    "መጠን",
    "እንደገና ይክፈሉ",
    "አሁን እንደገና ይመልከቱ",
    "ቋንቋ"};

std::string_view tone_of(attempt_status s) {
  switch (s) {
  case attempt_status::success:
  case attempt_status::partially_refunded:
  case attempt_status::refunded:
    return "good";
  case attempt_status::pending:
    return "waiting";
  case attempt_status::failed:
  case attempt_status::cancelled:
  case attempt_status::refund_required:
    break;
  }
  return "bad";
}

// "1", "0.8", "0.125" in thousandths; 0 for what is none of these.
int thousandths(std::string_view q) {
  if (q.starts_with('1'))
    return 1'000;
  if (!q.starts_with("0."))
    return 0;
  int out = 0, unit = 100;
  for (std::size_t i = 2; i < q.size() && i < 5 && q[i] >= '0' && q[i] <= '9'; ++i, unit /= 10)
    out += (q[i] - '0') * unit;
  return out;
}

// "am-ET;q=0.8": the language, and its weight.
std::pair<std::string, int> weighted(std::string_view part) {
  const auto semicolon = std::min(part.find(';'), part.size());
  const std::string tag = to_lower_ascii(trim(part.substr(0, semicolon)));
  const auto q = part.find("q=", semicolon);
  return {tag.substr(0, tag.find('-')),
          q == std::string_view::npos ? 1'000 : thousandths(part.substr(q + 2))};
}

} // namespace

language language_of(std::string_view chosen, std::string_view accept_language) {
  if (chosen == "am")
    return language::amharic;
  if (chosen == "en")
    return language::english;
  int english_weight = 0, amharic_weight = 0;
  while (!accept_language.empty()) {
    const auto comma = std::min(accept_language.find(','), accept_language.size());
    const auto [tag, weight] = weighted(accept_language.substr(0, comma));
    if (tag == "en")
      english_weight = std::max(english_weight, weight);
    else if (tag == "am")
      amharic_weight = std::max(amharic_weight, weight);
    accept_language.remove_prefix(std::min(comma + 1, accept_language.size()));
  }
  return amharic_weight > english_weight ? language::amharic : language::english;
}

std::string render_result_page(const outcome_view& v) {
  namespace m = kainjow::mustache;
  const auto text = [](std::string_view s) { return m::data(std::string(s)); };
  const auto flag = [](bool b) { return b ? m::data::type::bool_true : m::data::type::bool_false; };
  const vocabulary& in = v.language == language::amharic ? amharic : english;
  const bool is_pending = v.status == attempt_status::pending;
  const words w = in.outcomes[is_pending && v.is_manual ? 7 : static_cast<std::size_t>(v.status)];
  const bool unpaid = v.status == attempt_status::failed || v.status == attempt_status::cancelled;
  const bool same_session = v.status == attempt_status::failed && !v.payment_url.empty();
  m::data fields;
  fields.set("lang", text(in.code));
  fields.set("other_code", text(in.other_code));
  fields.set("other_name", text(in.other_name));
  fields.set("languages", text(in.languages));
  fields.set("tone", text(tone_of(v.status)));
  fields.set("title", text(w.title));
  fields.set("text", text(w.text));
  fields.set("order_label", text(in.order));
  fields.set("amount_label", text(in.amount));
  fields.set("again", text(in.again));
  fields.set("look", text(in.look));
  fields.set("order", text(v.order_number));
  fields.set("amount", text(to_string(v.amount) + " " + std::string(v.amount.currency.code())));
  fields.set("pending", flag(is_pending));
  fields.set("may_retry", flag(same_session));
  fields.set("payment_url", text(v.payment_url));
  fields.set("may_start", flag(unpaid && !same_session && !v.start_url.empty()));
  fields.set("start_url", text(v.start_url));
  m::mustache page(std::string(embedded::payments_templates().front().bytes));
  return page.render(fields);
}

int looks_again_after_s(const outcome_view& v) {
  if (v.status != attempt_status::pending)
    return 0;
  return v.is_manual ? 60 : 5;
}

std::string storefront_address(const std::string& storefront, const uuid& order, attempt_status status) {
  const auto fragment = storefront.find('#');
  std::string out = storefront.substr(0, fragment);
  out += out.find('?') == std::string::npos ? '?' : '&';
  out += "order=" + to_string(order) + "&status=" + std::string(json::name_of(status));
  if (fragment != std::string::npos)
    out += storefront.substr(fragment);
  return out;
}

} // namespace nexus::payments
