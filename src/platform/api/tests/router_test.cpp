#include "platform/api/router.hpp"

#include <gtest/gtest.h>

namespace nexus::api {
namespace {

endpoint at(http::method m, std::string path) {
  endpoint e;
  e.method = m;
  e.path = std::move(path);
  return e;
}

router table() {
  using http::method;
  return router({at(method::get, "/api/orders/"), at(method::post, "/api/orders/"),
                 at(method::get, "/api/orders/{id}/"), at(method::get, "/api/orders/mine/"),
                 at(method::post, "/api/orders/{id}/cancel/"), at(method::get, "/healthz")});
}

std::string found(const router& r, http::method m, std::string_view path) {
  const auto match = r.find(m, path);
  if (match.found == nullptr)
    return match.allowed.empty() ? "none" : "allowed " + match.allowed;
  std::string text = match.found->path;
  for (const auto& [name, value] : match.path)
    text += " " + name + "=" + value;
  return text;
}

TEST(Router, FindsWithAndWithoutTheLastSlash) {
  const router r = table();
  EXPECT_EQ(found(r, http::method::get, "/api/orders/"), "/api/orders/");
  EXPECT_EQ(found(r, http::method::get, "/api/orders"), "/api/orders/");
  EXPECT_EQ(found(r, http::method::get, "/healthz"), "/healthz");
  EXPECT_EQ(found(r, http::method::get, "/healthz/"), "/healthz");
}

TEST(Router, LiteralsWinOverParameters) {
  const router r = table();
  EXPECT_EQ(found(r, http::method::get, "/api/orders/mine/"), "/api/orders/mine/");
  EXPECT_EQ(found(r, http::method::get, "/api/orders/7/"), "/api/orders/{id}/ id=7");
  EXPECT_EQ(found(r, http::method::post, "/api/orders/mine/cancel/"), "/api/orders/{id}/cancel/ id=mine");
}

TEST(Router, DecodesWhatAParameterMatched) {
  EXPECT_EQ(found(table(), http::method::get, "/api/orders/a%20b%2Fc/"), "/api/orders/{id}/ id=a b/c");
  EXPECT_EQ(found(table(), http::method::get, "/api/orders/%zz/"), "none");
}

TEST(Router, NamesTheMethodsThatAreAllowed) {
  const router r = table();
  EXPECT_EQ(found(r, http::method::delete_, "/api/orders/"), "allowed OPTIONS, GET, HEAD, POST");
  EXPECT_EQ(found(r, http::method::head, "/api/orders/"), "/api/orders/");
  EXPECT_EQ(found(r, http::method::head, "/api/orders/7/cancel/"), "allowed OPTIONS, POST");
}

TEST(Router, FindsNothingElsewhere) {
  const router r = table();
  for (const std::string_view path :
       {"", "*", "/", "/api", "/api//orders/", "/api/orders//", "/api/orders/7/cancel/now/", "api/orders/"})
    EXPECT_EQ(found(r, http::method::get, path), "none") << path;
}

TEST(Router, RefusesTwoEndpointsAtOnePlace) {
  EXPECT_THROW(router({at(http::method::get, "/a/{x}/"), at(http::method::get, "/a/{y}/")}),
               std::logic_error);
}

} // namespace
} // namespace nexus::api
