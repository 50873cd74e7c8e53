#include "accounts/hashing.hpp"

#include "platform/crypto/crypto.hpp"

namespace nexus::accounts {

// Of 32 random bytes that were not kept.
const std::string_view nobodys_hash =
    "$argon2id$v=19$m=19456,t=2,p=1$DNFeLhvlaEcd34BEQXvK4g$yoA3oF1fGjbT22xPm90AEw9hiHdn2OjdMKFT77uuk8g";

namespace {

problem busy() {
  problem p(errors::service_unavailable, "Too many sign in at the moment. Try again shortly.");
  p.retry_after_s = 2;
  return p;
}

verdict verify(const std::optional<std::string>& encoded, const std::string& password) {
  verdict out;
  const bool equal = crypto::verify_password(encoded ? std::string_view(*encoded) : nobodys_hash, password);
  out.matches = equal && encoded.has_value();
  if (out.matches && crypto::needs_rehash(*encoded))
    out.rehashed = crypto::hash_password(password);
  return out;
}

} // namespace

awaitable<result<std::string>> hash_password(services s, std::string password) {
  auto hash =
      co_await s.passwords->run([password = std::move(password)] { return crypto::hash_password(password); });
  if (!hash)
    co_return busy();
  co_return std::move(*hash);
}

awaitable<result<verdict>> verify_password(services s, std::optional<std::string> encoded,
                                           std::string password) {
  auto out = co_await s.passwords->run(
      [encoded = std::move(encoded), password = std::move(password)] { return verify(encoded, password); });
  if (!out)
    co_return busy();
  co_return std::move(*out);
}

} // namespace nexus::accounts
