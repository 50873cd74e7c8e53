#include "platform/api/endpoint.hpp"

namespace nexus::api {

bool principal::may(std::string_view permission) const {
  return std::any_of(permissions.begin(), permissions.end(),
                     [&](const std::string& held) { return held == permission || held == "*"; });
}

declaration::declaration(http::method m, std::string path, std::string operation_id, std::string summary) {
  e_.method = m;
  e_.path = std::move(path);
  e_.operation_id = std::move(operation_id);
  e_.summary = std::move(summary);
}

declaration&& declaration::anonymous() && {
  e_.access = access::anonymous;
  return std::move(*this);
}
declaration&& declaration::open() && {
  e_.access = access::open;
  return std::move(*this);
}
declaration&& declaration::signed_in() && {
  e_.access = access::signed_in;
  return std::move(*this);
}
declaration&& declaration::needs(std::string permission) && {
  e_.access = access::permission;
  e_.permission = std::move(permission);
  return std::move(*this);
}
declaration&& declaration::created() && {
  e_.success_status = 201;
  return std::move(*this);
}
declaration&& declaration::idempotent() && {
  e_.is_idempotent = true;
  return std::move(*this);
}
declaration&& declaration::cacheable() && {
  e_.is_cacheable = true;
  return std::move(*this);
}
declaration&& declaration::lenient_query() && {
  e_.ignores_unknown_query = true;
  return std::move(*this);
}
declaration&& declaration::raw_body(std::string media_type) && {
  e_.request_media_type = std::move(media_type);
  e_.reads_raw_body = true;
  return std::move(*this);
}
declaration&& declaration::also_answers(std::string media_type) && {
  e_.other_media_type = std::move(media_type);
  return std::move(*this);
}
declaration&& declaration::also_status(int status, std::string meaning) && {
  e_.other_statuses.emplace_back(status, std::move(meaning));
  return std::move(*this);
}
declaration&& declaration::hidden() && {
  e_.is_hidden = true;
  return std::move(*this);
}
declaration&& declaration::describe(std::string text) && {
  e_.description = std::move(text);
  return std::move(*this);
}
declaration&& declaration::fails(std::initializer_list<const error_kind*> kinds) && {
  e_.errors.insert(e_.errors.end(), kinds);
  return std::move(*this);
}
declaration&& declaration::retries_on(std::string_view constraint) && {
  e_.races.push_back(constraint);
  return std::move(*this);
}
declaration&& declaration::on_constraint(constraint_rule rule) && {
  e_.constraints.push_back(rule);
  return std::move(*this);
}

declaration get(std::string path, std::string operation_id, std::string summary) {
  return {http::method::get, std::move(path), std::move(operation_id), std::move(summary)};
}
declaration post(std::string path, std::string operation_id, std::string summary) {
  return {http::method::post, std::move(path), std::move(operation_id), std::move(summary)};
}
declaration put(std::string path, std::string operation_id, std::string summary) {
  return {http::method::put, std::move(path), std::move(operation_id), std::move(summary)};
}
declaration patch(std::string path, std::string operation_id, std::string summary) {
  return {http::method::patch, std::move(path), std::move(operation_id), std::move(summary)};
}
declaration del(std::string path, std::string operation_id, std::string summary) {
  return {http::method::delete_, std::move(path), std::move(operation_id), std::move(summary)};
}

void detail::parameter_list::add(std::string_view name, boost::json::object schema, bool required,
                                 const json::rule& r, bool is_list, bool is_map) {
  boost::json::object parameter{{"name", boost::json::string_view(name.data(), name.size())},
                                {"required", required},
                                {"schema", std::move(schema)}};
  if (!r.doc.empty())
    parameter["description"] = boost::json::string_view(r.doc.data(), r.doc.size());
  if (is_list) { // "red,blue"
    parameter["style"] = "form";
    parameter["explode"] = false;
  }
  if (is_map) { // attributes[color]=red
    parameter["style"] = "deepObject";
    parameter["explode"] = true;
  }
  out.push_back(std::move(parameter));
}

std::vector<const error_kind*> all_errors(const endpoint& e) {
  std::vector<const error_kind*> all = e.errors;
  const auto add = [&](const error_kind& kind) {
    if (std::find(all.begin(), all.end(), &kind) == all.end())
      all.push_back(&kind);
  };
  if (e.access != access::anonymous) { // a token that comes along is checked even where none is needed
    add(errors::not_authenticated);
    add(errors::token_expired);
  }
  if (e.access == access::permission)
    add(errors::permission_denied);
  add(errors::validation_error);
  add(errors::malformed_request);
  if (e.path.find('{') != std::string::npos)
    add(errors::not_found);
  if (e.method != http::method::get) {
    add(errors::unsupported_media_type);
    add(errors::payload_too_large);
  }
  if (e.is_idempotent) {
    add(errors::idempotency_in_progress);
    add(errors::idempotency_key_reused);
  }
  for (const constraint_rule& rule : e.constraints)
    add(rule.pointer.empty() ? errors::conflict : errors::validation_error);
  add(errors::internal_error);
  add(errors::service_unavailable);
  return all;
}

std::vector<endpoint> under(std::string_view prefix, std::string_view tag, std::vector<endpoint> endpoints) {
  for (endpoint& e : endpoints) {
    e.path.insert(0, prefix);
    e.tag = tag;
  }
  return endpoints;
}

} // namespace nexus::api
