#include "platform/api/problem_json.hpp"

#include "core/text.hpp"
#include "platform/json/encode.hpp"

namespace nexus::api {

namespace {

void append_text(std::string& out, std::string_view name, std::string_view value) {
  json::append_string(out, name);
  out += ':';
  json::append_string(out, value);
}

void append_members(std::string& out, const std::vector<problem_member>& members) {
  for (const problem_member& member : members) {
    out += ',';
    json::append_string(out, member.name);
    out += ':';
    std::visit([&](const auto& value) { json::append(out, value); }, member.value);
  }
}

} // namespace

http::response problem_response(const problem& p, std::string_view instance, std::string_view request_id) {
  http::response answer;
  answer.status = p.kind->status;
  answer.content_type = "application/problem+json";
  std::string& out = answer.body;
  out += R"({"type":"urn:nexus:problem:)";
  out += p.kind->code;
  out += R"(",)";
  append_text(out, "title", p.kind->title);
  out += R"(,"status":)";
  json::append_int(out, p.kind->status);
  out += ',';
  append_text(out, "detail", p.detail.empty() ? p.kind->title : std::string_view(p.detail));
  out += ',';
  append_text(out, "instance", is_storable_utf8(instance) ? instance : std::string_view("/"));
  out += ',';
  append_text(out, "code", p.kind->code);
  if (!request_id.empty()) {
    out += ',';
    append_text(out, "request_id", request_id);
  }
  append_members(out, p.members);
  if (!p.errors.empty()) {
    out += R"(,"errors":[)";
    bool first = true;
    for (const field_error& e : p.errors) {
      if (!first)
        out += ',';
      first = false;
      out += '{';
      append_text(out, "pointer", e.pointer);
      out += ',';
      append_text(out, "code", e.code);
      out += ',';
      append_text(out, "detail", e.detail);
      append_members(out, e.members);
      out += '}';
    }
    out += ']';
  }
  out += '}';
  if (p.retry_after_s)
    answer.headers.emplace_back("Retry-After", std::to_string(*p.retry_after_s));
  else if (p.kind->status == 503 || p.kind->status == 429)
    answer.headers.emplace_back("Retry-After", "1");
  if (p.kind->status == 401)
    answer.headers.emplace_back("WWW-Authenticate",
                                p.is(errors::token_expired) ? "Bearer error=\"invalid_token\"" : "Bearer");
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

} // namespace nexus::api
