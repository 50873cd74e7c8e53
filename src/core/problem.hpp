// What a client can cause, said so that it can act on it: RFC 9457's problem details as a value.
//
// An error_kind is declared once, as a constant, by whoever can cause it; its code is part of the API's
// contract and never changes. A use case returns a problem through result<T>; it throws only for what an
// operator must mend.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nexus {

struct error_kind {
  std::string_view code; // snake_case, stable
  int status;            // HTTP status
  std::string_view title;
};

// The kinds that belong to no module. A module's own stand in its header.
namespace errors {
inline constexpr error_kind malformed_request{"malformed_request", 400, "The request cannot be understood"};
inline constexpr error_kind not_authenticated{"not_authenticated", 401, "Sign in first"};
inline constexpr error_kind token_expired{"token_expired", 401, "The token has expired"};
inline constexpr error_kind permission_denied{"permission_denied", 403, "Not allowed"};
inline constexpr error_kind not_found{"not_found", 404, "Not found"};
inline constexpr error_kind method_not_allowed{"method_not_allowed", 405, "The method is not allowed here"};
inline constexpr error_kind request_timeout{"request_timeout", 408, "The request did not arrive in time"};
inline constexpr error_kind conflict{"conflict", 409, "The request conflicts with the current state"};
inline constexpr error_kind idempotency_in_progress{"idempotency_in_progress", 409,
                                                    "A request with this Idempotency-Key is still running"};
inline constexpr error_kind etag_mismatch{"etag_mismatch", 412, "It has changed since it was read"};
inline constexpr error_kind payload_too_large{"payload_too_large", 413, "The body is too large"};
inline constexpr error_kind unsupported_media_type{"unsupported_media_type", 415, "Unsupported media type"};
inline constexpr error_kind validation_error{"validation_error", 422, "Some fields are not valid"};
inline constexpr error_kind idempotency_key_reused{"idempotency_key_reused", 422,
                                                   "The Idempotency-Key was used for another request"};
inline constexpr error_kind too_many_requests{"too_many_requests", 429, "Too many requests"};
inline constexpr error_kind header_too_large{"header_too_large", 431, "The header is too large"};
inline constexpr error_kind internal_error{"internal_error", 500, "Something went wrong on our side"};
inline constexpr error_kind service_unavailable{"service_unavailable", 503, "Not available at the moment"};
} // namespace errors

// A member beside the standard ones, such as "available": 3.
struct problem_member {
  std::string_view name;
  std::variant<std::int64_t, std::string> value;
};

// One field at fault. pointer is a JSON Pointer (RFC 6901) into the body, or "?name" for a query parameter.
struct field_error {
  std::string pointer;
  std::string code; // "required", "too_long", "not_unique", …
  std::string detail;
  std::vector<problem_member> members = {};
};

struct problem {
  const error_kind* kind;
  std::string detail;
  std::vector<field_error> errors = {};
  std::vector<problem_member> members = {};
  std::optional<int> retry_after_s = {};

  problem()
      : kind(&errors::internal_error) {} // boost::system::result::error() answers it where there is none
  problem(const error_kind& k, std::string d) : kind(&k), detail(std::move(d)) {}
  problem(const error_kind& k, std::string d, std::vector<field_error> e)
      : kind(&k), detail(std::move(d)), errors(std::move(e)) {}

  [[nodiscard]] bool is(const error_kind& k) const { return kind == &k; }
};

} // namespace nexus
