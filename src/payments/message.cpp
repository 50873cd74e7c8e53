#include "payments/message.hpp"

#include "core/text.hpp"

#include <boost/json/basic_parser_impl.hpp>

namespace nexus::payments {

namespace {

namespace bj = boost::json;

// Collects the leaves by their pointers. The DOM would make a double of 100.10.
class leaf_handler {
public:
  static constexpr std::size_t max_object_size = 10'000;
  static constexpr std::size_t max_array_size = 10'000;
  static constexpr std::size_t max_key_size = 1'000;
  static constexpr std::size_t max_string_size = 1'000'000;

  std::map<std::string, std::string, std::less<>> leaves;
  bool is_object = false;
  bool has_twice = false;

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) {
    enter();
    if (open_.empty())
      is_object = true;
    open_.push_back({path_.size(), false, 0});
    return true;
  }
  bool on_object_end(std::size_t, bj::error_code&) { return leave(); }
  bool on_array_begin(bj::error_code&) {
    enter();
    open_.push_back({path_.size(), true, 0});
    return true;
  }
  bool on_array_end(std::size_t, bj::error_code&) { return leave(); }

  bool on_key_part(bj::string_view s, std::size_t, bj::error_code&) { return append(s); }
  bool on_key(bj::string_view s, std::size_t, bj::error_code&) {
    append(s);
    path_.resize(open_.back().path);
    path_ += '/';
    for (const char c : text_)
      path_ += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
    text_.clear();
    has_twice = has_twice || !seen_.emplace(path_, true).second;
    return true;
  }
  bool on_string_part(bj::string_view s, std::size_t, bj::error_code&) { return append(s); }
  bool on_string(bj::string_view s, std::size_t, bj::error_code&) { return append(s) && leaf(); }
  bool on_number_part(bj::string_view s, bj::error_code&) { return append(s); }
  bool on_int64(std::int64_t, bj::string_view s, bj::error_code&) { return append(s) && leaf(); }
  bool on_uint64(std::uint64_t, bj::string_view s, bj::error_code&) { return append(s) && leaf(); }
  bool on_double(double, bj::string_view s, bj::error_code&) { return append(s) && leaf(); }
  bool on_bool(bool b, bj::error_code&) { return append(b ? "true" : "false") && leaf(); }
  bool on_null(bj::error_code&) {
    enter();
    return true;
  }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

private:
  struct container {
    std::size_t path; // length of its own pointer
    bool is_array;
    std::size_t next;
  };

  bool append(bj::string_view s) {
    text_.append(s.data(), s.size());
    return true;
  }
  // A value begins: inside an array its index is its name.
  void enter() {
    if (open_.empty() || !open_.back().is_array)
      return;
    path_.resize(open_.back().path);
    path_ += '/' + std::to_string(open_.back().next++);
  }
  bool leave() {
    path_.resize(open_.back().path);
    open_.pop_back();
    return true;
  }
  bool leaf() {
    enter();
    leaves[path_] = std::move(text_);
    text_.clear();
    return true;
  }

  std::string path_, text_;
  std::vector<container> open_;
  std::map<std::string, bool> seen_;
};

} // namespace

std::optional<message> message::parse(std::string_view json) {
  bj::parse_options options;
  options.max_depth = 32;
  bj::basic_parser<leaf_handler> parser(options);
  bj::error_code error;
  const std::size_t read = parser.write_some(false, json.data(), json.size(), error);
  leaf_handler& found = parser.handler();
  // What follows a whole document (but for blanks, which the parser has taken) is no JSON.
  if (error || read < json.size() || !found.is_object || found.has_twice)
    return std::nullopt;
  message out;
  out.leaves_ = std::move(found.leaves);
  return out;
}

std::string_view message::at(std::string_view pointer) const {
  const auto found = leaves_.find(pointer);
  return found == leaves_.end() ? std::string_view{} : std::string_view(found->second);
}

std::string message::text_below(std::string_view pointer) const {
  std::string out(at(pointer));
  const std::string below = std::string(pointer) + "/";
  for (auto leaf = leaves_.lower_bound(below); leaf != leaves_.end() && leaf->first.starts_with(below);
       ++leaf) {
    const std::string_view rest = std::string_view(leaf->first).substr(below.size());
    out += (out.empty() ? "" : "; ") + std::string(rest.substr(0, rest.find('/'))) + ": " + leaf->second;
  }
  return out;
}

std::string mask_secrets(std::string_view text) {
  constexpr std::string_view mark = "CHASECK";
  const auto belongs = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  std::string out;
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
    out += text.substr(0, at);
    out += "CHASECK(masked)";
    text.remove_prefix(at);
    text.remove_prefix(
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), belongs) - text.begin()));
  }
  return out.append(text);
}

std::string storable(std::string_view text) {
  constexpr std::size_t limit = 8'000;
  std::string out;
  out.reserve(std::min(text.size(), limit));
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (out.size() + std::max<std::size_t>(length, 3) > limit)
      break;
    if (length == 0 || text.front() == '\0')
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

} // namespace nexus::payments
