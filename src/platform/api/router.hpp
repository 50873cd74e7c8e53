// Finds the endpoint of a method and a path. Canonical paths end in '/'; without it they are served alike
// (api.md).
#pragma once

#include "platform/api/endpoint.hpp"

#include <memory>

namespace nexus::api {

class router {
public:
  // Throws std::logic_error where two endpoints have the same method and path.
  explicit router(std::vector<endpoint> endpoints);
  ~router();
  router(router&&) noexcept;

  struct match {
    const endpoint* found = nullptr; // null: 404, or 405 where allowed is not empty
    std::string allowed = {};        // "GET, HEAD, POST"
    json::text_parameters path = {}; // decoded
  };
  // HEAD finds GET's endpoint. Literal segments win over parameters.
  [[nodiscard]] match find(http::method m, std::string_view path) const;

  [[nodiscard]] const std::vector<endpoint>& endpoints() const;

private:
  struct node;
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace nexus::api
