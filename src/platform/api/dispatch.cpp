#include "platform/api/dispatch.hpp"

#include "core/text.hpp"
#include "platform/api/idempotency.hpp"
#include "platform/api/problem_json.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/log/log.hpp"

#include <chrono>

namespace nexus::api {

namespace {

using steady = std::chrono::steady_clock;

std::string request_id_of(const http::request& r) {
  const auto given = r.header("X-Request-Id");
  const auto usable = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (given && !given->empty() && given->size() <= 128 && std::all_of(given->begin(), given->end(), usable))
    return std::string(*given);
  return random_token(12);
}

// "Bearer x" -> x; the scheme in any case (RFC 9110 §11.1).
std::optional<std::string_view> bearer_token(const http::request& r) {
  const auto header = r.header("Authorization");
  if (!header)
    return std::nullopt;
  const auto blank = header->find(' ');
  if (blank == std::string_view::npos || to_lower_ascii(header->substr(0, blank)) != "bearer")
    return std::string_view{};
  return trim(header->substr(blank + 1));
}

std::optional<problem> check_access(context& c, const endpoint& e, const authenticator* who) {
  if (e.access == access::anonymous)
    return std::nullopt;
  if (const auto token = bearer_token(c.request)) {
    auto known = who == nullptr || token->empty()
                     ? result<principal>(problem(errors::not_authenticated,
                                                 "The Authorization header must hold a bearer token."))
                     : who->authenticate(*token, c.now());
    if (!known)
      return known.error();
    c.principal = std::move(*known);
  }
  if (e.access == access::open)
    return std::nullopt;
  if (!c.principal)
    return problem(errors::not_authenticated,
                   "Sign in and send the access token: Authorization: Bearer <access>.");
  if (e.access == access::permission && !c.principal->may(e.permission))
    return problem(errors::permission_denied, "This needs the permission " + e.permission + ".");
  return std::nullopt;
}

// "application/json; charset=utf-8" is JSON; in another character set it is not.
bool is_media_type(std::string_view header, std::string_view wanted) {
  const auto semicolon = std::min(header.find(';'), header.size());
  if (to_lower_ascii(trim(header.substr(0, semicolon))) != wanted)
    return false;
  const std::string parameters = to_lower_ascii(header.substr(semicolon));
  const auto charset = parameters.find("charset=");
  if (charset == std::string::npos)
    return true;
  const std::string_view value = std::string_view(parameters).substr(charset + 8);
  return value.starts_with("utf-8") || value.starts_with("\"utf-8\"");
}

std::optional<problem> check_media_type(const context& c, const endpoint& e) {
  if (e.reads_raw_body) // it judges for itself
    return std::nullopt;
  if (c.request.body.empty() || c.request.method == http::method::get ||
      c.request.method == http::method::head) {
    if (!e.has_body)
      return std::nullopt;
    return problem(errors::malformed_request, "This request needs a body of " + e.request_media_type + ".");
  }
  if (!is_media_type(c.request.header("Content-Type").value_or(""), e.request_media_type))
    return problem(errors::unsupported_media_type, "Send " + e.request_media_type + " in UTF-8.");
  if (e.has_body)
    return std::nullopt;
  // An endpoint without a body knows no fields: {} is as good as nothing.
  const auto parsed = json::parse(c.request.body);
  if (!parsed)
    return parsed.error();
  if (parsed->is_object() && parsed->get_object().empty())
    return std::nullopt;
  problem refused(errors::validation_error, "This request takes no fields.");
  if (const auto* object = parsed->if_object())
    for (const auto& member : *object)
      refused.errors.push_back({"/" + std::string(member.key()), "unknown_field", "There is no such field."});
  else
    refused.errors.push_back({"", "invalid_type", "This must be an object."});
  return refused;
}

// A violated constraint as the endpoint declares it; what it does not declare is our fault.
std::optional<problem> problem_of(const endpoint& e, const db::error& failure) {
  for (const constraint_rule& rule : e.constraints) {
    if (failure.constraint() != rule.constraint)
      continue;
    if (rule.pointer.empty())
      return problem(errors::conflict, std::string(rule.detail));
    return problem(errors::validation_error, "The request has fields that are not valid.",
                   {{std::string(rule.pointer), std::string(rule.code), std::string(rule.detail)}});
  }
  if (failure.lock_timeout() || failure.sqlstate() == "57014" || failure.retryable())
    return problem(errors::service_unavailable,
                   "Too much is going on here at the moment; nothing was changed.");
  if (failure.sqlstate().starts_with("57P") || failure.sqlstate().starts_with("53") ||
      failure.sqlstate() == "25006")
    return problem(errors::service_unavailable, "The database is away; nothing was changed.");
  return std::nullopt;
}

// The answer to an exception, and its log line. Nothing of the inside reaches the client.
problem problem_of(const context& c, const endpoint& e, std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const db::error& error) {
    if (auto known = problem_of(e, error)) {
      if (known->kind->status >= 500)
        log::warn(
            "the database refused",
            {{"request_id", c.request_id}, {"sqlstate", error.sqlstate()}, {"statement", error.statement()}});
      return std::move(*known);
    }
    log::error("statement failed", {{"request_id", c.request_id},
                                    {"endpoint", e.operation_id},
                                    {"statement", error.statement()},
                                    {"sqlstate", error.sqlstate()},
                                    {"constraint", error.constraint()},
                                    {"error", error.what()}});
  } catch (const db::in_doubt& error) {
    log::error("a commit is in doubt",
               {{"request_id", c.request_id}, {"endpoint", e.operation_id}, {"error", error.what()}});
    return {errors::service_unavailable, "The database went away while your request was being saved: it may "
                                         "or may not have been. Look before you "
                                         "send it again, or send it with the same Idempotency-Key."};
  } catch (const db::unavailable& error) {
    log::warn("no database", {{"request_id", c.request_id}, {"error", error.what()}});
    return {errors::service_unavailable, "The database is away; nothing was changed."};
  } catch (const std::exception& error) {
    log::error("handler failed",
               {{"request_id", c.request_id}, {"endpoint", e.operation_id}, {"error", error.what()}});
  }
  return {errors::internal_error, "The shop's people have been told. Name the request id to them."};
}

using answer_or_problem = result<encoded_answer>;

// One try of a transactional endpoint: begin, claim the key, handle, store the answer, commit.
awaitable<answer_or_problem> run_once(context& c, const endpoint& e, const endpoint::parameters& path,
                                      const endpoint::parameters& query,
                                      const std::optional<idempotency::key>& key) {
  db::transaction tx = co_await c.db.begin();
  std::exception_ptr failure;
  answer_or_problem out = problem(errors::internal_error, {});
  bool replayed = false;
  try {
    if (key) {
      auto stored = co_await idempotency::claim(tx, *key, c.now());
      if (!stored) {
        out = stored.error();
      } else if (*stored) {
        out = std::move(**stored);
        replayed = true;
      }
      if (!stored || *stored) {
        co_await tx.rollback();
        if (replayed)
          c.answer_headers.emplace_back("Idempotent-Replayed", "true");
        co_return out;
      }
    }
    out = co_await e.run(c, &tx, path, query);
    if (out) {
      if (key)
        idempotency::store(tx, *key, *out);
      co_await tx.commit();
      co_return out;
    }
  } catch (...) {
    failure = std::current_exception();
  }
  co_await tx.rollback();
  if (failure)
    std::rethrow_exception(failure);
  co_return out;
}

awaitable<answer_or_problem> run_in_transaction(context& c, const endpoint& e,
                                                const endpoint::parameters& path,
                                                const endpoint::parameters& query) {
  auto key = idempotency::read(c, e);
  if (!key)
    co_return key.error();
  for (int attempt = 1;; ++attempt) {
    try {
      co_return co_await run_once(c, e, path, query, *key);
    } catch (const db::error& error) {
      const bool is_race = std::find(e.races.begin(), e.races.end(), error.constraint()) != e.races.end();
      if ((!error.retryable() && !is_race) || attempt == 3)
        throw;
    }
    c.answer_headers.clear();
  }
}

awaitable<answer_or_problem> run(context& c, const endpoint& e, const endpoint::parameters& path,
                                 const authenticator* who) {
  if (auto refused = check_access(c, e, who))
    co_return std::move(*refused);
  if (auto refused = check_media_type(c, e))
    co_return std::move(*refused);
  const auto query = http::parse_query(c.request.query);
  if (!query)
    co_return problem(errors::malformed_request, "The query has a broken percent-escape.");
  std::exception_ptr failure;
  try {
    if (e.is_transactional)
      co_return co_await run_in_transaction(c, e, path, *query);
    co_return co_await e.run(c, nullptr, path, *query);
  } catch (...) {
    failure = std::current_exception();
  }
  co_return problem_of(c, e, std::move(failure));
}

// 304 where the client has these very bytes (RFC 9110 §13.1.2).
void apply_etag(const http::request& r, http::response& answer) {
  const std::string etag = crypto::etag_of(answer.body);
  const auto known = r.header("If-None-Match");
  answer.headers.emplace_back("ETag", etag);
  // What a token has let somebody see is for no shared cache.
  answer.headers.emplace_back("Cache-Control", r.header("Authorization")
                                                   ? "private, no-cache"
                                                   : "public, max-age=0, must-revalidate");
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (known && (trim(*known) == "*" || known->find(etag) != std::string_view::npos)) {
    answer.status = 304;
    answer.body.clear();
    answer.content_type.clear();
  }
}

http::response not_found_response(const http::request& r, const router::match& match,
                                  std::string_view request_id) {
  if (match.allowed.empty())
    return problem_response({errors::not_found, "There is nothing at this address."}, r.path, request_id);
  if (r.method == http::method::options)
    return {204, {}, {}, {{"Allow", match.allowed}}};
  auto answer = problem_response({errors::method_not_allowed, "Allowed here: " + match.allowed + "."}, r.path,
                                 request_id);
  answer.headers.emplace_back("Allow", match.allowed);
  return answer;
}

std::string server_timing(const db::usage& used) {
  return fmt::format("db;dur={:.2f};desc=\"{} statements\"",
                     std::chrono::duration<double, std::milli>(used.waited).count(), used.statements);
}

void log_request(const http::request& r, const http::response& answer, const std::string& id,
                 double seconds) {
  if (!log::enabled(log::level::info))
    return;
  log::info("request", {{"request_id", id},
                        {"method", r.method_name},
                        {"path", r.path}, // never the query: it may carry an address
                        {"status", answer.status},
                        {"ms", seconds * 1'000},
                        {"peer", r.peer}});
}

awaitable<http::response> answer_request(const dispatch_options& o, db::database& db, const http::request& r,
                                         const std::string& id, const endpoint*& found) {
  auto match = o.router->find(r.method, r.path);
  found = match.found;
  if (match.found == nullptr)
    co_return not_found_response(r, match, id);
  db::usage used;
  context c{r, db.use(&used), *o.clock, o.public_url, id};
  auto out = co_await run(c, *match.found, match.path, o.authenticator);
  http::response answer;
  if (out) {
    answer.status = out->status;
    answer.content_type = std::move(out->content_type);
    answer.body = std::move(out->body);
    answer.headers = std::move(c.answer_headers);
    if (match.found->is_cacheable && answer.status == 200)
      apply_etag(r, answer);
  } else {
    answer = problem_response(out.error(), r.path, id);
    for (auto& header : c.answer_headers)
      answer.headers.push_back(std::move(header));
  }
  answer.headers.emplace_back("Server-Timing", server_timing(used));
  co_return answer;
}

} // namespace

http::handler make_handler(std::shared_ptr<const dispatch_options> options, db::database& db) {
  return [options = std::move(options), &db](const http::request& r) -> awaitable<http::response> {
    const auto start = steady::now();
    const std::string id = request_id_of(r);
    const endpoint* found = nullptr;
    http::response answer = co_await answer_request(*options, db, r, id, found);
    answer.headers.emplace_back("X-Request-Id", id);
    answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
    const double seconds = std::chrono::duration<double>(steady::now() - start).count();
    if (options->observe)
      options->observe(found, answer.status, seconds);
    log_request(r, answer, id, seconds);
    co_return answer;
  };
}

http::response refuse(const error_kind& kind) {
  const std::string id = random_token(12);
  auto answer = problem_response({kind, {}}, "/", id);
  answer.headers.emplace_back("X-Request-Id", id);
  return answer;
}

} // namespace nexus::api
