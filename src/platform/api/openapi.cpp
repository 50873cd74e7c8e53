#include "platform/api/openapi.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <map>

namespace nexus::api {

namespace {

namespace bj = boost::json;

bj::string_view view(std::string_view text) { return {text.data(), text.size()}; }

bj::object problem_schema() {
  const auto text = [](std::string_view doc) {
    return bj::object{{"type", "string"}, {"description", view(doc)}};
  };
  return {{"type", "object"},
          {"description", "RFC 9457 problem details"},
          {"required", {"type", "title", "status", "detail", "instance", "code"}},
          {"properties",
           {{"type", text("A URI of the kind of problem")},
            {"title", text("The kind, in words")},
            {"status", {{"type", "integer"}}},
            {"detail", text("What went wrong this time")},
            {"instance", text("The path of the request")},
            {"code", text("Stable; what a client decides by")},
            {"request_id", text("Name it to the shop's people")},
            {"errors",
             {{"type", "array"},
              {"items",
               {{"type", "object"},
                {"required", {"pointer", "code", "detail"}},
                {"properties",
                 {{"pointer", text("JSON Pointer into the body, or ?name of a query parameter")},
                  {"code", text("Stable")},
                  {"detail", text("In words")}}}}}}}}}};
}

bj::object problem_content() {
  return {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}};
}

std::string_view default_title(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "Done; there is nothing to say";
  default:
    return "Answer";
  }
}

bj::array parameters_of(const endpoint& e, endpoint::parts& parts) {
  bj::array all;
  for (auto [list, where] : {std::pair{&parts.path, "path"}, std::pair{&parts.query, "query"}})
    for (bj::value& parameter : *list) {
      bj::object& p = parameter.as_object();
      p["in"] = where;
      if (std::string_view(where) == "path")
        p["required"] = true;
      all.push_back(std::move(p));
    }
  if (e.is_idempotent)
    all.push_back(bj::object{{"$ref", "#/components/parameters/IdempotencyKey"}});
  if (e.is_cacheable)
    all.push_back(bj::object{{"$ref", "#/components/parameters/IfNoneMatch"}});
  if (std::find(e.errors.begin(), e.errors.end(), &errors::etag_mismatch) != e.errors.end())
    all.push_back(bj::object{{"$ref", "#/components/parameters/IfMatch"}});
  return all;
}

bj::object responses_of(const endpoint& e, endpoint::parts& parts) {
  bj::object responses;
  bj::object success{{"description", view(default_title(e.success_status))}};
  bj::object content;
  if (!parts.answer.empty())
    content["application/json"] = bj::object{{"schema", std::move(parts.answer)}};
  if (!e.other_media_type.empty())
    content[e.other_media_type] = bj::object{{"schema", {{"type", "string"}}}};
  if (!content.empty())
    success["content"] = std::move(content);
  for (const auto& [status, meaning] : e.other_statuses) {
    bj::object other{{"description", meaning}};
    if (status < 300 && success.contains("content"))
      other["content"] = success["content"];
    responses[std::to_string(status)] = std::move(other);
  }
  if (e.is_cacheable)
    success["headers"] = bj::object{{"ETag", {{"description", "Strong"}, {"schema", {{"type", "string"}}}}}};
  responses[std::to_string(e.success_status)] = std::move(success);
  if (e.is_cacheable)
    responses["304"] = bj::object{{"description", "The client has it already"}};
  std::map<int, std::string> codes;
  for (const error_kind* kind : all_errors(e)) {
    std::string& text = codes[kind->status];
    text += (text.empty() ? "`" : ", `") + std::string(kind->code) + "`";
  }
  for (const auto& [status, text] : codes)
    responses[std::to_string(status)] = bj::object{{"description", text}, {"content", problem_content()}};
  return responses;
}

bj::object operation_of(const endpoint& e, json::schema_set& schemas) {
  endpoint::parts parts = e.describe ? e.describe(schemas) : endpoint::parts{};
  bj::object operation{{"operationId", e.operation_id},
                       {"summary", e.summary},
                       {"tags", bj::array{bj::value(bj::string_view(e.tag))}}};
  std::string description = e.description;
  if (e.access == access::permission)
    description += (description.empty() ? "" : "\n\n") + ("Needs the permission `" + e.permission + "`.");
  if (!description.empty())
    operation["description"] = description;
  if (auto parameters = parameters_of(e, parts); !parameters.empty())
    operation["parameters"] = std::move(parameters);
  if (!parts.body.empty() || e.request_media_type != "application/json") {
    bj::object schema = parts.body.empty() ? bj::object{{"type", "object"}} : std::move(parts.body);
    operation["requestBody"] = bj::object{
        {"required", true}, {"content", {{e.request_media_type, {{"schema", std::move(schema)}}}}}};
  }
  operation["responses"] = responses_of(e, parts);
  if (e.access == access::anonymous)
    operation["security"] = bj::array{bj::value(bj::object{})};
  else if (e.access == access::open)
    operation["security"] =
        bj::array{bj::value(bj::object{}), bj::value(bj::object{{"bearer", bj::array{}}})};
  else
    operation["security"] = bj::array{bj::value(bj::object{{"bearer", bj::array{}}})};
  return operation;
}

bj::object header_parameter(std::string_view name, std::string_view doc, int max_length) {
  return {{"name", view(name)},
          {"in", "header"},
          {"required", false},
          {"description", view(doc)},
          {"schema", {{"type", "string"}, {"maxLength", max_length}}}};
}

} // namespace

bj::object openapi_document(const document_info& info, std::span<const endpoint> endpoints) {
  json::schema_set schemas;
  bj::object paths;
  for (const endpoint& e : endpoints) {
    if (e.is_hidden)
      continue;
    if (!paths.contains(e.path))
      paths[e.path] = bj::object{};
    std::string method(http::to_string(e.method));
    std::transform(method.begin(), method.end(), method.begin(),
                   [](char c) { return static_cast<char>(c | 0x20); });
    paths[e.path].as_object()[method] = operation_of(e, schemas);
  }
  bj::object components{
      {"schemas", schemas.components()},
      {"parameters",
       {{"IdempotencyKey",
         header_parameter("Idempotency-Key", "The first answer to a key is replayed for 24 hours", 255)},
        {"IfNoneMatch", header_parameter("If-None-Match", "An ETag that the client has", 1000)},
        {"IfMatch", header_parameter("If-Match", "Only where this is still its ETag", 1000)}}},
      {"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}};
  components["schemas"].as_object()["Problem"] = problem_schema();
  bj::array tags;
  for (const auto& [name, description] : info.tags)
    tags.push_back(bj::object{{"name", name}, {"description", description}});
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", info.title},
            {"version", info.version},
            {"description", info.description},
            {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
          {"servers", bj::array{bj::value(bj::object{{"url", info.server_url}})}},
          {"tags", std::move(tags)},
          {"paths", std::move(paths)},
          {"components", std::move(components)}};
}

} // namespace nexus::api
