#include "accounts/accounts.hpp"
#include "accounts/accounts.sql.hpp"
#include "accounts/password_rules.hpp"
#include "core/text.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/json/format.hpp"

namespace nexus::accounts {

namespace {

std::vector<field_error> check(const std::string& email, const std::string& password) {
  std::vector<field_error> faults;
  if (!json::is_email(email))
    faults.push_back({"/email", "invalid_email", "This is not an e-mail address."});
  if (!is_storable_utf8(password)) {
    faults.push_back({"/password", "invalid_text", "The password must be UTF-8 text."});
    return faults;
  }
  const auto length = length_utf8(password);
  if (length < static_cast<std::size_t>(new_password_rule.min_length))
    faults.push_back({"/password", "too_short", "The password must have at least 8 characters."});
  if (length > static_cast<std::size_t>(new_password_rule.max_length))
    faults.push_back({"/password", "too_long", "The password must have at most 128 characters."});
  for (field_error& each : check_password(password, email, "/password"))
    faults.push_back(std::move(each));
  return faults;
}

} // namespace

awaitable<result<none>> create_superuser(db::session s, std::string email, std::string password,
                                         time_point now) {
  email = std::string(trim(email));
  if (auto faults = check(email, password); !faults.empty())
    co_return problem(errors::validation_error, "The account cannot be made like this.", std::move(faults));
  const std::string hash = crypto::hash_password(password); // a command's loop has nothing else to do
  co_await db::in_transaction(s, [&](db::transaction& tx) -> awaitable<> {
    const db::rows user = co_await tx.query(sql::upsert_superuser, email, hash, now);
    tx.send(sql::end_all_families, user.front().get<std::int64_t>(0), now);
  });
  co_return none{};
}

} // namespace nexus::accounts
