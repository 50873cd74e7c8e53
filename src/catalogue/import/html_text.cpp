#include "catalogue/import/html_text.hpp"

#include "core/text.hpp"

namespace nexus::catalogue_import {

namespace {

constexpr auto npos = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 22> paragraphs{
    "p",   "h1",  "h2", "h3",      "h4",      "h5",     "h6",         "ul",     "ol",     "dl",   "table",
    "div", "pre", "hr", "section", "article", "header", "blockquote", "footer", "figure", "form", "address"};
constexpr std::array<std::string_view, 8> lines{"br", "li",      "tr",         "dt",
                                                "dd", "caption", "figcaption", "option"};
constexpr std::array<std::string_view, 7> without_text{"script", "style",    "template", "iframe",
                                                       "object", "textarea", "title"};

struct character_name {
  std::string_view name, text;
};
constexpr std::array<character_name, 31> character_names{{
    {"amp", "&"},    {"lt", "<"},     {"gt", ">"},     {"quot", "\""},  {"apos", "'"},   {"nbsp", " "},
    {"ndash", "–"},  {"mdash", "—"},  {"hellip", "…"}, {"lsquo", "‘"},  {"rsquo", "’"},  {"ldquo", "“"},
    {"rdquo", "”"},  {"bull", "•"},   {"middot", "·"}, {"copy", "©"},   {"reg", "®"},    {"trade", "™"},
    {"deg", "°"},    {"times", "×"},  {"frac12", "½"}, {"frac14", "¼"}, {"eacute", "é"}, {"egrave", "è"},
    {"agrave", "à"}, {"ccedil", "ç"}, {"ouml", "ö"},   {"uuml", "ü"},   {"auml", "ä"},   {"euro", "€"},
    {"pound", "£"},
}};

void append_utf8(std::string& out, std::uint32_t c) {
  const auto byte = [&](std::uint32_t b) { out += static_cast<char>(b); };
  if (c < 0x80)
    return byte(c);
  if (c < 0x800) {
    byte(0xc0 | (c >> 6));
    return byte(0x80 | (c & 0x3f));
  }
  if (c < 0x10000) {
    byte(0xe0 | (c >> 12));
  } else {
    byte(0xf0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3f));
  }
  byte(0x80 | ((c >> 6) & 0x3f));
  byte(0x80 | (c & 0x3f));
}

class text_of_html {
public:
  explicit text_of_html(std::string_view html) : rest_(html) {}

  std::string run() {
    while (!rest_.empty()) {
      if (rest_.front() == '<' && skip_markup())
        continue;
      if (rest_.front() == '&' && take_reference())
        continue;
      if (is_blank(rest_.front()))
        blank_ = true;
      else
        put(rest_.substr(0, 1));
      rest_.remove_prefix(1);
    }
    return std::move(out_);
  }

private:
  // false where the "<" is no markup ("sizes < 40").
  bool skip_markup() {
    if (rest_.starts_with("<!--")) {
      const auto close = rest_.find("-->", 4);
      rest_.remove_prefix(close == npos ? rest_.size() : close + 3);
      return true;
    }
    const bool closing = rest_.starts_with("</");
    const std::size_t name_at = closing ? 2 : 1;
    const char first = rest_.size() > name_at ? rest_[name_at] : ' ';
    if (!is_letter(first) && first != '!' && first != '?')
      return false;
    std::size_t i = name_at;
    while (i < rest_.size() && (is_letter(rest_[i]) || is_digit(rest_[i])))
      ++i;
    const std::string name = to_lower_ascii(rest_.substr(name_at, i - name_at));
    rest_.remove_prefix(end_of_tag(i));
    if (!closing && is_one_of(name, without_text))
      skip_element(name);
    else
      break_for(name, closing);
    return true;
  }

  // Behind the ">"; one within an attribute's quotes is not it. A tag that never ends takes all.
  [[nodiscard]] std::size_t end_of_tag(std::size_t i) const {
    char quote = 0;
    char before = 0; // quotes are quotes only behind "="
    for (; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (quote != 0)
        quote = c == quote ? '\0' : quote;
      else if (c == '>')
        return i + 1;
      else if ((c == '"' || c == '\'') && before == '=')
        quote = c;
      if (!is_blank(c))
        before = c;
    }
    return rest_.size();
  }

  void skip_element(std::string_view name) {
    const std::string close = "</" + std::string(name);
    const auto same = [](char a, char b) { return to_lower(a) == b; };
    const auto found = std::search(rest_.begin(), rest_.end(), close.begin(), close.end(), same);
    rest_.remove_prefix(static_cast<std::size_t>(found - rest_.begin()));
  }

  void break_for(std::string_view name, bool closing) {
    if (is_one_of(name, paragraphs))
      breaks_ = std::max(breaks_, 2);
    else if (is_one_of(name, lines))
      breaks_ = name == "br" ? breaks_ + 1 : std::max(breaks_, 1);
    else if (name == "td" || name == "th")
      blank_ = true;
    bullet_ = bullet_ || (name == "li" && !closing);
  }

  bool take_reference() {
    const auto close = rest_.substr(0, 12).find(';');
    if (close == npos || close < 2)
      return false;
    const std::string_view name = rest_.substr(1, close - 1);
    if (name.front() == '#') {
      if (!put_number(name.substr(1)))
        return false;
    } else {
      const auto found = std::find_if(character_names.begin(), character_names.end(),
                                      [&](const character_name& c) { return c.name == name; });
      if (found == character_names.end())
        return false;
      found->text == " " ? void(blank_ = true) : put(found->text);
    }
    rest_.remove_prefix(close + 1);
    return true;
  }

  // Not NUL or another control character, not half a surrogate pair, not beyond Unicode: those stay as
  // written.
  bool put_number(std::string_view digits) {
    const bool hex = digits.starts_with('x') || digits.starts_with('X');
    digits.remove_prefix(hex ? 1 : 0);
    std::uint32_t c = 0;
    const auto [to, error] = std::from_chars(digits.data(), digits.data() + digits.size(), c, hex ? 16 : 10);
    if (error != std::errc{} || to != digits.data() + digits.size() || c > 0x10ffff ||
        (c >= 0xd800 && c <= 0xdfff))
      return false;
    if (c == ' ' || c == 0xa0 || (c >= '\t' && c <= '\r')) {
      blank_ = true;
      return true;
    }
    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
      return false;
    std::string text;
    append_utf8(text, c);
    put(text);
    return true;
  }

  void put(std::string_view text) {
    if (breaks_ > 0) {
      if (!out_.empty())
        out_.append(static_cast<std::size_t>(std::min(breaks_, 2)), '\n');
    } else if (blank_ && !out_.empty()) {
      out_ += ' ';
    }
    if (bullet_)
      out_ += "• ";
    breaks_ = 0;
    blank_ = bullet_ = false;
    out_ += text;
  }

  std::string_view rest_;
  std::string out_;
  int breaks_ = 0;
  bool blank_ = false, bullet_ = false;
};

} // namespace

std::string html_to_text(std::string_view html) { return text_of_html(html).run(); }

} // namespace nexus::catalogue_import
