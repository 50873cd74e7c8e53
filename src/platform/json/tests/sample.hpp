// Types with field lists that use every kind of member, for the tests of this folder.
#pragma once

#include "platform/json/fields.hpp"

#include <array>

namespace nexus::json::sample {

enum class colour { red, dark_blue };
constexpr std::array<std::string_view, 2> enum_names(colour) { return {"red", "dark_blue"}; }

struct item {
  std::int64_t variant_id = 0;
  int quantity = 0;
  friend bool operator==(const item&, const item&) = default;

  static constexpr std::string_view schema_name = "Item";
  template <class V>
  static constexpr void fields(V&& field) {
    field("variant_id", &item::variant_id, {.minimum = 1, .doc = "What to add", .example = "42"});
    field("quantity", &item::quantity, {.minimum = 1, .maximum = 10'000});
  }
};

struct everything {
  bool flag = false;
  std::string name;
  decimal price;
  nexus::currency currency;
  uuid id{};
  time_point at;
  sample::colour colour = sample::colour::red;
  std::optional<std::string> note;
  std::vector<item> items;
  std::map<std::string, int> stock;
  int page_size = 20;

  static constexpr std::string_view schema_name = "Everything";
  template <class V>
  static constexpr void fields(V&& field) {
    field("flag", &everything::flag);
    field("name", &everything::name, {.min_length = 1, .max_length = 5});
    field("price", &everything::price, {.minimum = 0, .maximum = 1000});
    field("currency", &everything::currency);
    field("id", &everything::id);
    field("at", &everything::at);
    field("colour", &everything::colour);
    field("note", &everything::note, {.min_length = 2});
    field("items", &everything::items, {.min_length = 1, .max_length = 3});
    field("stock", &everything::stock, {.minimum = 0});
    field("page_size", &everything::page_size, {.minimum = 1, .maximum = 100, .optional = true});
  }
};

struct patch {
  std::optional<std::string> name;
  std::optional<std::optional<std::int64_t>> parent;

  static constexpr std::string_view schema_name = "Patch";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &patch::name);
    field("parent", &patch::parent, {.minimum = 1});
  }
};

struct forms {
  std::optional<std::string> email, url, country, slug, sku, password, plain;

  static constexpr std::string_view schema_name = "Forms";
  template <class V>
  static constexpr void fields(V&& field) {
    field("email", &forms::email, {.form = format::email});
    field("url", &forms::url, {.form = format::url});
    field("country", &forms::country, {.form = format::country});
    field("slug", &forms::slug, {.form = format::slug});
    field("sku", &forms::sku, {.max_length = 64, .form = format::sku});
    field("password", &forms::password, {.min_length = 8, .max_length = 128, .form = format::password});
    field("plain", &forms::plain, {.trim = false});
  }
};

struct node {
  std::string name;
  std::vector<node> children;

  static constexpr std::string_view schema_name = "Node";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &node::name);
    field("children", &node::children);
  }
};

struct answer {
  nexus::uuid id{};
  money total;
  std::optional<std::string> note;
  std::optional<int> left_out;
  time_point at;
  sample::colour colour = sample::colour::red;
  std::vector<int> numbers;
  std::map<std::string, std::string> texts;
  raw extra{"{}"};

  static constexpr std::string_view schema_name = "Answer";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &answer::id);
    field("total", &answer::total, {.doc = "With tax", .example = "1250.00"});
    field("note", &answer::note, {.min_length = 2, .max_length = 100});
    field("left_out", &answer::left_out, {.minimum = 1, .maximum = 5, .omit_null = true});
    field("at", &answer::at);
    field("colour", &answer::colour);
    field("numbers", &answer::numbers, {.min_length = 1, .max_length = 2});
    field("texts", &answer::texts);
    field("extra", &answer::extra);
  }
};

} // namespace nexus::json::sample
