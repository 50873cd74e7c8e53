// Values to and from PostgreSQL. Parameters go as text (the server knows their types), results come as
// binary.
#pragma once

#include "core/clock.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

struct pg_result;

namespace nexus::db {

// The parameters of one statement. Accepts bool, integers, double, text, uuid, time_point, std::optional of
// those, and std::vector (a PostgreSQL array; of optional for one with nulls). Text with a NUL throws
// std::invalid_argument: what comes from outside was checked before.
class params {
public:
  params() = default;
  template <class... A>
  static params of(const A&... values) {
    params p;
    p.items_.reserve(sizeof...(values));
    (p.add(values), ...);
    return p;
  }

  void add(std::nullopt_t) { items_.emplace_back(); }
  template <std::same_as<bool> T> // and not what converts to it
  void add(T value) {
    items_.emplace_back(value ? "t" : "f");
  }
  void add(double value);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void add(T value) {
    items_.emplace_back(std::to_string(value));
  }
  void add(std::string_view value);
  void add(const std::string& value) { add(std::string_view(value)); }
  void add(const char* value) { add(std::string_view(value)); }
  void add(const uuid& value) { items_.emplace_back(to_string(value)); }
  void add(time_point value) { items_.emplace_back(to_rfc3339(value)); }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value)
      add(*value);
    else
      add(std::nullopt);
  }
  template <class T>
  void add(const std::vector<T>& values) {
    std::string array = "{";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 0)
        array += ',';
      append_element(array, values[i]);
    }
    array += '}';
    items_.emplace_back(std::move(array));
  }

  [[nodiscard]] std::span<const std::optional<std::string>> items() const { return items_; }

private:
  template <class T>
  static void append_element(std::string& array, const T& value) {
    if constexpr (std::is_same_v<T, bool>)
      array += value ? 't' : 'f';
    else if constexpr (std::is_integral_v<T>)
      array += std::to_string(value);
    else if constexpr (std::is_same_v<T, uuid>)
      array += to_string(value);
    else if constexpr (std::is_same_v<T, time_point>)
      append_quoted(array, to_rfc3339(value));
    else if constexpr (std::is_convertible_v<const T&, std::string_view>)
      append_quoted(array, value);
    else if (value)
      append_element(array, *value);
    else
      array += "NULL";
  }
  static void append_quoted(std::string& array, std::string_view value);

  std::vector<std::optional<std::string>> items_;
};

// One row of a result; a view, valid while its rows live.
class row {
public:
  row(const pg_result* from, int number) : from_(from), number_(number) {}

  // T: bool, int, std::int64_t (from int2, int4, int8), double, std::string, std::string_view (text, varchar,
  // citext, jsonb's text form when cast), uuid, time_point (timestamptz), std::optional of those,
  // std::vector<std::int64_t>, std::vector<int>, std::vector<std::string>. Throws std::logic_error where the
  // column is NULL and T is not optional, or of another type.
  template <class T>
  [[nodiscard]] T get(int column) const;

  [[nodiscard]] bool is_null(int column) const;

  // All columns at once: auto [id, name] = row.as<std::int64_t, std::string>(); the number must match.
  template <class... T>
  [[nodiscard]] std::tuple<T...> as() const {
    check_columns(sizeof...(T));
    return as_impl<T...>(std::index_sequence_for<T...>{});
  }

private:
  template <class... T, std::size_t... I>
  std::tuple<T...> as_impl(std::index_sequence<I...>) const {
    return {get<T>(static_cast<int>(I))...};
  }
  void check_columns(std::size_t expected) const;
  [[nodiscard]] bool read(int column, bool*) const;
  [[nodiscard]] int read(int column, int*) const;
  [[nodiscard]] std::int64_t read(int column, std::int64_t*) const;
  [[nodiscard]] double read(int column, double*) const;
  [[nodiscard]] std::string_view read(int column, std::string_view*) const;
  [[nodiscard]] std::string read(int column, std::string*) const;
  [[nodiscard]] uuid read(int column, uuid*) const;
  [[nodiscard]] time_point read(int column, time_point*) const;
  [[nodiscard]] std::vector<std::int64_t> read(int column, std::vector<std::int64_t>*) const;
  [[nodiscard]] std::vector<int> read(int column, std::vector<int>*) const;
  [[nodiscard]] std::vector<std::string> read(int column, std::vector<std::string>*) const;
  template <class T>
  [[nodiscard]] std::optional<T> read(int column, std::optional<T>*) const {
    if (is_null(column))
      return std::nullopt;
    return get<T>(column);
  }

  const pg_result* from_;
  int number_;
};

template <class T>
T row::get(int column) const {
  return read(column, static_cast<T*>(nullptr));
}

// A result; owns it.
class rows {
public:
  rows() = default;
  explicit rows(pg_result* owned);

  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] row operator[](int i) const { return {from_.get(), i}; }
  [[nodiscard]] row front() const { return (*this)[0]; }
  // Rows written by an INSERT, UPDATE or DELETE.
  [[nodiscard]] std::int64_t affected() const;

  class iterator {
  public:
    iterator(const rows* of, int i) : of_(of), i_(i) {}
    row operator*() const { return (*of_)[i_]; }
    iterator& operator++() {
      ++i_;
      return *this;
    }
    bool operator!=(const iterator& other) const { return i_ != other.i_; }

  private:
    const rows* of_;
    int i_;
  };
  [[nodiscard]] iterator begin() const { return {this, 0}; }
  [[nodiscard]] iterator end() const { return {this, size_}; }

private:
  std::shared_ptr<const pg_result> from_;
  int size_ = 0;
};

} // namespace nexus::db
