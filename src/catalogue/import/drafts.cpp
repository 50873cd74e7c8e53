#include "catalogue/import/drafts.hpp"

#include "catalogue/catalogue.hpp"

#include "catalogue/key.hpp"
#include "catalogue/slugs.hpp"
#include "core/text.hpp"
#include "platform/json/format.hpp"

namespace nexus::catalogue_import {

namespace {

constexpr std::size_t max_name = 255;
constexpr std::size_t max_description = 100'000;
constexpr std::size_t max_word = 100; // brands, categories, options, their values, SKUs
constexpr std::size_t max_alt_text = 500;
constexpr std::size_t max_depth = 10;
constexpr int max_stock = 1'000'000'000;
constexpr std::size_t slug_bytes = 80;

// FNV-1a (www.isthe.com/chongo/tech/comp/fnv): stands in SKUs and slugs, so it may never change.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const char c : text)
    h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return h;
}

std::string cut(std::string_view text, std::size_t bytes) {
  std::size_t keep = 0;
  while (keep < text.size()) {
    const std::size_t next = keep + std::max<std::size_t>(character_length(text.substr(keep)), 1);
    if (next > bytes)
      break;
    keep = next;
  }
  return std::string(text.substr(0, keep));
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const auto at = path.find('>');
    const std::string_view part = trim(path.substr(0, at));
    if (!part.empty())
      out.emplace_back(part);
    path = at == std::string_view::npos ? std::string_view{} : path.substr(at + 1);
  }
  return out;
}

std::string words_of(const std::vector<option>& options) {
  std::string out;
  for (const option& o : options) {
    if (!out.empty())
      out += " / ";
    out += o.value;
  }
  return out;
}

} // namespace

std::string slug_of(std::string_view handle) {
  std::string slug = slugify(handle);
  if (slug.empty())
    return slug;
  if (catalogue::is_number(slug)) // could not be told from an id
    return catalogue::slug_base(handle, "product");
  const bool may_be_cut = trim(handle).size() > slug_bytes;
  if (may_be_cut)
    slug = slugify(fmt::format("{}-{:016x}", cut(slug, slug_bytes - 17), hash_of(trim(handle))));
  return slug;
}

std::string made_sku(std::string_view slug, const std::vector<option>& options) {
  std::string sku(slug);
  std::string whole(slug);
  for (const option& o : options) {
    const std::string part = slugify(o.value);
    // A value of which nothing is left as a slug ("½") is told from others by its hash.
    sku += '.' + (part.empty() ? fmt::format("{:08x}", hash_of(o.value) & 0xffffffff) : part);
    whole += '\x1f' + o.value;
  }
  if (length_utf8(sku) > max_word)
    sku = fmt::format("{}.{:016x}", cut(sku, max_word - 17), hash_of(whole));
  return sku;
}

bool draft_builder::fault(const row& r, role is, std::string reason) {
  found_.fault(r[is].line, columns_.name(is), std::move(reason));
  return false;
}

std::optional<product_draft> draft_builder::add(const row& r) {
  const std::string& handle = r[role::slug].text;
  if (handle.empty()) {
    if (!r.bad)
      fault(r, role::slug, "The row does not say to which product it belongs.");
    return std::nullopt;
  }
  std::optional<product_draft> ended;
  if (!under_way_ || handle != handle_) {
    ended = finish();
    begin(r);
  }
  if (!left_out_ && !r.bad)
    add_row(r);
  return ended;
}

std::optional<product_draft> draft_builder::finish() {
  const bool whole = under_way_ && !left_out_ && !product_.variants.empty();
  under_way_ = false;
  if (!whole)
    return std::nullopt;
  return std::move(product_);
}

void draft_builder::begin(const row& r) {
  handle_ = r[role::slug].text;
  under_way_ = true;
  product_ = {};
  product_.line = r.line;
  product_.slug = slug_of(handle_);
  combinations_.clear();
  skus_.clear();
  for (int i = 0; i < option_count; ++i)
    option_names_[static_cast<std::size_t>(i)] = r[option_name(i)].text;
  left_out_ = true;
  if (r.bad)
    return;
  if (product_.slug.empty()) {
    fault(r, role::slug, "There is no letter or digit in it. The product is left out.");
    return;
  }
  const auto [seen, first] = begun_.emplace(product_.slug, r.line);
  if (!first) {
    fault(r, role::slug,
          fmt::format("The product \"{}\" has begun at line {}; the rows of a product must stand together. "
                      "These are left out.",
                      product_.slug, seen->second));
    return;
  }
  left_out_ = !read_product(r);
}

bool draft_builder::read_product(const row& r) {
  const int before = found_.fault_count();
  if (r[role::name].text.empty())
    fault(r, role::name, "A product's first row needs its name. The product is left out.");
  check_length(r, role::name, max_name);
  check_length(r, role::description, max_description);
  check_length(r, role::brand, max_word);
  product_.name = r[role::name].text;
  product_.description = r[role::description].text;
  product_.brand = r[role::brand].text;
  read_category(r);
  product_.status = to_lower_ascii(r[role::status].text);
  if (!product_.status.empty() && product_.status != "active" && product_.status != "draft" &&
      product_.status != "archived")
    fault(r, role::status, "A status is active, draft or archived. The product is left out.");
  product_.currency = currency_;
  if (!r[role::currency].text.empty()) {
    const auto named = currency::parse(r[role::currency].text);
    if (!named)
      fault(r, role::currency, "Prices are in ETB or USD. The product is left out.");
    product_.currency = named.value_or(currency_);
  }
  return found_.fault_count() == before;
}

bool draft_builder::read_category(const row& r) {
  product_.category = split_path(r[role::category].text);
  if (product_.category.size() > max_depth)
    return fault(r, role::category, fmt::format("More than {} levels. The product is left out.", max_depth));
  for (const std::string& name : product_.category)
    if (length_utf8(name) > max_word)
      return fault(r, role::category,
                   fmt::format("A name longer than {} characters. The product is left out.", max_word));
  return true;
}

// A row goes in whole, or not at all.
void draft_builder::add_row(const row& r) {
  const auto any = [&](std::initializer_list<role> roles) {
    return std::any_of(roles.begin(), roles.end(), [&](role is) { return !r[is].text.empty(); });
  };
  const bool first = r.line == product_.line;
  const bool has_variant = first || any({role::sku, role::price, role::option1_value, role::option2_value,
                                         role::option3_value, role::variant_image});
  variant_draft v;
  std::optional<image_draft> i;
  const bool good_variant = !has_variant || read_variant(r, v);
  if (!read_image(r, i) || !good_variant)
    return;
  if (!has_variant && !i)
    found_.warn(r.line, "", "There is neither a variant nor a picture in this row.");
  if (has_variant) {
    combinations_.emplace(to_lower_ascii(words_of(v.options)), r.line);
    skus_.emplace(v.sku, r.line);
    product_.variants.push_back(std::move(v));
  }
  const auto same_url = [&](const image_draft& other) { return other.url == i->url; };
  if (!i || std::any_of(product_.images.begin(), product_.images.end(), same_url))
    return;
  const auto behind = std::find_if(product_.images.begin(), product_.images.end(),
                                   [&](const image_draft& other) { return other.position > i->position; });
  product_.images.insert(behind, std::move(*i));
}

bool draft_builder::read_variant(const row& r, variant_draft& v) {
  const int before = found_.fault_count();
  v.line = r.line;
  if (product_.variants.size() == max_variants)
    return fault(r, role::slug, fmt::format("A product has at most {} variants.", max_variants));
  const bool has_options = read_options(r, v) && check_combination(r, v);
  if (r[role::price].text.empty())
    fault(r, role::price, "A variant needs a price.");
  v.price = read_price(r, role::price).value_or(0);
  v.compare_at_price = read_price(r, role::compare_at_price);
  if (v.compare_at_price == 0)
    v.compare_at_price.reset();
  read_stock(r, v);
  if (check_url(r, role::variant_image))
    v.image_url = r[role::variant_image].text;
  if (has_options)
    read_sku(r, v);
  return found_.fault_count() == before;
}

bool draft_builder::read_options(const row& r, variant_draft& v) {
  const int before = found_.fault_count();
  for (int i = 0; i < option_count; ++i) {
    const std::string& own = r[option_name(i)].text;
    const std::string& name = own.empty() ? option_names_[static_cast<std::size_t>(i)] : own;
    const std::string& value = r[option_value(i)].text;
    if (name.empty() && value.empty())
      continue;
    check_length(r, option_name(i), max_word);
    check_length(r, option_value(i), max_word);
    if (name.empty())
      fault(r, option_name(i), "The option has a value and no name.");
    if (value.empty())
      fault(r, option_value(i), fmt::format("The value of {} is missing.", name));
    const auto same_name = [&](const option& o) { return to_lower_ascii(o.name) == to_lower_ascii(name); };
    if (std::any_of(v.options.begin(), v.options.end(), same_name))
      fault(r, option_name(i), fmt::format("A variant has one value of {}.", name));
    v.options.push_back({name, value});
  }
  return found_.fault_count() == before;
}

bool draft_builder::check_combination(const row& r, const variant_draft& v) {
  const auto there = combinations_.find(to_lower_ascii(words_of(v.options)));
  if (there == combinations_.end())
    return true;
  return fault(r, option_value(0),
               fmt::format("The variant of line {} has the same options.", there->second));
}

bool draft_builder::read_sku(const row& r, variant_draft& v) {
  v.sku = r[role::sku].text;
  if (!v.sku.empty()) {
    if (length_utf8(v.sku) > max_word || !json::is_sku(v.sku))
      return fault(r, role::sku, fmt::format("A SKU is at most {} printable characters.", max_word));
    const auto there = skus_.find(v.sku);
    if (there != skus_.end())
      return fault(r, role::sku, fmt::format("The variant of line {} has this SKU.", there->second));
    return true;
  }
  v.sku = made_sku(product_.slug, v.options);
  if (skus_.contains(v.sku)) { // "1/2" and "1-2" have the same slug
    std::string whole;
    for (const option& o : v.options)
      whole += o.value + '\x1f';
    v.sku = fmt::format("{}.{:016x}", cut(v.sku, max_word - 17), hash_of(whole));
  }
  return true;
}

std::optional<std::int64_t> draft_builder::read_price(const row& r, role is) {
  const std::string& text = r[is].text;
  if (text.empty())
    return std::nullopt;
  const auto amount = decimal::parse(text);
  const auto price = amount ? money::from(*amount, product_.currency) : std::nullopt;
  if (price && price->minor >= 0 && price->minor / 100 <= catalogue::highest_price)
    return price->minor;
  if (!amount)
    fault(r, is, "A price is a decimal such as 1250.00, without currency or thousands' marks.");
  else if (amount->units < 0)
    fault(r, is, "A price cannot be negative.");
  else
    fault(r, is,
          fmt::format("{} has {} digits after the point, and this is more, or too large.",
                      product_.currency.code(), product_.currency.digits()));
  return std::nullopt;
}

bool draft_builder::read_stock(const row& r, variant_draft& v) {
  const std::string& text = r[role::stock].text;
  if (text.empty())
    return true;
  const auto amount = decimal::parse(text);
  if (!amount || amount->scale != 0 || amount->units > max_stock)
    return fault(r, role::stock, fmt::format("The stock is a whole number up to {}.", max_stock));
  if (amount->units < 0)
    found_.warn(r[role::stock].line, columns_.name(role::stock), fmt::format("{} is imported as 0.", text));
  v.stock = static_cast<int>(std::max<std::int64_t>(amount->units, 0));
  return true;
}

bool draft_builder::read_image(const row& r, std::optional<image_draft>& i) {
  const std::string& url = r[role::image_url].text;
  if (url.empty())
    return true;
  if (!check_url(r, role::image_url) || !check_length(r, role::image_alt, max_alt_text))
    return false;
  if (product_.images.size() == max_images)
    return fault(r, role::image_url, fmt::format("A product has at most {} pictures.", max_images));
  i = image_draft{url, r[role::image_alt].text, static_cast<int>(product_.images.size()) + 1};
  const std::string& position = r[role::image_position].text;
  if (position.empty())
    return true;
  const auto [to, error] = std::from_chars(position.data(), position.data() + position.size(), i->position);
  if (error != std::errc{} || to != position.data() + position.size() || i->position < 0)
    return fault(r, role::image_position, "The position is a whole number from 1.");
  return true;
}

bool draft_builder::check_length(const row& r, role is, std::size_t limit) {
  if (length_utf8(r[is].text) <= limit)
    return true;
  return fault(r, is, fmt::format("Longer than {} characters.", limit));
}

bool draft_builder::check_url(const row& r, role is) {
  if (r[is].text.empty() || json::is_url(r[is].text))
    return true;
  return fault(r, is, "This is no address of a picture: http:// or https://, at most 2048 characters.");
}

} // namespace nexus::catalogue_import
