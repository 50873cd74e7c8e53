#include "platform/api/router.hpp"

#include <stdexcept>

namespace nexus::api {

// A tree by segment; "{name}" is the one parameter child of a node.
struct router::node {
  std::map<std::string, std::unique_ptr<node>, std::less<>> literals;
  std::unique_ptr<node> parameter;
  std::vector<const endpoint*> endpoints;
};

struct router::impl {
  std::vector<endpoint> endpoints;
  node root;
};

namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.ends_with('/'))
    path.remove_suffix(1);
  while (!path.empty()) {
    path.remove_prefix(1); // the '/'
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

} // namespace

router::router(std::vector<endpoint> endpoints) : impl_(std::make_unique<impl>()) {
  impl_->endpoints = std::move(endpoints);
  for (const endpoint& e : impl_->endpoints) {
    node* at = &impl_->root;
    for (const std::string_view segment : segments_of(e.path)) {
      auto& next = is_parameter(segment) ? at->parameter : at->literals[std::string(segment)];
      if (!next)
        next = std::make_unique<node>();
      at = next.get();
    }
    for (const endpoint* other : at->endpoints)
      if (other->method == e.method)
        throw std::logic_error("two endpoints at " + e.path);
    at->endpoints.push_back(&e);
  }
}

router::~router() = default;
router::router(router&&) noexcept = default;

const std::vector<endpoint>& router::endpoints() const { return impl_->endpoints; }

namespace {

// Depth first, literals before the parameter; values holds what the parameters matched.
template <class Node>
const Node* descend(const Node& at, std::span<const std::string_view> rest,
                    std::vector<std::string>& values) {
  if (rest.empty())
    return at.endpoints.empty() ? nullptr : &at;
  const auto text = http::percent_decode(rest.front());
  if (!text)
    return nullptr;
  if (const auto literal = at.literals.find(*text); literal != at.literals.end())
    if (const auto* found = descend(*literal->second, rest.subspan(1), values))
      return found;
  if (at.parameter && !text->empty()) {
    values.push_back(*text);
    if (const auto* found = descend(*at.parameter, rest.subspan(1), values))
      return found;
    values.pop_back();
  }
  return nullptr;
}

std::string allowed_methods(std::span<const endpoint* const> endpoints) {
  std::string allowed = "OPTIONS";
  for (const endpoint* e : endpoints) {
    allowed += ", ";
    allowed += http::to_string(e->method);
    if (e->method == http::method::get)
      allowed += ", HEAD";
  }
  return allowed;
}

} // namespace

router::match router::find(http::method m, std::string_view path) const {
  if (!path.starts_with('/'))
    return {};
  const auto segments = segments_of(path);
  std::vector<std::string> values;
  const node* at = descend(impl_->root, std::span(segments), values);
  if (at == nullptr)
    return {};
  const http::method wanted = m == http::method::head ? http::method::get : m;
  for (const endpoint* e : at->endpoints) {
    if (e->method != wanted)
      continue;
    match found{e, {}, {}};
    std::size_t next = 0;
    for (const std::string_view segment : segments_of(e->path))
      if (is_parameter(segment))
        found.path.emplace_back(segment.substr(1, segment.size() - 2), std::move(values[next++]));
    return found;
  }
  return {nullptr, allowed_methods(at->endpoints), {}};
}

} // namespace nexus::api
