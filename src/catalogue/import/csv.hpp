// Records of a CSV file as RFC 4180 has it: commas, fields in double quotes with "" for a quote and line
// breaks within. Beyond it: a UTF-8 byte order mark, LF and CR as line ends, blank lines between records, are
// taken too.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::catalogue_import {

// Where: line from 1, column in characters from 1.
struct csv_error {
  int line = 0;
  int column = 0;
  std::string reason;
};

struct csv_field {
  std::string text;
  int line = 0, column = 0; // where it begins
};

struct csv_record {
  int line = 0; // where it begins; a field may contain line breaks
  std::vector<csv_field> fields;
  // The first thing wrong with it (a stray quote, not UTF-8). The reader is behind it and can go on.
  std::optional<csv_error> error;
};

struct csv_limits {
  std::size_t record_bytes = 1 << 20;
  std::size_t columns = 1'000;
};

class csv_reader {
public:
  explicit csv_reader(std::istream& in, csv_limits limits = {});

  // The next record that is not blank; nullopt at the end, or where nothing more can be read: see fatal().
  std::optional<csv_record> next();

  // Why the reading ended before the end: a quote that is never closed (at the line where it was opened), a
  // record beyond the limits, UTF-16, a stream that failed.
  [[nodiscard]] const std::optional<csv_error>& fatal() const { return fatal_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

private:
  static constexpr int end = -1;
  int peek();
  int get(); // keeps line_ and column_
  void fill();
  void skip_byte_order_mark();
  bool append(csv_field& to, char c, const csv_record& of); // false: the record is too large
  void read_record(csv_record& r);
  bool read_field(csv_record& r);
  bool read_quoted(csv_record& r, csv_field& f);
  bool read_unquoted(csv_record& r, csv_field& f);
  void check_text(csv_record& r, const csv_field& f);
  void fail(int line, int column, std::string reason) { fatal_ = csv_error{line, column, std::move(reason)}; }

  std::istream& in_;
  csv_limits limits_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t bytes_read_ = 0;
  int line_ = 1, column_ = 1;
  std::size_t record_bytes_ = 0;
  bool after_cr_ = false; // the LF of a CRLF ends no line
  bool begun_ = false;
  std::optional<csv_error> fatal_;
};

} // namespace nexus::catalogue_import
