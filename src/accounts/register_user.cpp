#include "accounts/accounts.sql.hpp"
#include "accounts/endpoints.hpp"
#include "accounts/hashing.hpp"
#include "accounts/password_rules.hpp"
#include "accounts/user_view.hpp"
#include "platform/api/idempotency.hpp"

namespace nexus::accounts {

namespace {

struct registration {
  std::string email, password, first_name, last_name, phone_number;

  static constexpr std::string_view schema_name = "Registration";
  template <class V>
  static constexpr void fields(V&& field) {
    field("email", &registration::email, {.max_length = 254, .form = json::format::email});
    field("password", &registration::password, new_password_rule);
    field("first_name", &registration::first_name, name_rule);
    field("last_name", &registration::last_name, name_rule);
    field("phone_number", &registration::phone_number, phone_number_rule);
  }
};

struct answer {
  api::encoded_answer what;
  bool replayed = false;
};

awaitable<result<answer>> insert(api::context& c, db::transaction& tx, const registration& in,
                                 const std::string& hash, const std::optional<api::idempotency::key>& key) {
  if (key) {
    auto stored = co_await api::idempotency::claim(tx, *key, c.now());
    if (!stored)
      co_return stored.error();
    if (*stored)
      co_return answer{std::move(**stored), true};
  }
  const db::rows made = co_await tx.query(sql::insert_user, in.email, in.first_name, in.last_name,
                                          in.phone_number, hash, c.now());
  const user_view view{made.front().get<std::int64_t>(0), in.email, in.first_name, in.last_name,
                       in.phone_number};
  answer out{{201, "application/json", json::encode(view)}};
  if (key)
    api::idempotency::store(tx, *key, out.what);
  co_await tx.commit();
  co_return out;
}

// Does by itself what a transactional endpoint gets done, because the password is hashed first: a transaction
// (and a held Idempotency-Key) must not wait for that.
awaitable<result<answer>> insert_in_transaction(api::context& c, const registration& in,
                                                const std::string& hash) {
  api::endpoint self;
  self.method = c.request.method;
  self.is_idempotent = true;
  const auto key = api::idempotency::read(c, self);
  if (!key)
    co_return key.error();
  db::transaction tx = co_await c.db.begin();
  std::exception_ptr failure;
  result<answer> out = problem(errors::internal_error, {});
  try {
    out = co_await insert(c, tx, in, hash, *key);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await tx.rollback(); // nothing where it was committed
  if (failure)
    std::rethrow_exception(failure);
  co_return out;
}

awaitable<result<http::response>> handle(services s, api::context& c, registration in) {
  if (auto faults = check_password(in.password, in.email, "/password"); !faults.empty())
    co_return problem(errors::validation_error, "The request has fields that are not valid.",
                      std::move(faults));
  const auto hash = co_await hash_password(s, in.password);
  if (!hash)
    co_return hash.error();
  auto out = co_await insert_in_transaction(c, in, *hash);
  if (!out)
    co_return out.error();
  http::response made{out->what.status, std::move(out->what.content_type), std::move(out->what.body), {}};
  if (out->replayed)
    made.headers.emplace_back("Idempotent-Replayed", "true");
  co_return made;
}

} // namespace

api::endpoint register_user(services s) {
  return api::post("/users/", "register_user", "Register")
      .anonymous()
      .created()
      .idempotent()
      .documents<user_view>()
      .fails({&errors::validation_error, &errors::service_unavailable})
      .on_constraint(
          {"user_account_email_key", "/email", "not_unique", "There is an account with this address."})
      .handle([s](api::context& c,
                  api::request<none, none, registration> in) -> awaitable<result<http::response>> {
        return handle(s, c, std::move(in.body));
      });
}

} // namespace nexus::accounts
