#include "platform/db/value.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace nexus::db {

namespace {

// pg_type.dat of PostgreSQL 15; these numbers never change.
namespace type {
constexpr Oid boolean = 16, name = 19, int8 = 20, int2 = 21, int4 = 23, text = 25, json = 114, float4 = 700,
              float8 = 701, unknown = 705, bpchar = 1042, varchar = 1043, timestamptz = 1184, uuid = 2950,
              jsonb = 3802;
constexpr Oid name_array = 1003, int2_array = 1005, int4_array = 1007, text_array = 1009, bpchar_array = 1014,
              varchar_array = 1015, int8_array = 1016;
// FirstNormalObjectId: types made by CREATE TYPE or CREATE EXTENSION. Enums and citext, which we have, travel
// as text.
constexpr Oid first_of_users = 16384;
} // namespace type

bool is_text(Oid of) {
  switch (of) {
  case type::name:
  case type::text:
  case type::json:
  case type::unknown:
  case type::bpchar:
  case type::varchar:
    return true;
  default:
    return of >= type::first_of_users;
  }
}

template <class T>
T big_endian(const char* bytes) {
  std::make_unsigned_t<T> value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<std::make_unsigned_t<T>>((std::uint64_t{value} << 8) |
                                                 static_cast<unsigned char>(bytes[i]));
  return static_cast<T>(value);
}

std::string column_name(const pg_result* from, int column) {
  const char* name = PQfname(from, column);
  return name ? fmt::format("column {} ({})", column, name) : fmt::format("column {}", column);
}

[[noreturn]] void fail(const pg_result* from, int column, std::string_view why) {
  throw std::logic_error(fmt::format("{}: {}", column_name(from, column), why));
}

[[noreturn]] void wrong_type(const pg_result* from, int column, std::string_view wanted) {
  fail(from, column, fmt::format("type {} is not {}", PQftype(from, column), wanted));
}

// The bytes of a value that is there, of a column that is there.
std::string_view bytes_of(const pg_result* from, int number, int column) {
  if (column < 0 || column >= PQnfields(from) || number < 0 || number >= PQntuples(from))
    throw std::logic_error(fmt::format("no row {} or no column {} in the result", number, column));
  if (PQgetisnull(from, number, column))
    fail(from, column, "is NULL");
  return {PQgetvalue(from, number, column), static_cast<std::size_t>(PQgetlength(from, number, column))};
}

std::optional<std::int64_t> integer(Oid of, std::string_view bytes) {
  if (of == type::int8 && bytes.size() == 8)
    return big_endian<std::int64_t>(bytes.data());
  if (of == type::int4 && bytes.size() == 4)
    return big_endian<std::int32_t>(bytes.data());
  if (of == type::int2 && bytes.size() == 2)
    return big_endian<std::int16_t>(bytes.data());
  return std::nullopt;
}

int narrowed(const pg_result* from, int column, std::int64_t value) {
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
    fail(from, column, fmt::format("{} does not fit an int", value));
  return static_cast<int>(value);
}

// Calls each(element type, bytes) over a one-dimensional array (array_send in arrayfuncs.c: dimensions, a
// flag for nulls, the element type; size and lower bound of each dimension; then length and bytes of each
// element).
template <class Each>
void for_each_element(const pg_result* from, int column, std::string_view bytes, Each each) {
  const auto take = [&](std::size_t count) {
    if (bytes.size() < count)
      fail(from, column, "array ends too early");
    const std::string_view head = bytes.substr(0, count);
    bytes.remove_prefix(count);
    return head.data();
  };
  const auto dimensions = big_endian<std::int32_t>(take(4));
  take(4);
  const auto of = big_endian<std::uint32_t>(take(4));
  if (dimensions == 0)
    return;
  if (dimensions != 1)
    fail(from, column, "array has more than one dimension");
  const auto count = big_endian<std::int32_t>(take(4));
  take(4);
  for (std::int32_t i = 0; i < count; ++i) {
    const auto length = big_endian<std::int32_t>(take(4));
    if (length < 0)
      fail(from, column, "array has a NULL");
    const char* element = take(static_cast<std::size_t>(length));
    each(Oid{of}, std::string_view(element, static_cast<std::size_t>(length)));
  }
}

bool is_integer_array(Oid of) {
  return of == type::int2_array || of == type::int4_array || of == type::int8_array;
}

bool is_text_array(Oid of) {
  return of == type::text_array || of == type::varchar_array || of == type::bpchar_array ||
         of == type::name_array || of >= type::first_of_users;
}

void refuse_nul(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    throw std::invalid_argument("text for the database has a NUL");
}

} // namespace

void params::add(std::string_view value) {
  refuse_nul(value);
  items_.emplace_back(value);
}

void params::add(double value) {
  items_.emplace_back(fmt::format("{}", value));
} // the shortest that reads back

void params::append_quoted(std::string& array, std::string_view value) {
  refuse_nul(value);
  array += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\')
      array += '\\';
    array += c;
  }
  array += '"';
}

void row::check_columns(std::size_t expected) const {
  if (const auto there = static_cast<std::size_t>(PQnfields(from_)); there != expected)
    throw std::logic_error(fmt::format("the result has {} columns, not {}", there, expected));
}

bool row::is_null(int column) const {
  if (column < 0 || column >= PQnfields(from_))
    throw std::logic_error(fmt::format("no column {} in the result", column));
  return PQgetisnull(from_, number_, column) != 0;
}

bool row::read(int column, bool*) const {
  const auto bytes = bytes_of(from_, number_, column);
  if (PQftype(from_, column) != type::boolean || bytes.size() != 1)
    wrong_type(from_, column, "boolean");
  return bytes[0] != 0;
}

std::int64_t row::read(int column, std::int64_t*) const {
  const auto value = integer(PQftype(from_, column), bytes_of(from_, number_, column));
  if (!value)
    wrong_type(from_, column, "an integer");
  return *value;
}

int row::read(int column, int*) const { return narrowed(from_, column, get<std::int64_t>(column)); }

double row::read(int column, double*) const {
  const auto bytes = bytes_of(from_, number_, column);
  const Oid of = PQftype(from_, column);
  if (of == type::float8 && bytes.size() == 8)
    return std::bit_cast<double>(big_endian<std::uint64_t>(bytes.data()));
  if (of == type::float4 && bytes.size() == 4)
    return static_cast<double>(std::bit_cast<float>(big_endian<std::uint32_t>(bytes.data())));
  wrong_type(from_, column, "a floating-point number");
}

std::string_view row::read(int column, std::string_view*) const {
  const auto bytes = bytes_of(from_, number_, column);
  const Oid of = PQftype(from_, column);
  if (of == type::jsonb && !bytes.empty() && bytes[0] == 1) // jsonb_send: a version, then the text
    return bytes.substr(1);
  if (!is_text(of))
    wrong_type(from_, column, "text");
  return bytes;
}

std::string row::read(int column, std::string*) const { return std::string(get<std::string_view>(column)); }

uuid row::read(int column, uuid*) const {
  const auto bytes = bytes_of(from_, number_, column);
  uuid id;
  if (PQftype(from_, column) != type::uuid || bytes.size() != id.size())
    wrong_type(from_, column, "uuid");
  std::memcpy(id.begin(), bytes.data(), id.size());
  return id;
}

time_point row::read(int column, time_point*) const {
  using namespace std::chrono;
  constexpr microseconds epoch = sys_days{year{2000} / January / 1}.time_since_epoch();
  const auto bytes = bytes_of(from_, number_, column);
  if (PQftype(from_, column) != type::timestamptz || bytes.size() != 8)
    wrong_type(from_, column, "timestamptz");
  const auto since = big_endian<std::int64_t>(bytes.data());
  // DT_NOBEGIN and DT_NOEND, -infinity and infinity, are the ends of the range.
  if (since == std::numeric_limits<std::int64_t>::min() ||
      since > std::numeric_limits<std::int64_t>::max() - epoch.count())
    fail(from_, column, "is no finite time");
  return time_point(microseconds(since) + epoch);
}

std::vector<std::int64_t> row::read(int column, std::vector<std::int64_t>*) const {
  const auto bytes = bytes_of(from_, number_, column);
  if (!is_integer_array(PQftype(from_, column)))
    wrong_type(from_, column, "an array of integers");
  std::vector<std::int64_t> out;
  for_each_element(from_, column, bytes, [&](Oid of, std::string_view element) {
    const auto value = integer(of, element);
    if (!value)
      fail(from_, column, "array element is no integer");
    out.push_back(*value);
  });
  return out;
}

std::vector<int> row::read(int column, std::vector<int>*) const {
  std::vector<int> out;
  std::ranges::transform(get<std::vector<std::int64_t>>(column), std::back_inserter(out),
                         [&](std::int64_t value) { return narrowed(from_, column, value); });
  return out;
}

std::vector<std::string> row::read(int column, std::vector<std::string>*) const {
  const auto bytes = bytes_of(from_, number_, column);
  if (!is_text_array(PQftype(from_, column)))
    wrong_type(from_, column, "an array of text");
  std::vector<std::string> out;
  for_each_element(from_, column, bytes, [&](Oid of, std::string_view element) {
    if (!is_text(of))
      fail(from_, column, "array element is no text");
    out.emplace_back(element);
  });
  return out;
}

rows::rows(pg_result* owned)
    : from_(owned, [](const pg_result* r) { PQclear(const_cast<pg_result*>(r)); }),
      size_(owned ? PQntuples(owned) : 0) {}

std::int64_t rows::affected() const {
  if (!from_)
    return 0;
  const std::string_view count = PQcmdTuples(const_cast<pg_result*>(from_.get()));
  return count.empty() ? 0 : std::stoll(std::string(count));
}

} // namespace nexus::db
