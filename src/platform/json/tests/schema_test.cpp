#include "platform/json/schema.hpp"

#include "platform/json/tests/sample.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexus::json {
namespace {

using boost::json::object;
using boost::json::value;

object expected(std::string_view text) { return boost::json::parse(text).as_object(); }

// The component's property of that name.
const object& property(const schema_set& set, std::string_view component, std::string_view name) {
  return set.components().at(component).at("properties").at(name).as_object();
}

TEST(Schema, RequestSaysAllThatDecodingChecks) {
  schema_set set;
  EXPECT_EQ(set.of<sample::everything>(direction::request),
            expected(R"({"$ref": "#/components/schemas/EverythingRequest"})"));
  EXPECT_EQ(set.components().at("EverythingRequest").as_object(), expected(R"({
    "type": "object",
    "properties": {
      "flag": {"type": "boolean"},
      "name": {"type": "string", "minLength": 1, "maxLength": 5},
      "price": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$"},
      "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
      "id": {"type": "string", "format": "uuid"},
      "at": {"type": "string", "format": "date-time"},
      "colour": {"type": "string", "enum": ["red", "dark_blue"]},
      "note": {"type": ["string", "null"], "minLength": 2, "maxLength": 10000},
      "items": {"type": "array", "items": {"$ref": "#/components/schemas/ItemRequest"}, "minItems": 1, "maxItems": 3},
      "stock": {"type": "object", "additionalProperties": {"type": "integer", "format": "int32", "minimum": 0}},
      "page_size": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 100}
    },
    "required": ["flag", "name", "price", "currency", "id", "at", "colour", "items", "stock"],
    "additionalProperties": false
  })"));
  EXPECT_EQ(set.components().at("ItemRequest").as_object(), expected(R"({
    "type": "object",
    "properties": {
      "variant_id": {"type": "integer", "format": "int64", "minimum": 1, "description": "What to add", "examples": [42]},
      "quantity": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 10000}
    },
    "required": ["variant_id", "quantity"],
    "additionalProperties": false
  })"));
}

TEST(Schema, AnswerPromisesNoMoreThanIsSent) {
  schema_set set;
  set.of<sample::answer>(direction::answer);
  EXPECT_EQ(set.components().at("Answer").as_object(), expected(R"({
    "type": "object",
    "properties": {
      "id": {"type": "string", "format": "uuid"},
      "total": {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$", "description": "With tax", "examples": ["1250.00"]},
      "note": {"type": ["string", "null"]},
      "left_out": {"type": "integer", "format": "int32"},
      "at": {"type": "string", "format": "date-time"},
      "colour": {"type": "string", "enum": ["red", "dark_blue"]},
      "numbers": {"type": "array", "items": {"type": "integer", "format": "int32"}},
      "texts": {"type": "object", "additionalProperties": {"type": "string"}},
      "extra": {}
    },
    "required": ["id", "total", "note", "at", "colour", "numbers", "texts", "extra"]
  })"));
}

TEST(Schema, AnswerHasWhatARequestMayLeaveOut) {
  schema_set set;
  set.of<sample::everything>(direction::answer);
  const object& schema = set.components().at("Everything").as_object();
  EXPECT_EQ(schema.at("required").as_array().size(), schema.at("properties").as_object().size());
  EXPECT_FALSE(schema.contains("additionalProperties"));
}

TEST(Schema, BothDirectionsHaveComponentsOfTheirOwn) {
  schema_set set;
  set.of<sample::item>(direction::request);
  set.of<sample::item>(direction::answer);
  set.of<sample::item>(direction::request);
  EXPECT_EQ(set.components().size(), 2U);
  EXPECT_TRUE(set.components().at("ItemRequest").as_object().contains("additionalProperties"));
  EXPECT_FALSE(set.components().at("Item").as_object().contains("additionalProperties"));
}

TEST(Schema, FormsAreNamed) {
  schema_set set;
  set.of<sample::forms>(direction::request);
  EXPECT_EQ(property(set, "FormsRequest", "email"),
            expected(R"({"type": ["string", "null"], "format": "email", "minLength": 1, "maxLength": 254})"));
  EXPECT_EQ(property(set, "FormsRequest", "url").at("format"), "uri");
  EXPECT_EQ(property(set, "FormsRequest", "country").at("pattern"), "^[A-Z]{2}$");
  EXPECT_EQ(
      property(set, "FormsRequest", "password"),
      expected(R"({"type": ["string", "null"], "format": "password", "minLength": 8, "maxLength": 128})"));
  set.of<sample::forms>(direction::answer);
  EXPECT_EQ(property(set, "Forms", "email"), expected(R"({"type": ["string", "null"], "format": "email"})"));
  EXPECT_EQ(property(set, "Forms", "slug"), expected(R"({"type": ["string", "null"]})"));
}

TEST(Schema, NullIsAmongWhatAnOptionalMayBe) {
  schema_set set;
  EXPECT_EQ(set.of<std::optional<sample::colour>>(direction::answer),
            expected(R"({"type": ["string", "null"], "enum": ["red", "dark_blue", null]})"));
  EXPECT_EQ(set.of<std::optional<sample::item>>(direction::answer),
            expected(R"({"anyOf": [{"$ref": "#/components/schemas/Item"}, {"type": "null"}]})"));
  EXPECT_EQ(set.of<std::optional<raw>>(direction::answer), object{});
  EXPECT_EQ((set.of<std::optional<std::optional<int>>>(direction::request)),
            expected(R"({"type": ["integer", "null"], "format": "int32"})"));
}

TEST(Schema, RecursiveTypesEnd) {
  schema_set set;
  set.of<sample::node>(direction::answer);
  EXPECT_EQ(property(set, "Node", "children"),
            expected(R"({"type": "array", "items": {"$ref": "#/components/schemas/Node"}})"));
}

struct other_item {
  int x = 0;
  static constexpr std::string_view schema_name = "Item";
  template <class V>
  static constexpr void fields(V&& field) {
    field("x", &other_item::x);
  }
};

struct sign_in_request {
  int x = 0;
  static constexpr std::string_view schema_name = "SignInRequest";
  template <class V>
  static constexpr void fields(V&& field) {
    field("x", &sign_in_request::x);
  }
};

struct sign_in {
  int x = 0;
  static constexpr std::string_view schema_name = "SignIn";
  template <class V>
  static constexpr void fields(V&& field) {
    field("x", &sign_in::x);
  }
};

template <class T>
std::string error_of(schema_set& set, direction d) {
  try {
    set.of<T>(d);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return {};
}

TEST(Schema, TwoTypesOfOneNameAreRefused) {
  schema_set set;
  set.of<sample::item>(direction::answer);
  EXPECT_THAT(error_of<other_item>(set, direction::answer), testing::HasSubstr("\"Item\""));
  EXPECT_THAT(error_of<std::vector<other_item>>(set, direction::answer), testing::HasSubstr("\"Item\""));
  EXPECT_EQ(error_of<sample::item>(set, direction::answer), "");
}

TEST(Schema, RequestIsAddedToANameOnce) {
  schema_set set;
  set.of<sign_in_request>(direction::request);
  EXPECT_TRUE(set.components().contains("SignInRequest"));
  EXPECT_EQ(set.components().size(), 1U);
  EXPECT_THAT(error_of<sign_in>(set, direction::request), testing::HasSubstr("\"SignInRequest\""));
  EXPECT_THAT(error_of<sign_in_request>(set, direction::answer), testing::HasSubstr("\"SignInRequest\""));
  EXPECT_EQ(error_of<sign_in>(set, direction::answer), "");
}

} // namespace
} // namespace nexus::json
