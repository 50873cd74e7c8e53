#include "catalogue/listing.hpp"

#include "catalogue/listing.sql.hpp"
#include "core/text.hpp"

namespace nexus::catalogue {

namespace {

constexpr std::array<std::string_view, 4> order_words{"by_base_price", "by_name", "by_created_at",
                                                      "by_relevance"};

std::vector<std::string_view> filter_words(const listing& l) {
  std::vector<std::string_view> words;
  if (l.search)
    words.push_back("search");
  if (l.category)
    words.push_back("category");
  if (l.brand)
    words.push_back("brand");
  if (l.attributes)
    words.push_back("attributes");
  return words;
}

// 4 filters, 4 orders, the direction, the cursor: 8 bits.
std::size_t filter_number(const listing& l) {
  return (l.search ? 1U : 0U) | (l.category ? 2U : 0U) | (l.brand ? 4U : 0U) | (l.attributes ? 8U : 0U);
}
std::size_t list_number(const listing& l) {
  return filter_number(l) | static_cast<std::size_t>(l.order) << 4 | (l.descending ? 64U : 0U) |
         (l.after ? 128U : 0U);
}
listing of_number(std::size_t n) {
  return {(n & 1) != 0,  (n & 2) != 0,  (n & 4) != 0, (n & 8) != 0, static_cast<product_order>(n >> 4 & 3),
          (n & 64) != 0, (n & 128) != 0};
}

// A statement whose text was put together here.
class composed {
public:
  composed(const db::statement& whole, std::span<const std::string_view> words)
      : name_(name_of(whole, words)), text_(keep_lines(whole.text(), words)), statement_(name_, text_) {}
  [[nodiscard]] const db::statement& get() const { return statement_; }

private:
  static std::string name_of(const db::statement& whole, std::span<const std::string_view> words) {
    std::string name(whole.name());
    for (const std::string_view word : words)
      name.append(" ").append(word);
    return name;
  }
  std::string name_, text_;
  db::statement statement_;
};

// All of them, before main(): statements register themselves, which must be over when the loops run.
struct table {
  std::array<std::unique_ptr<composed>, 256> lists;
  std::array<std::unique_ptr<composed>, 16> counts;

  table() {
    for (std::size_t n = 0; n < lists.size(); ++n) {
      const listing l = of_number(n);
      auto words = filter_words(l);
      if (n < counts.size())
        counts[n] = std::make_unique<composed>(sql::count_products, words);
      if (l.order == product_order::relevance && !l.search)
        continue;
      words.push_back(order_words[static_cast<std::size_t>(l.order)]);
      words.push_back(l.descending ? "descending" : "ascending");
      if (l.after)
        words.push_back("after");
      lists[n] = std::make_unique<composed>(sql::list_products, words);
    }
  }
};
const table statements;

bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

} // namespace

const db::statement& list_statement(const listing& l) { return statements.lists.at(list_number(l))->get(); }
const db::statement& count_statement(const listing& l) {
  return statements.counts.at(filter_number(l))->get();
}

std::string keep_lines(std::string_view text, std::span<const std::string_view> words) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const auto mark = line.rfind("/* if "); mark != std::string_view::npos && line.ends_with(" */")) {
      std::string_view asked = line.substr(mark + 6, line.size() - mark - 9);
      bool keep = true;
      while (!asked.empty()) {
        const auto blank = std::min(asked.find(' '), asked.size());
        keep = keep && std::find(words.begin(), words.end(), asked.substr(0, blank)) != words.end();
        asked.remove_prefix(std::min(blank + 1, asked.size()));
      }
      if (!keep)
        continue;
      line = line.substr(0, mark);
      line = line.substr(0, line.find_last_not_of(' ') + 1);
    }
    out.append(line).append("\n");
  }
  return out;
}

std::string prefix_query(std::string_view text) {
  std::string out;
  int words = 0;
  while (!text.empty() && words < 16) {
    const auto start = std::find_if(text.begin(), text.end(), is_word_byte);
    const auto end = std::find_if_not(start, text.end(), is_word_byte);
    if (start == end)
      break;
    if (words++ > 0)
      out += " & ";
    out.append(start, end).append(":*");
    text = std::string_view(end, text.end());
  }
  return out;
}

std::string_view name_key(std::string_view name) {
  std::size_t bytes = 0;
  for (int characters = 0; characters < 100 && bytes < name.size(); ++characters)
    bytes += std::max<std::size_t>(character_length(name.substr(bytes)), 1);
  return name.substr(0, bytes);
}

} // namespace nexus::catalogue
