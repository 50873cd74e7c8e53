#include "notifications/letter.hpp"

#include "notifications_templates.hpp"
#include "platform/json/decode.hpp"

#include <kainjow/mustache.hpp>

namespace nexus::notifications {

namespace {

namespace m = kainjow::mustache;

std::string_view template_named(std::string_view name) {
  for (const embedded::file& f : embedded::notifications_templates())
    if (f.name == name)
      return f.bytes;
  throw std::logic_error("notifications: no template " + std::string(name));
}

// For text: a customer's line breaks do not make lines of ours.
std::string one_line(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

void add_address_line(m::data& lines, std::string_view text) {
  if (!text.empty())
    lines << m::data("line", one_line(text));
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts)
    if (!part.empty())
      out += (out.empty() ? "" : ", ") + std::string(part);
  return out;
}

m::data address_lines(const json::raw& shipping_address) {
  m::data lines(m::data::type::list);
  const auto parsed = json::parse(shipping_address.text);
  if (!parsed)
    return lines;
  const auto address = json::decode<orders::address>(*parsed);
  if (!address)
    return lines;
  add_address_line(lines, address->full_name);
  add_address_line(lines, address->line1);
  add_address_line(lines, address->line2.value_or(""));
  add_address_line(lines, joined({address->postal_code.value_or(""), address->city}));
  add_address_line(lines, joined({address->region.value_or(""), address->country}));
  add_address_line(lines, address->phone_number);
  return lines;
}

std::string with_currency(const money& amount) {
  return to_string(amount) + " " + std::string(amount.currency.code());
}

std::string name_of(const orders::order_line& line) {
  return one_line(line.variant_name.empty() ? line.product_name
                                            : line.product_name + " (" + line.variant_name + ")");
}

m::data item_lines(const orders::order& o) {
  m::data items(m::data::type::list);
  for (const orders::order_line& line : o.items) {
    m::data item;
    item.set("quantity", std::to_string(line.quantity));
    item.set("name", name_of(line));
    item.set("sku", one_line(line.sku));
    item.set("unit_price", with_currency(line.unit_price));
    item.set("total", with_currency(line.total));
    items << item;
  }
  return items;
}

std::string render_template(std::string_view name, m::data& fields) {
  m::mustache page{std::string(template_named(name))};
  if (!page.is_valid())
    throw std::logic_error("notifications: " + std::string(name) + ": " + page.error_message());
  return page.render(fields);
}

struct form {
  std::string_view subject, file;
};
form form_of(occasion about) {
  switch (about) {
  case occasion::placed:
    return {"Order {} is placed", "placed"};
  case occasion::completed:
    return {"Receipt for order {}", "receipt"};
  case occasion::expired:
    return {"The hold on order {} has ended", "expired"};
  case occasion::cancelled:
    return {"Order {} is cancelled", "cancelled"};
  case occasion::shipped:
    return {"Order {} is on its way", "shipped"};
  }
  throw std::logic_error("notifications: no letter for this");
}

std::string to_the_minute(time_point at) {
  const std::string text = to_rfc3339(std::chrono::floor<std::chrono::minutes>(at));
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

// A section without its field is left out.
m::data fields_of(const orders::order& o, std::string_view shop_name, const links& to, std::string title) {
  m::data fields;
  fields.set("title", std::move(title));
  fields.set("shop", std::string(shop_name));
  fields.set("placed_at", to_rfc3339(std::chrono::floor<std::chrono::minutes>(o.placed_at)).substr(0, 10));
  fields.set("items", item_lines(o));
  fields.set("subtotal", with_currency(o.subtotal));
  fields.set("total", with_currency(o.total));
  fields.set("address", address_lines(o.shipping_address));
  fields.set("held_until", to_the_minute(o.expires_at));
  if (o.status == orders::order_status::pending)
    fields.set("is_held", m::data::type::bool_true);
  if (const std::int64_t kept = o.payment.paid.minor - o.payment.refunded.minor; kept > 0)
    fields.set("to_return", with_currency({kept, o.currency}));
  if (!to.see.empty())
    fields.set("see", to.see);
  if (!to.pay.empty())
    fields.set("pay", to.pay);
  return fields;
}

std::string in_form(m::data& fields, std::string_view name, std::string_view extension) {
  for (const std::string_view part : {"items", "address"})
    fields.set("the_" + std::string(part), m::partial([part, extension] {
                 return std::string(template_named(std::string(part) + std::string(extension)));
               }));
  return render_template(std::string(name) + std::string(extension), fields);
}

} // namespace

letter render(occasion about, const orders::order& o, std::string_view shop_name, const links& to) {
  const form as = form_of(about);
  const std::string title = fmt::format(fmt::runtime(as.subject), one_line(o.number));
  m::data fields = fields_of(o, shop_name, to, title);
  return {title, in_form(fields, as.file, ".txt"), in_form(fields, as.file, ".html")};
}

} // namespace nexus::notifications
