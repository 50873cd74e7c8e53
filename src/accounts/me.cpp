#include "accounts/accounts.sql.hpp"
#include "accounts/endpoints.hpp"
#include "accounts/user_view.hpp"

namespace nexus::accounts {

namespace {

struct user_changes {
  std::optional<std::string> first_name, last_name, phone_number;

  static constexpr std::string_view schema_name = "UserChanges";
  template <class V>
  static constexpr void fields(V&& field) {
    field("first_name", &user_changes::first_name, name_rule);
    field("last_name", &user_changes::last_name, name_rule);
    field("phone_number", &user_changes::phone_number, phone_number_rule);
  }
};

// The account was closed while its access token lives.
result<user_view> view_of(const db::rows& found) {
  if (found.empty())
    return problem(errors::not_authenticated, "There is no such account any more.");
  return user_view::of(found.front());
}

} // namespace

api::endpoint get_me() {
  return api::get("/users/me/", "get_me", "Oneself")
      .signed_in()
      .handle([](api::context& c, api::request<>) -> awaitable<result<user_view>> {
        co_return view_of(co_await c.db.query(sql::find_user, c.principal->user_id));
      });
}

api::endpoint update_me() {
  return api::patch("/users/me/", "update_me", "Change oneself")
      .signed_in()
      .describe("What is left out, or null, stays as it is.")
      .fails({&errors::validation_error})
      .handle([](api::context& c, db::transaction& tx,
                 api::request<none, none, user_changes> in) -> awaitable<result<user_view>> {
        co_return view_of(co_await tx.query(sql::update_user, c.principal->user_id, in.body.first_name,
                                            in.body.last_name, in.body.phone_number));
      });
}

} // namespace nexus::accounts
