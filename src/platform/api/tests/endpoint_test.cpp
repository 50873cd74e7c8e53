// Endpoints through the dispatcher, without a socket and without a database.
#include "platform/api/dispatch.hpp"
#include "platform/api/openapi.hpp"
#include "platform/api/page.hpp"
#include "platform/async/run.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace nexus::api {
namespace {

inline constexpr error_kind sold_out{"sold_out", 409, "Sold out"};

struct thing_path {
  std::int64_t id = 0;
  static constexpr std::string_view schema_name = "ThingPath";
  template <class V>
  static constexpr void fields(V&& field) {
    field("id", &thing_path::id, {.minimum = 1});
  }
};
struct thing_query {
  std::optional<int> limit;
  static constexpr std::string_view schema_name = "ThingQuery";
  template <class V>
  static constexpr void fields(V&& field) {
    field("limit", &thing_query::limit, {.minimum = 1, .maximum = 9});
  }
};
struct thing {
  std::string name;
  int size = 0;
  static constexpr std::string_view schema_name = "Thing";
  template <class V>
  static constexpr void fields(V&& field) {
    field("name", &thing::name, {.min_length = 1, .max_length = 5});
    field("size", &thing::size, {.minimum = 1});
  }
};

std::vector<endpoint> table() {
  return under(
      "/things", "Things",
      {
          get("/{id}/", "get_thing", "One")
              .open()
              .cacheable()
              .handle([](context&, request<thing_path, thing_query> in) -> awaitable<result<thing>> {
                co_return thing{"t", static_cast<int>(in.path.id)};
              }),
          post("/", "make_thing", "Make")
              .open()
              .created()
              .fails({&sold_out})
              .handle([](context& c, request<none, none, thing> in) -> awaitable<result<thing>> {
                if (in.body.name == "gone")
                  co_return problem(sold_out, "None left.");
                if (in.body.name == "throw")
                  throw std::runtime_error("the password is hunter2");
                c.answer_headers.emplace_back("Location", "/things/1/");
                co_return in.body;
              }),
          post("/sign-in/", "sign_in", "Sign in")
              .anonymous()
              .handle([](context&, request<>) -> awaitable<result<none>> { co_return none{}; }),
          del("/{id}/", "delete_thing", "Delete")
              .needs("things.write")
              .handle([](context&, request<thing_path>) -> awaitable<result<none>> { co_return none{}; }),
      });
}

// Tokens are "user" and "staff"; "old" has expired.
class fake_authenticator : public authenticator {
public:
  [[nodiscard]] result<principal> authenticate(std::string_view token, time_point) const override {
    if (token == "user")
      return principal{1, "u@example.com", {}};
    if (token == "staff")
      return principal{2, "s@example.com", {"things.write"}};
    return problem(token == "old" ? errors::token_expired : errors::not_authenticated, "No.");
  }
};

class Dispatch : public testing::Test {
protected:
  http::response send(http::method m, std::string target,
                      std::vector<std::pair<std::string_view, std::string_view>> headers = {},
                      std::string body = {}) {
    target_ = std::move(target);
    body_ = std::move(body);
    http::request r;
    r.method = m;
    r.method_name = http::to_string(m);
    r.target = target_;
    const std::string_view all = target_;
    const auto mark = std::min(all.find('?'), all.size());
    r.path = all.substr(0, mark);
    r.query = mark < all.size() ? all.substr(mark + 1) : std::string_view{};
    r.headers = std::move(headers);
    r.body = body_;
    return run_to_end(loop_, [&](executor) { return handler_(r); });
  }
  http::response post_json(std::string body) {
    return send(http::method::post, "/things/", {{"Content-Type", "application/json"}}, std::move(body));
  }

  static std::string header(const http::response& r, std::string_view name) {
    for (const auto& [n, v] : r.headers)
      if (n == name)
        return v;
    return {};
  }
  static std::string code(const http::response& r) {
    EXPECT_EQ(r.content_type, "application/problem+json");
    return std::string(boost::json::parse(r.body).at("code").as_string());
  }

  boost::asio::io_context loop_{1};
  db::database database_{loop_.get_executor(), db::options{}};
  system_clock clock_;
  router router_{table()};
  fake_authenticator authenticator_;
  http::handler handler_ = make_handler(std::make_shared<dispatch_options>(dispatch_options{
                                            &router_, &authenticator_, &clock_, "http://shop", {}}),
                                        database_);
  std::string target_, body_;
};

TEST_F(Dispatch, AnswersAndTagsWhatCanBeCached) {
  const auto first = send(http::method::get, "/things/7/?limit=3");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, R"({"name":"t","size":7})");
  EXPECT_FALSE(header(first, "X-Request-Id").empty());
  EXPECT_NE(header(first, "Server-Timing").find("0 statements"), std::string::npos);
  const std::string etag = header(first, "ETag");
  ASSERT_FALSE(etag.empty());
  const auto again = send(http::method::get, "/things/7/", {{"If-None-Match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
}

TEST_F(Dispatch, NamesEveryFieldAtFault) {
  const auto answer = post_json(R"({"name":"too long","size":0,"colour":"red"})");
  EXPECT_EQ(answer.status, 422);
  const auto problem = boost::json::parse(answer.body);
  EXPECT_EQ(problem.at("errors").as_array().size(), 3U) << answer.body;
}

struct refused_request {
  const char* what;
  http::method method;
  const char *target, *content_type, *authorization, *body;
  int status;
  const char* code;

  friend void PrintTo(const refused_request& r, std::ostream* out) { *out << r.what; }
};
class DispatchRefuses : public Dispatch, public testing::WithParamInterface<refused_request> {};
TEST_P(DispatchRefuses, WithTheRightProblem) {
  const auto& p = GetParam();
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  if (*p.content_type != 0)
    headers.emplace_back("Content-Type", p.content_type);
  if (*p.authorization != 0)
    headers.emplace_back("Authorization", p.authorization);
  const auto answer = send(p.method, p.target, headers, p.body);
  EXPECT_EQ(answer.status, p.status) << p.what << ": " << answer.body;
  EXPECT_EQ(code(answer), p.code) << p.what;
}
constexpr const char* as_json = "application/json";
INSTANTIATE_TEST_SUITE_P(
    All, DispatchRefuses,
    testing::Values(
        refused_request{"no such path", http::method::get, "/nothing/", "", "", "", 404, "not_found"},
        refused_request{"no such method", http::method::put, "/things/", "", "", "", 405,
                        "method_not_allowed"},
        refused_request{"an id that cannot be", http::method::get, "/things/x/", "", "", "", 404,
                        "not_found"},
        refused_request{"an id too large", http::method::get, "/things/99999999999999999999/", "", "", "",
                        404, "not_found"},
        refused_request{"an unknown parameter", http::method::get, "/things/1/?limt=3", "", "", "", 422,
                        "validation_error"},
        refused_request{"a parameter out of range", http::method::get, "/things/1/?limit=10", "", "", "", 422,
                        "validation_error"},
        refused_request{"a broken escape", http::method::get, "/things/1/?limit=%4", "", "", "", 400,
                        "malformed_request"},
        refused_request{"no JSON", http::method::post, "/things/", as_json, "", "{", 400,
                        "malformed_request"},
        refused_request{"an array", http::method::post, "/things/", as_json, "", "[]", 422,
                        "validation_error"},
        refused_request{"no body", http::method::post, "/things/", "", "", "", 400, "malformed_request"},
        refused_request{"a form", http::method::post, "/things/", "application/x-www-form-urlencoded", "",
                        "a=b", 415, "unsupported_media_type"},
        refused_request{"a refusal of the handler's", http::method::post, "/things/", as_json, "",
                        R"({"name":"gone","size":1})", 409, "sold_out"},
        refused_request{"a mistake of ours", http::method::post, "/things/", as_json, "",
                        R"({"name":"throw","size":1})", 500, "internal_error"},
        refused_request{"nobody", http::method::delete_, "/things/1/", "", "", "", 401, "not_authenticated"},
        refused_request{"another scheme", http::method::delete_, "/things/1/", "", "Basic dTpw", "", 401,
                        "not_authenticated"},
        refused_request{"a bad token where none is needed", http::method::get, "/things/1/", "", "Bearer x",
                        "", 401, "not_authenticated"},
        refused_request{"an old token", http::method::delete_, "/things/1/", "", "Bearer old", "", 401,
                        "token_expired"},
        refused_request{"without the permission", http::method::delete_, "/things/1/", "", "Bearer user", "",
                        403, "permission_denied"}));

TEST_F(Dispatch, LetsThoseInWhoMay) {
  EXPECT_EQ(send(http::method::delete_, "/things/1/", {{"Authorization", "bearer staff"}}).status, 204);
}

TEST_F(Dispatch, LetsAClientWithAnOldTokenSignInAgain) {
  EXPECT_EQ(send(http::method::post, "/things/sign-in/", {{"Authorization", "Bearer old"}}).status, 204);
}

TEST_F(Dispatch, TellsNothingOfTheInside) {
  EXPECT_EQ(post_json(R"({"name":"throw","size":1})").body.find("hunter2"), std::string::npos);
}

TEST_F(Dispatch, TakesARequestIdThatIsHarmless) {
  EXPECT_EQ(header(send(http::method::get, "/things/1/", {{"X-Request-Id", "abc-1"}}), "X-Request-Id"),
            "abc-1");
  EXPECT_NE(header(send(http::method::get, "/things/1/", {{"X-Request-Id", "a b\"<"}}), "X-Request-Id"),
            "a b\"<");
}

TEST_F(Dispatch, TellsWhatIsAllowed) {
  EXPECT_EQ(header(send(http::method::put, "/things/"), "Allow"), "OPTIONS, POST");
  EXPECT_EQ(send(http::method::options, "/things/").status, 204);
}

TEST(OpenApi, FollowsFromTheDeclarations) {
  const auto endpoints = table();
  const auto document =
      openapi_document({"Shop", "1", "", "http://shop", {{"Things", "All of them"}}}, endpoints);
  const auto& make = document.at("paths").at("/things/").at("post");
  EXPECT_EQ(make.at("operationId").as_string(), "make_thing");
  for (const char* status : {"201", "400", "409", "413", "415", "422", "500", "503"})
    EXPECT_TRUE(make.at("responses").as_object().contains(status)) << status;
  EXPECT_EQ(make.at("tags").as_array().size(), 1U);
  const auto& parameters = document.at("paths").at("/things/{id}/").at("get").at("parameters").as_array();
  EXPECT_EQ(parameters.at(0).at("in").as_string(), "path");
  EXPECT_EQ(parameters.at(1).at("name").as_string(), "limit");
  EXPECT_TRUE(document.at("components").at("schemas").as_object().contains("Problem"));
}

} // namespace
} // namespace nexus::api
