#include "simulator/validation.hpp"

#include "core/text.hpp"
#include "platform/http/message.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace nexus::chapa {

namespace {

namespace json = boost::json;

constexpr std::size_t max_tx_ref = 50;
constexpr std::size_t max_title = 16;
constexpr std::size_t max_description = 50;

// customization[title]=x -> {"customization": {"title": "x"}}
void place(json::object& out, std::string_view key, json::value value) {
  const auto open = key.find('[');
  if (open == std::string_view::npos || open == 0 || !key.ends_with(']')) {
    out.insert_or_assign(key, std::move(value));
    return;
  }
  json::value& outer = out[key.substr(0, open)];
  if (!outer.is_object())
    outer = json::object();
  outer.as_object().insert_or_assign(key.substr(open + 1, key.size() - open - 2), std::move(value));
}

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_phone_number(std::string_view text) {
  return text.size() == 10 && is_digits(text) && (text.starts_with("09") || text.starts_with("07"));
}

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos)
    return false;
  const std::string_view domain = text.substr(at + 1);
  const auto dot = domain.rfind('.');
  return dot != std::string_view::npos && dot > 0 && dot + 1 < domain.size() &&
         std::ranges::none_of(text, [](char c) { return c >= 0 && c <= ' '; });
}

bool is_web_address(std::string_view text) {
  return (text.starts_with("http://") || text.starts_with("https://")) &&
         std::ranges::none_of(text, [](char c) { return c >= 0 && c <= ' '; });
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == ' ' || c == '.';
  });
}

// Reads fields and gathers what is wrong with them, all of it.
class field_reader {
public:
  explicit field_reader(const json::object& fields) : fields_(fields) {}

  // As text, trimmed; absent, null and empty are the same to Chapa.
  std::optional<std::string> text(std::string_view name) { return text(fields_, name, std::string(name)); }

  std::optional<std::string> text(const json::object& from, std::string_view name, const std::string& shown) {
    const json::value* value = from.if_contains(name);
    if (!value || value->is_null())
      return std::nullopt;
    std::string out;
    if (value->is_string())
      out = trim(value->get_string());
    else if (value->is_int64())
      out = fmt::format("{}", value->get_int64());
    else if (value->is_uint64())
      out = fmt::format("{}", value->get_uint64());
    else if (value->is_double())
      out = fmt::format("{}", value->get_double());
    if (value->is_object() || value->is_array() || value->is_bool() || !is_storable_utf8(out)) {
      complain(shown, "validation.string");
      return std::nullopt;
    }
    return out.empty() ? std::nullopt : std::optional(std::move(out));
  }

  std::optional<std::string> required(std::string_view name) {
    auto out = text(name);
    if (!out)
      complain(name, "validation.required");
    return out;
  }

  template <class Rule>
  std::optional<std::string> checked(std::string_view name, Rule rule, std::string_view complaint_text) {
    auto out = text(name);
    if (out && !rule(*out))
      complain(name, complaint_text);
    return out;
  }

  void complain(std::string_view name, std::string_view what) {
    if (!complaints_.contains(name))
      complaints_[name] = json::array{what};
  }

  [[nodiscard]] bool has_complaints() const { return !complaints_.empty(); }
  json::object take_complaints() { return std::move(complaints_); }

private:
  const json::object& fields_;
  json::object complaints_;
};

// In the currency's minor units, whose number of digits both currencies share.
std::int64_t read_amount(field_reader& read, const std::string& text, bool documented) {
  const auto parsed = decimal::parse(text);
  const auto amount = parsed ? money::from(*parsed, nexus::currency::etb()) : std::nullopt;
  if (!amount) {
    read.complain("amount", "validation.numeric");
    return 0;
  }
  const std::int64_t limit = documented ? 999'999'999 : 100'000'000;
  if (amount->minor <= 0)
    read.complain("amount", "validation.min.numeric");
  else if (amount->minor > limit)
    read.complain("amount", documented ? "The amount must not exceed 9999999.99."
                                       : "The amount must not exceed 1000000.");
  return amount->minor;
}

std::optional<std::string> read_caption(field_reader& read, const json::object& customization,
                                        std::string_view name, std::size_t longest) {
  const std::string shown = "customization." + std::string(name);
  auto out = read.text(customization, name, shown);
  if (out && length_utf8(*out) > longest)
    read.complain(shown, fmt::format("The {} must not exceed {} characters.", shown, longest));
  else if (out && !is_plain(*out))
    read.complain(
        shown,
        fmt::format("The {} may only contain letters, numbers, hyphens, underscores, spaces, and dots.",
                    shown));
  return out;
}

void read_customization(field_reader& read, const json::object& fields, payment_request& out) {
  const json::value* given = fields.if_contains("customization");
  if (!given || given->is_null())
    return;
  if (!given->is_object())
    return read.complain("customization", "validation.array");
  const json::object& customization = given->get_object();
  out.title = read_caption(read, customization, "title", max_title);
  out.description = read_caption(read, customization, "description", max_description);
  out.logo = read.text(customization, "logo", "customization.logo");
}

// An object, or one written as a string, as forms carry it.
void read_meta(field_reader& read, const json::object& fields, json::value& out) {
  const json::value* given = fields.if_contains("meta");
  if (!given || given->is_null())
    return;
  out = *given;
  if (given->is_string()) {
    boost::system::error_code fault;
    out = json::parse(given->get_string(), fault);
    if (fault)
      out = json::string();
  }
  if (!out.is_object() && !out.is_array())
    read.complain("meta", "validation.array");
}

} // namespace

json::object read_fields(std::string_view content_type, std::string_view body) {
  json::object out;
  if (to_lower_ascii(content_type).starts_with("application/x-www-form-urlencoded")) {
    for (auto& [key, value] :
         http::parse_query(body).value_or(std::vector<std::pair<std::string, std::string>>()))
      place(out, key, json::value(value));
    return out;
  }
  boost::system::error_code fault;
  const json::value parsed = json::parse(body, fault);
  if (!fault && parsed.is_object())
    for (const auto& [key, value] : parsed.get_object())
      place(out, key, value);
  return out;
}

std::variant<payment_request, complaint> validate_payment(const json::object& fields, bool documented) {
  field_reader read(fields);
  payment_request out;
  std::int64_t minor = 0;
  if (const auto amount = read.required("amount"))
    minor = read_amount(read, *amount, documented);
  const auto currency = read.required("currency");
  out.tx_ref = read.required("tx_ref").value_or("");
  if (length_utf8(out.tx_ref) > max_tx_ref)
    read.complain("tx_ref", "The tx ref must not exceed 50 characters.");
  out.email = read.checked("email", is_email, "validation.email");
  out.first_name = read.text("first_name");
  out.last_name = read.text("last_name");
  out.phone_number = read.checked("phone_number", is_phone_number, "validation.phone_number");
  out.callback_url = read.checked("callback_url", is_web_address, "validation.url");
  out.return_url = read.checked("return_url", is_web_address, "validation.url");
  read_customization(read, fields, out);
  read_meta(read, fields, out.meta);
  if (read.has_complaints())
    return complaint(read.take_complaints());
  const auto known = nexus::currency::parse(*currency);
  if (!known)
    return complaint(json::string("Invalid currency, " + *currency + " is not supported"));
  out.amount = {minor, *known};
  return out;
}

std::variant<transactions::refund_request, complaint> validate_refund(const json::object& fields,
                                                                      nexus::currency currency) {
  field_reader read(fields);
  transactions::refund_request out;
  if (const auto amount = read.text("amount"))
    out.amount = money{read_amount(read, *amount, true), currency};
  out.reason = read.text("reason");
  out.reference = read.text("reference");
  json::value meta;
  read_meta(read, fields, meta);
  if (read.has_complaints())
    return complaint(read.take_complaints());
  return out;
}

std::variant<transfer, complaint> validate_transfer(const json::object& fields) {
  field_reader read(fields);
  transfer out;
  out.account_name = read.required("account_name").value_or("");
  out.account_number = read.required("account_number").value_or("");
  if (const auto amount = read.required("amount"))
    out.amount = {read_amount(read, *amount, true), nexus::currency::etb()};
  if (read.required("currency").value_or("ETB") != "ETB")
    read.complain("currency", "validation.in");
  out.reference = read.required("reference").value_or("");
  const auto code = read.required("bank_code");
  if (code && is_digits(*code) && code->size() <= 9)
    out.bank_code = std::stoll(*code);
  if (code && !find_bank(out.bank_code))
    read.complain("bank_code", "validation.exists");
  if (read.has_complaints())
    return complaint(read.take_complaints());
  return out;
}

std::optional<complaint> complain_of_subaccount(const json::object& fields) {
  field_reader read(fields);
  for (const std::string_view name :
       {"business_name", "account_name", "bank_code", "account_number", "split_value"})
    read.required(name);
  if (const auto type = read.required("split_type"); type && *type != "percentage" && *type != "flat")
    read.complain("split_type", "validation.in");
  if (read.has_complaints())
    return complaint(read.take_complaints());
  return std::nullopt;
}

} // namespace nexus::chapa
