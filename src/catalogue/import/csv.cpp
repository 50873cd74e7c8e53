#include "catalogue/import/csv.hpp"

#include "core/text.hpp"

namespace nexus::catalogue_import {

namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::string_view not_utf8 = "This is not UTF-8. Save the file as UTF-8 (in Excel: \"CSV UTF-8\").";

bool ends_line(int c) { return c == '\n' || c == '\r'; }

} // namespace

csv_reader::csv_reader(std::istream& in, csv_limits limits) : in_(in), limits_(limits) {}

void csv_reader::fill() {
  buffer_.resize(chunk_bytes);
  in_.read(buffer_.data(), static_cast<std::streamsize>(chunk_bytes));
  buffer_.resize(static_cast<std::size_t>(in_.gcount()));
  at_ = 0;
  bytes_read_ += buffer_.size();
  if (in_.bad() && !fatal_)
    fail(line_, column_, "The file cannot be read any further.");
}

int csv_reader::peek() {
  if (at_ == buffer_.size()) {
    fill();
    if (buffer_.empty())
      return end;
  }
  return static_cast<unsigned char>(buffer_[at_]);
}

int csv_reader::get() {
  const int c = peek();
  if (c == end)
    return end;
  ++at_;
  const bool of_crlf = c == '\n' && after_cr_;
  after_cr_ = c == '\r';
  if (ends_line(c)) {
    line_ += of_crlf ? 0 : 1;
    column_ = 1;
  } else if ((c & 0xc0) != 0x80) { // not within a character
    ++column_;
  }
  return c;
}

void csv_reader::skip_byte_order_mark() {
  begun_ = true;
  peek();
  if (buffer_.starts_with("\xef\xbb\xbf"))
    at_ = 3;
  else if (buffer_.starts_with("\xff\xfe") || buffer_.starts_with("\xfe\xff"))
    fail(1, 1, "This is UTF-16. Save the file as UTF-8 (in Excel: \"CSV UTF-8\").");
}

std::optional<csv_record> csv_reader::next() {
  if (!begun_)
    skip_byte_order_mark();
  while (!fatal_ && peek() != end) {
    csv_record r{line_, {}, {}};
    if (ends_line(peek())) { // a blank line, or the LF of a CRLF
      get();
      continue;
    }
    read_record(r);
    if (!fatal_)
      return r;
  }
  return std::nullopt;
}

void csv_reader::read_record(csv_record& r) {
  record_bytes_ = 0;
  while (read_field(r)) {
    if (peek() != ',')
      return; // the line's end is next()'s to skip
    get();
    if (r.fields.size() == limits_.columns)
      return fail(r.line, 1, fmt::format("The row has more than {} columns.", limits_.columns));
  }
}

bool csv_reader::read_field(csv_record& r) {
  csv_field f{{}, line_, column_};
  const bool whole = peek() == '"' ? read_quoted(r, f) && read_unquoted(r, f) : read_unquoted(r, f);
  if (!whole)
    return false;
  check_text(r, f);
  r.fields.push_back(std::move(f));
  return true;
}

bool csv_reader::append(csv_field& to, char c, const csv_record& of) {
  if (++record_bytes_ > limits_.record_bytes) {
    fail(of.line, 1, fmt::format("The row is larger than {} KiB.", limits_.record_bytes / 1024));
    return false;
  }
  to.text += c;
  return true;
}

bool csv_reader::read_quoted(csv_record& r, csv_field& f) {
  get();
  for (;;) {
    const int c = get();
    if (c == '"') {
      if (peek() != '"')
        return true;
      get();
    }
    if (c == end) {
      if (!fatal_)
        fail(f.line, f.column, "The quote that opens here is never closed.");
      return false;
    }
    if (!append(f, static_cast<char>(c), r)) {
      fail(
          f.line, f.column,
          fmt::format("The quote that opens here is not closed within {} KiB.", limits_.record_bytes / 1024));
      return false;
    }
  }
}

// Also what stands between a closing quote and the comma: nothing, in a good file.
bool csv_reader::read_unquoted(csv_record& r, csv_field& f) {
  const bool was_quoted = column_ != f.column || line_ != f.line;
  for (int c = peek(); c != ',' && c != end && !ends_line(c); c = peek()) {
    if (!r.error && was_quoted)
      r.error = {line_, column_, "There is text after the closing quote."};
    else if (!r.error && c == '"')
      r.error = {line_, column_, "A quote within a field: the field must be quoted, and the quote doubled."};
    if (!append(f, static_cast<char>(get()), r))
      return false;
  }
  return true;
}

void csv_reader::check_text(csv_record& r, const csv_field& f) {
  if (r.error || is_storable_utf8(f.text))
    return;
  const bool nul = f.text.find('\0') != std::string::npos;
  r.error = {f.line, f.column, nul ? "There is a NUL character." : std::string(not_utf8)};
}

} // namespace nexus::catalogue_import
