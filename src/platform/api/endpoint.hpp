// An endpoint, declared once.
//
//   api::endpoint add_item() {
//     return api::post("/cart/{cart_id}/items/", "add_cart_item", "Add a variant to a cart")
//         .open()                                  // or signed_in(), or needs("catalogue.write")
//         .created()                               // 201; the default is 200, or 204 for none
//         .idempotent()                            // honours Idempotency-Key
//         .fails({&errors::not_found, &insufficient_stock})
//         .handle([](api::context& c, db::transaction& tx, api::request<cart_path, none, add_item_body> in)
//                     -> awaitable<result<cart_view>> { … });
//   }
//
// The handler's own types say what is decoded from the path, the query and the body, and what is encoded. A
// handler that takes a db::transaction& runs inside one: a value commits it, together with the stored answer
// of an Idempotency-Key; a problem rolls it back; 40001 and 40P01 run it again as a whole. Handlers without
// it use c.db.
//
// A handler may answer T (a described type, or a list of one), none, or http::response for what is not JSON.
#pragma once

#include "platform/api/context.hpp"
#include "platform/json/decode.hpp"
#include "platform/json/encode.hpp"
#include "platform/json/schema.hpp"

#include <functional>
#include <initializer_list>
#include <span>

namespace nexus::api {

template <class Path = none, class Query = none, class Body = none>
struct request {
  Path path;
  Query query;
  Body body;
};

// anonymous: whatever Authorization holds is not looked at, so that a client with an expired token can sign
// in again.
enum class access { anonymous, open, signed_in, permission };

// What a violated constraint means to the client.
struct constraint_rule {
  std::string_view constraint; // its name in the schema
  std::string_view pointer;    // the field at fault; empty: the request as a whole (409 conflict)
  std::string_view code;       // "not_unique", "unknown_reference", …
  std::string_view detail;
};

// What the answer of a handler is made of, before its headers.
struct encoded_answer {
  int status = 200;
  std::string content_type;
  std::string body;
};

struct endpoint {
  http::method method = http::method::get;
  std::string path; // "/cart/{cart_id}/items/"
  std::string operation_id, summary, description, tag;
  api::access access = api::access::open;
  std::string permission;
  int success_status = 200;
  std::vector<const error_kind*> errors;
  std::vector<constraint_rule> constraints;
  std::vector<std::string_view> races; // constraints whose violation means: run the transaction again
  bool is_idempotent = false;
  bool is_cacheable = false; // strong ETag, If-None-Match
  bool ignores_unknown_query = false;
  bool reads_raw_body = false;
  bool has_body = false; // JSON is demanded and decoded
  bool is_transactional = false;
  bool is_hidden = false; // not in the OpenAPI document
  std::string request_media_type = "application/json";
  std::string other_media_type; // beside JSON: "text/html"
  // Beside success_status and the errors, of handlers that answer http::response: 202 (the same body), 303
  // (none).
  std::vector<std::pair<int, std::string>> other_statuses = {};

  struct parts {                    // of the OpenAPI document
    boost::json::array path, query; // {"name", "required", "schema", "description"?}
    boost::json::object body, answer;
  };
  std::function<parts(json::schema_set&)> describe;

  using parameters = json::text_parameters;
  // tx is null unless is_transactional.
  std::function<awaitable<result<encoded_answer>>(context&, db::transaction* tx, const parameters& path,
                                                  const parameters& query)>
      run;
};

namespace detail {

// Of a lambda, or of a function.
template <class F>
struct handler_traits : handler_traits<decltype(&F::operator())> {};
template <class Out, class P, class Q, class B>
struct handler_traits<awaitable<result<Out>> (*)(context&, request<P, Q, B>)> {
  using out = Out;
  using path = P;
  using query = Q;
  using body = B;
  static constexpr bool transactional = false;
};
template <class Out, class P, class Q, class B>
struct handler_traits<awaitable<result<Out>> (*)(context&, db::transaction&, request<P, Q, B>)>
    : handler_traits<awaitable<result<Out>> (*)(context&, request<P, Q, B>)> {
  static constexpr bool transactional = true;
};
template <class F, class Out, class P, class Q, class B>
struct handler_traits<awaitable<result<Out>> (F::*)(context&, request<P, Q, B>) const> {
  using out = Out;
  using path = P;
  using query = Q;
  using body = B;
  static constexpr bool transactional = false;
};
template <class F, class Out, class P, class Q, class B>
struct handler_traits<awaitable<result<Out>> (F::*)(context&, db::transaction&, request<P, Q, B>) const> {
  using out = Out;
  using path = P;
  using query = Q;
  using body = B;
  static constexpr bool transactional = true;
};

template <class T>
inline constexpr bool is_none = std::is_same_v<T, none>;

template <class Path, class Query, class Body>
result<request<Path, Query, Body>> decode_request(const http::request& from, const endpoint::parameters& path,
                                                  const endpoint::parameters& query, bool refuse_unknown) {
  request<Path, Query, Body> out;
  if constexpr (!is_none<Path>) {
    auto decoded = json::decode_text<Path>(path, true);
    if (!decoded) // an id that cannot be one: there is nothing under it
      return problem(errors::not_found, "There is nothing at this address.");
    out.path = std::move(*decoded);
  }
  if constexpr (!is_none<Query>) {
    auto decoded = json::decode_text<Query>(query, refuse_unknown);
    if (!decoded)
      return decoded.error();
    out.query = std::move(*decoded);
  } else if (refuse_unknown && !query.empty()) {
    return problem(errors::validation_error, "The query has parameters that are not valid.",
                   {{"?" + query.front().first, "unknown_parameter", "There is no such parameter."}});
  }
  if constexpr (!is_none<Body>) {
    auto parsed = json::parse(from.body);
    if (!parsed)
      return parsed.error();
    auto decoded = json::decode<Body>(*parsed);
    if (!decoded)
      return decoded.error();
    out.body = std::move(*decoded);
  }
  return out;
}

template <class Out>
encoded_answer encode_answer(Out&& value, int status) {
  using T = std::remove_cvref_t<Out>;
  if constexpr (is_none<T>)
    return {status, {}, {}};
  else
    return {status, "application/json", json::encode(value)};
}

// The parameters of a path or a query, as the OpenAPI document lists them.
struct parameter_list {
  json::schema_set& set;
  boost::json::array out;

  template <std::size_t N, class C, class M>
  void operator()(const char (&name)[N], M C::*, const json::rule& r = {}) {
    boost::json::object schema;
    if constexpr (json::is_optional<M>)
      schema = set.template of<typename M::value_type>(json::direction::request, r);
    else
      schema = set.template of<M>(json::direction::request, r);
    add({name, N - 1}, std::move(schema), !json::is_optional<M> && !r.optional && !json::is_map<M>, r,
        json::is_vector<M>, json::is_map<M>);
  }
  void add(std::string_view name, boost::json::object schema, bool required, const json::rule& r,
           bool is_list, bool is_map);
};

template <class T>
boost::json::array list_parameters(json::schema_set& set) {
  parameter_list list{set, {}};
  T::fields(list);
  return std::move(list.out);
}

// The endpoint of a declaration whose handler is F.
template <class F>
endpoint bind(endpoint e, F handler) {
  using traits = handler_traits<F>;
  using Path = typename traits::path;
  using Query = typename traits::query;
  using Body = typename traits::body;
  using Out = typename traits::out;
  constexpr bool raw = std::is_same_v<Out, http::response>;

  e.has_body = !is_none<Body>;
  e.is_transactional = traits::transactional;
  if (is_none<Out> && e.success_status == 200)
    e.success_status = 204;
  auto earlier = std::move(e.describe); // the answer's type, where documents<T>() named one
  e.describe = [earlier](json::schema_set& set) {
    endpoint::parts parts;
    if (earlier)
      parts = earlier(set);
    if constexpr (!is_none<Path>)
      parts.path = list_parameters<Path>(set);
    if constexpr (!is_none<Query>)
      parts.query = list_parameters<Query>(set);
    if constexpr (!is_none<Body>)
      parts.body = set.of<Body>(json::direction::request);
    if constexpr (!is_none<Out> && !raw)
      parts.answer = set.of<Out>(json::direction::answer);
    return parts;
  };
  const int status = e.success_status;
  const bool refuse_unknown = !e.ignores_unknown_query;
  e.run = [handler = std::move(handler), status,
           refuse_unknown](context& c, db::transaction* tx, const endpoint::parameters& path,
                           const endpoint::parameters& query) -> awaitable<result<encoded_answer>> {
    auto in = decode_request<Path, Query, Body>(c.request, path, query, refuse_unknown);
    if (!in)
      co_return in.error();
    const auto call = [&] {
      if constexpr (traits::transactional)
        return handler(c, *tx, std::move(*in));
      else
        return handler(c, std::move(*in));
    };
    result<Out> out = co_await call();
    if (!out)
      co_return out.error();
    if constexpr (raw) {
      (void)status; // the handler's own counts
      for (auto& header : out->headers)
        c.answer_headers.push_back(std::move(header));
      co_return encoded_answer{out->status, std::move(out->content_type), std::move(out->body)};
    } else {
      co_return encode_answer(std::move(*out), status);
    }
  };
  return e;
}

} // namespace detail

class declaration {
public:
  declaration(http::method m, std::string path, std::string operation_id, std::string summary);

  declaration&& anonymous() &&;
  declaration&& open() &&; // a token is not needed, but one that comes must be good
  declaration&& signed_in() &&;
  declaration&& needs(std::string permission) &&;
  declaration&& created() &&;
  declaration&& idempotent() &&;
  declaration&& cacheable() &&;
  declaration&& lenient_query() &&; // unknown parameters are ignored: for what others append to our URLs
  declaration&& raw_body(std::string media_type) &&; // the handler reads c.request.body itself
  declaration&& also_answers(std::string media_type) &&;
  declaration&& also_status(int status, std::string meaning) &&;
  declaration&& hidden() &&;
  declaration&& describe(std::string text) &&;
  declaration&& fails(std::initializer_list<const error_kind*> kinds) &&;
  declaration&& on_constraint(constraint_rule rule) &&;
  declaration&& retries_on(std::string_view constraint) &&;
  // The JSON that a handler answering http::response writes.
  template <class T>
  declaration&& documents() && {
    e_.describe = [](json::schema_set& set) {
      endpoint::parts parts;
      parts.answer = set.of<T>(json::direction::answer);
      return parts;
    };
    return std::move(*this);
  }

  template <class F>
  endpoint handle(F handler) && {
    return detail::bind(std::move(e_), std::move(handler));
  }

private:
  endpoint e_;
};

declaration get(std::string path, std::string operation_id, std::string summary);
declaration post(std::string path, std::string operation_id, std::string summary);
declaration put(std::string path, std::string operation_id, std::string summary);
declaration patch(std::string path, std::string operation_id, std::string summary);
declaration del(std::string path, std::string operation_id, std::string summary);

// The errors an endpoint can give beside its own: by its access, its body, its idempotency.
std::vector<const error_kind*> all_errors(const endpoint& e);

// A module's table: every path under prefix, every endpoint under the tag.
std::vector<endpoint> under(std::string_view prefix, std::string_view tag, std::vector<endpoint> endpoints);

} // namespace nexus::api
