#include "accounts/accounts.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <jwt.h>

#include <charconv>
#include <cstdlib>
#include <stdexcept>

namespace nexus::accounts {

namespace {

namespace js = boost::json;

constexpr std::string_view issuer = "nexus";
constexpr std::size_t shortest_key = 32;     // bytes: the hash's own length (RFC 7518 §3.2)
constexpr std::size_t longest_token = 4'096; // bytes

struct free_jwt {
  void operator()(jwt_t* j) const { jwt_free(j); }
};
struct free_text {
  void operator()(char* text) const { std::free(text); }
};
using jwt_ptr = std::unique_ptr<jwt_t, free_jwt>;
using text_ptr = std::unique_ptr<char, free_text>;

const unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

js::string_view view(std::string_view text) { return {text.data(), text.size()}; }

std::int64_t seconds_of(time_point at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

// Header, claims and signature in base64url (RFC 7515 §3.1), none of them empty: libjwt is shown nothing
// else.
bool is_compact_form(std::string_view token) {
  if (token.size() > longest_token)
    return false;
  int dots = 0;
  char before = '.';
  for (const char c : token) {
    if (c == '.' && (before == '.' || ++dots > 2))
      return false;
    const bool base64url =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (c != '.' && !base64url)
      return false;
    before = c;
  }
  return dots == 2 && before != '.';
}

std::string sign(const js::object& claims, const std::string& key) {
  jwt_t* made = nullptr;
  if (jwt_new(&made) != 0)
    throw std::bad_alloc();
  const jwt_ptr jwt(made);
  if (jwt_set_alg(jwt.get(), JWT_ALG_HS256, bytes(key), static_cast<int>(key.size())) != 0 ||
      jwt_add_grants_json(jwt.get(), js::serialize(claims).c_str()) != 0)
    throw std::runtime_error("a token could not be made");
  const text_ptr text(jwt_encode_str(jwt.get()));
  if (!text)
    throw std::runtime_error("a token could not be signed");
  return text.get();
}

// The claims, where the signature is ours.
std::optional<js::object> verify(const std::string& token, const std::string& key) {
  jwt_t* decoded = nullptr;
  if (jwt_decode(&decoded, token.c_str(), bytes(key), static_cast<int>(key.size())) != 0)
    return std::nullopt;
  const jwt_ptr jwt(decoded);
  if (jwt_get_alg(jwt.get()) != JWT_ALG_HS256)
    return std::nullopt;
  const text_ptr text(jwt_get_grants_json(jwt.get(), nullptr));
  if (!text)
    return std::nullopt;
  boost::system::error_code wrong;
  js::value claims = js::parse(text.get(), wrong);
  if (wrong || !claims.is_object())
    return std::nullopt;
  return std::move(claims.get_object());
}

const js::string* text_claim(const js::object& claims, js::string_view name) {
  const js::value* claim = claims.if_contains(name);
  return claim ? claim->if_string() : nullptr;
}

std::optional<std::int64_t> integer_claim(const js::object& claims, js::string_view name) {
  const js::value* claim = claims.if_contains(name);
  const std::int64_t* value = claim ? claim->if_int64() : nullptr;
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<std::int64_t> read_id(const js::string& text) {
  std::int64_t id = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (wrong != std::errc() || end != text.data() + text.size() || id <= 0)
    return std::nullopt;
  return id;
}

std::optional<std::vector<std::string>> read_permissions(const js::object& claims) {
  const js::value* claim = claims.if_contains("perms");
  const js::array* list = claim ? claim->if_array() : nullptr;
  if (!list)
    return std::nullopt;
  std::vector<std::string> out;
  for (const js::value& each : *list) {
    const js::string* name = each.if_string();
    if (!name)
      return std::nullopt;
    out.emplace_back(name->data(), name->size());
  }
  return out;
}

std::optional<api::principal> read_principal(const js::object& claims) {
  const js::string* subject = text_claim(claims, "sub");
  const js::string* email = text_claim(claims, "email");
  const auto id = subject ? read_id(*subject) : std::nullopt;
  auto permissions = read_permissions(claims);
  if (!id || !email || !permissions)
    return std::nullopt;
  return api::principal{*id, std::string(email->data(), email->size()), std::move(*permissions)};
}

} // namespace

struct token_service::impl {
  settings configured;
  std::string header; // the only one we write, and so the only one we take: "eyJ….", its dot included
};

token_service::token_service(settings s) : impl_(std::make_unique<impl>()) {
  if (s.secret_key.size() < shortest_key)
    throw std::invalid_argument("the secret key must have at least 32 bytes");
  impl_->configured = std::move(s);
  const std::string sample = sign({}, impl_->configured.secret_key);
  impl_->header = sample.substr(0, sample.find('.') + 1);
}

token_service::~token_service() = default;

const settings& token_service::configured() const { return impl_->configured; }

std::string token_service::issue_access(const api::principal& p, time_point now) const {
  js::array permissions;
  for (const std::string& each : p.permissions)
    permissions.emplace_back(view(each));
  const std::int64_t issued = seconds_of(now);
  return sign({{"sub", std::to_string(p.user_id)},
               {"email", view(p.email)},
               {"perms", std::move(permissions)},
               {"iat", issued},
               {"exp", issued + impl_->configured.access_lifetime.count()},
               {"iss", view(issuer)},
               {"aud", view(issuer)}},
              impl_->configured.secret_key);
}

result<api::principal> token_service::authenticate(std::string_view token, time_point now) const {
  const auto refused = [] { return problem(errors::not_authenticated, "The access token is not valid."); };
  if (!is_compact_form(token) || !token.starts_with(impl_->header))
    return refused();
  const auto claims = verify(std::string(token), impl_->configured.secret_key);
  if (!claims)
    return refused();
  const js::string* from = text_claim(*claims, "iss");
  const js::string* to = text_claim(*claims, "aud");
  const auto issued = integer_claim(*claims, "iat");
  const auto expires = integer_claim(*claims, "exp");
  auto who = read_principal(*claims);
  if (!who || !issued || !expires || !from || *from != view(issuer) || !to || *to != view(issuer))
    return refused();
  if (seconds_of(now) >= *expires)
    return problem(errors::token_expired, "The access token has expired: refresh it.");
  return std::move(*who);
}

} // namespace nexus::accounts
