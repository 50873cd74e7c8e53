#include "simulator/faults.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <charconv>

namespace nexus::chapa {

namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr milliseconds usual_hold{60'000}, usual_hold_back{2'000};
constexpr std::int64_t longest_ms = 3'600'000, most_times = 1'000;

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

std::string_view name_of(moment m) { return moment_names[static_cast<std::size_t>(m)]; }
std::string_view name_of(fault_kind k) { return fault_names[static_cast<std::size_t>(k)]; }

template <std::size_t N>
std::string one_of(const std::array<std::string_view, N>& names) {
  return fmt::format("one of {}", fmt::join(names, ", "));
}

bool is_message(moment m) { return m == moment::callback || m == moment::webhook; }

// A fault that makes no sense at that moment is refused: a rule that never strikes proves nothing.
bool fits(moment at, fault_kind what) {
  switch (what) {
  case fault_kind::delay:
  case fault_kind::drop:
    return true;
  case fault_kind::timeout:
  case fault_kind::status_500:
  case fault_kind::status_429:
  case fault_kind::html:
    return !is_message(at);
  case fault_kind::half_json:
  case fault_kind::object_message:
    return !is_message(at) && at != moment::redirect;
  case fault_kind::repeat:
  case fault_kind::reorder:
  case fault_kind::forge:
    return is_message(at);
  case fault_kind::pending:
  case fault_kind::failed:
  case fault_kind::success:
  case fault_kind::unknown_status:
    return is_message(at) || at == moment::verify || at == moment::verify_refund;
  case fault_kind::other_tx_ref:
    return is_message(at) || at == moment::verify;
  case fault_kind::other_amount:
  case fault_kind::other_currency:
  case fault_kind::other_mode:
    return at == moment::webhook || at == moment::verify;
  case fault_kind::other_source:
    return at == moment::verify || at == moment::initialize || at == moment::webhook;
  case fault_kind::refuse:
    return at == moment::initialize || at == moment::cancel || at == moment::refund;
  case fault_kind::unknown:
    return at == moment::verify || at == moment::cancel || at == moment::refund ||
           at == moment::verify_refund;
  case fault_kind::reversed:
  case fault_kind::stuck:
    return at == moment::refund;
  }
  return false;
}

// What a JSON number, or a number written as text, says.
std::optional<std::int64_t> integer(const json::value& v, std::int64_t least, std::int64_t most) {
  std::int64_t out = 0;
  if (v.is_int64()) {
    out = v.get_int64();
  } else if (v.is_string()) {
    const std::string_view text = v.get_string();
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (fault != std::errc{} || end != text.data() + text.size())
      return std::nullopt;
  } else {
    return std::nullopt;
  }
  return out >= least && out <= most ? std::optional(out) : std::nullopt;
}

std::optional<bool> yes_or_no(const json::value& v) {
  if (v.is_bool())
    return v.get_bool();
  if (v.is_string() && (v.get_string() == "true" || v.get_string() == "false"))
    return v.get_string() == "true";
  return std::nullopt;
}

std::optional<std::string> text(const json::value& v) {
  return v.is_string() ? std::optional<std::string>(v.get_string()) : std::nullopt;
}

// One more thing that a rule says, beside "at" and "fault". False where that is nothing a rule says.
bool read_option(rule& out, std::string_view key, const json::value& v) {
  const auto take = [](auto read, auto& into) {
    if (read)
      into = static_cast<std::remove_reference_t<decltype(into)>>(*read);
    return read.has_value();
  };
  if (key == "ms") {
    const auto ms = integer(v, 0, longest_ms);
    out.fault.ms = milliseconds(ms.value_or(0));
    return ms.has_value();
  }
  if (key == "count") {
    const auto count = integer(v, 1, longest_ms);
    out.count = static_cast<int>(count.value_or(1));
    return count.has_value();
  }
  if (key == "times")
    return take(integer(v, 1, most_times), out.fault.times);
  if (key == "percent")
    return take(integer(v, 0, 100), out.percent);
  if (key == "after")
    return take(integer(v, 0, longest_ms), out.after);
  if (key == "acts")
    return take(yes_or_no(v), out.fault.acts);
  if (key == "value")
    return take(text(v), out.fault.value);
  if (key == "tx_ref")
    return take(text(v), out.tx_ref);
  return key == "email" && take(text(v), out.email);
}

// A 200 that cannot be read was done; an error was not, unless the rule says so.
bool acts_by_itself(fault_kind what) { return what == fault_kind::half_json; }

std::string_view usual_value(fault_kind what) {
  switch (what) {
  case fault_kind::other_amount:
    return "1.00";
  case fault_kind::other_currency:
    return "USD";
  case fault_kind::other_tx_ref:
    return "somebody-elses";
  case fault_kind::other_mode:
    return "live";
  default:
    return "";
  }
}

void say(treatment& out, std::string_view field, std::string_view value) { out.says[field] = value; }

void add_message_fault(treatment& out, const fault& f) {
  switch (f.what) {
  case fault_kind::drop:
    out.is_sent = false;
    break;
  case fault_kind::repeat:
    out.copies = std::max(out.copies, f.times);
    break;
  case fault_kind::reorder:
    out.is_reordered = true;
    out.hold_back = f.ms.count() > 0 ? f.ms : usual_hold_back;
    break;
  case fault_kind::forge:
    out.is_forged = true;
    break;
  default:
    break;
  }
}

void add_call_fault(treatment& out, const fault& f) {
  out.instead = f.what;
  out.acts = out.acts && f.acts;
  if (f.what == fault_kind::timeout)
    out.hold = f.ms.count() > 0 ? f.ms : usual_hold;
}

} // namespace

std::variant<rule, rule_fault> parse_rule(const json::object& given) {
  rule out;
  const json::value* at = given.if_contains("at");
  const auto where = at && at->is_string() ? named<moment>(moment_names, at->get_string()) : std::nullopt;
  if (!where)
    return rule_fault("\"at\" must be " + one_of(moment_names));
  const json::value* what = given.if_contains("fault");
  const auto kind =
      what && what->is_string() ? named<fault_kind>(fault_names, what->get_string()) : std::nullopt;
  if (!kind)
    return rule_fault("\"fault\" must be " + one_of(fault_names));
  if (!fits(*where, *kind))
    return rule_fault(fmt::format("{} cannot happen at {}", name_of(*kind), name_of(*where)));
  out.fault = {.at = *where,
               .what = *kind,
               .acts =
                   acts_by_itself(*kind) || *where == moment::redirect, // the payer has pressed the button
               .value = std::string(usual_value(*kind))};
  for (const auto& [key, value] : given)
    if (key != "at" && key != "fault" && !read_option(out, key, value))
      return rule_fault(
          fmt::format("\"{}\" is no option of a fault, or its value cannot be", std::string_view(key)));
  return out;
}

std::variant<rule, rule_fault> parse_rule(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return rule_fault("a fault is written moment:fault, like webhook:drop or verify:delay;ms=200");
  json::object given{{"at", trim(text.substr(0, colon))}};
  text.remove_prefix(colon + 1);
  for (bool first = true; first || !text.empty(); first = false) {
    const auto end = std::min(text.find(';'), text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto equals = part.find('=');
    if (first)
      given["fault"] = part;
    else if (equals != std::string_view::npos)
      given[trim(part.substr(0, equals))] = trim(part.substr(equals + 1));
    else
      return rule_fault(fmt::format("\"{}\" is not key=value", part));
  }
  return parse_rule(given);
}

std::variant<std::vector<rule>, rule_fault> parse_rules(std::string_view text) {
  std::vector<rule> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    auto parsed = parse_rule(trim(text.substr(0, end)));
    if (auto* wrong = std::get_if<rule_fault>(&parsed))
      return std::move(*wrong);
    out.push_back(std::move(std::get<rule>(parsed)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

json::object to_json(const rule& r) {
  json::object out{{"at", name_of(r.fault.at)}, {"fault", name_of(r.fault.what)}};
  if (r.fault.ms.count() > 0)
    out["ms"] = r.fault.ms.count();
  if (r.fault.what == fault_kind::repeat)
    out["times"] = r.fault.times;
  if (r.fault.acts)
    out["acts"] = true;
  if (!r.fault.value.empty())
    out["value"] = r.fault.value;
  if (r.percent != 100)
    out["percent"] = r.percent;
  if (r.count)
    out["count"] = *r.count;
  if (r.after > 0)
    out["after"] = r.after;
  if (!r.tx_ref.empty())
    out["tx_ref"] = r.tx_ref;
  if (!r.email.empty())
    out["email"] = r.email;
  return out;
}

treatment combine(const std::vector<fault>& struck) {
  treatment out;
  for (const fault& f : struck) {
    switch (f.what) {
    case fault_kind::delay:
      out.delay += f.ms;
      break;
    case fault_kind::drop:
    case fault_kind::repeat:
    case fault_kind::reorder:
    case fault_kind::forge:
      is_message(f.at) ? add_message_fault(out, f) : add_call_fault(out, f);
      break;
    case fault_kind::timeout:
    case fault_kind::status_500:
    case fault_kind::status_429:
    case fault_kind::html:
    case fault_kind::half_json:
    case fault_kind::object_message:
    case fault_kind::refuse:
    case fault_kind::unknown:
      add_call_fault(out, f);
      break;
    case fault_kind::pending:
    case fault_kind::failed:
    case fault_kind::success:
      say(out, "status",
          f.at == moment::verify_refund && f.what == fault_kind::pending ? "processing" : name_of(f.what));
      break;
    case fault_kind::unknown_status:
      say(out, "status", "splendid");
      break;
    case fault_kind::other_amount:
      say(out, "amount", f.value);
      break;
    case fault_kind::other_currency:
      say(out, "currency", f.value);
      break;
    case fault_kind::other_tx_ref:
      say(out, "tx_ref", f.value);
      break;
    case fault_kind::other_mode:
      say(out, "mode", f.value);
      break;
    case fault_kind::other_source:
      out.other_source = !out.other_source;
      break;
    case fault_kind::reversed:
      out.is_reversed = true;
      break;
    case fault_kind::stuck:
      out.is_stuck = true;
      break;
    }
  }
  return out;
}

std::int64_t fault_plan::add(rule r) {
  rules_.push_back({.id = ++last_id_, .rule = std::move(r)});
  return last_id_;
}

bool fault_plan::remove(std::int64_t id) {
  return std::erase_if(rules_, [id](const entry& each) { return each.id == id; }) > 0;
}

std::vector<fault> fault_plan::strike(moment at, const subject& about) {
  std::vector<fault> out;
  for (entry& each : rules_) {
    const rule& r = each.rule;
    if (r.fault.at != at || (!r.tx_ref.empty() && r.tx_ref != about.tx_ref) ||
        (!r.email.empty() && r.email != about.email) || (r.count && each.struck >= *r.count))
      continue;
    if (++each.fitted <= r.after)
      continue;
    if (static_cast<int>(chance_() % 100) >= r.percent)
      continue;
    ++each.struck;
    out.push_back(r.fault);
  }
  return out;
}

} // namespace nexus::chapa
