// Registration, sign-in, and the life of tokens.
#include "harness/shopping.hpp"

#include <atomic>

namespace nexus::blackbox {
namespace {

class accounts : public shop_suite<accounts> {
protected:
  static json::object registration(const std::string& email) {
    return {{"email", email},
            {"password", shop::password()},
            {"first_name", "Abebe"},
            {"last_name", "Bikila"},
            {"phone_number", "+251911121314"}};
  }
  struct pair {
    std::string access, refresh;
  };
  pair sign_in(const std::string& email, const std::string& password = shop::password()) {
    const json::value tokens =
        expect_body(guest_.post("auth/jwt/create/", {{"email", email}, {"password", password}}), 200);
    return {text_at(tokens, "/access"), text_at(tokens, "/refresh")};
  }
  pair registered() {
    const std::string email = unique("user") + "@example.com";
    expect_body(guest_.post("auth/users/", registration(email)), 201);
    email_ = email;
    return sign_in(email);
  }
  reply refresh(const std::string& token) { return guest_.post("auth/jwt/refresh/", {{"refresh", token}}); }

  client guest_ = here().guest();
  std::string email_; // of the last one registered
};

TEST_F(accounts, register_and_sign_in) {
  const reply made = guest_.post("auth/users/", registration("first@example.com"));
  ASSERT_TRUE(has_status(made, 201));
  EXPECT_EQ(text_at(made, "/email"), "first@example.com");
  EXPECT_EQ(text_at(made, "/first_name"), "Abebe");
  EXPECT_EQ(text_at(made, "/last_name"), "Bikila");
  EXPECT_EQ(text_at(made, "/phone_number"), "+251911121314");
  EXPECT_EQ(made.body.find("password"), std::string::npos);

  const reply tokens =
      guest_.post("auth/jwt/create/", {{"email", "First@Example.com"}, {"password", shop::password()}});
  ASSERT_TRUE(has_status(tokens, 200)) << "addresses are the same in any case";
  EXPECT_EQ(tokens.header("Cache-Control"), "no-store");
  client me(here().port(), text_at(tokens, "/access"));
  EXPECT_EQ(me.get("auth/users/me/").body, made.body);
}

TEST_F(accounts, are_unique_by_address) {
  const std::string email = unique("twice") + "@example.com";
  ASSERT_TRUE(has_status(guest_.post("auth/users/", registration(email)), 201));
  std::string upper = email;
  upper[0] = 'T';
  for (const std::string& again : {email, upper}) {
    const reply r = guest_.post("auth/users/", registration(again));
    EXPECT_TRUE(is_problem(r, 422, "validation_error"));
    EXPECT_TRUE(has_fault(r, "/email", "not_unique"));
  }
  const std::string raced = unique("raced") + "@example.com";
  std::atomic<int> made = 0;
  at_once(std::vector<std::function<void()>>(8, [&] {
    client c = here().guest();
    made += c.post("auth/users/", registration(raced)).status == 201;
  }));
  EXPECT_EQ(made, 1);
}

TEST_F(accounts, refuse_passwords_that_are_no_good) {
  const std::pair<const char*, const char*> cases[] = {{"zq", "too_short"},
                                                       {"password123", "too_common"},
                                                       {"weak@example.com", "same_as_email"},
                                                       {"", "blank"}};
  for (const auto& [password, code] : cases) {
    json::object body = registration("weak@example.com");
    body["password"] = password;
    const reply r = guest_.post("auth/users/", body);
    EXPECT_TRUE(is_problem(r, 422, "validation_error")) << password;
    EXPECT_TRUE(has_fault(r, "/password", code)) << password;
    EXPECT_TRUE(*password == '\0' || r.body.find(password) == std::string::npos)
        << "a password is never repeated";
  }
}

TEST_F(accounts, do_not_tell_which_of_the_two_is_wrong) {
  registered();
  const reply unknown =
      guest_.post("auth/jwt/create/", {{"email", "nobody@example.com"}, {"password", shop::password()}});
  const reply wrong = guest_.post("auth/jwt/create/", {{"email", email_}, {"password", "not the password"}});
  EXPECT_TRUE(is_problem(unknown, 401, "invalid_credentials"));
  EXPECT_TRUE(is_problem(wrong, 401, "invalid_credentials"));
  EXPECT_EQ(text_at(unknown, "/detail"), text_at(wrong, "/detail"));
}

TEST_F(accounts, rotate_refresh_tokens_and_end_the_family_on_reuse) {
  const pair first = registered();
  const reply second = refresh(first.refresh);
  ASSERT_TRUE(has_status(second, 200));
  EXPECT_NE(text_at(second, "/refresh"), first.refresh);
  EXPECT_TRUE(has_status(client(here().port(), text_at(second, "/access")).get("auth/users/me/"), 200));

  EXPECT_TRUE(is_problem(refresh(first.refresh), 401, "not_authenticated")) << "a used one";
  EXPECT_TRUE(is_problem(refresh(text_at(second, "/refresh")), 401, "not_authenticated"))
      << "the family has ended with it";
  const pair other = sign_in(email_); // another sign-in is another family
  EXPECT_TRUE(has_status(refresh(other.refresh), 200));
  EXPECT_TRUE(is_problem(refresh("never-given-out"), 401, "not_authenticated"));
}

TEST_F(accounts, give_one_pair_for_a_refresh_token_that_is_used_twice_at_once) {
  const pair first = registered();
  std::atomic<int> given = 0;
  at_once(std::vector<std::function<void()>>(10, [&] {
    client c = here().guest();
    given += c.post("auth/jwt/refresh/", {{"refresh", first.refresh}}).status == 200;
  }));
  EXPECT_EQ(given, 1);
}

TEST_F(accounts, verify_and_sign_out) {
  const pair tokens = registered();
  const auto verify_token = [&](const std::string& t) {
    return guest_.post("auth/jwt/verify/", {{"token", t}});
  };
  EXPECT_TRUE(has_status(verify_token(tokens.access), 200));
  EXPECT_TRUE(has_status(verify_token(tokens.refresh), 200));
  EXPECT_TRUE(is_problem(verify_token("rubbish"), 401, "not_authenticated"));
  EXPECT_TRUE(is_problem(verify_token(tokens.access + "x"), 401, "not_authenticated"));
  EXPECT_TRUE(has_status(guest_.post("auth/logout/", {{"refresh", tokens.refresh}}), 204));
  EXPECT_TRUE(has_status(guest_.post("auth/logout/", {{"refresh", tokens.refresh}}), 204));
  EXPECT_TRUE(is_problem(verify_token(tokens.refresh), 401, "not_authenticated"));
  EXPECT_TRUE(is_problem(refresh(tokens.refresh), 401, "not_authenticated"));
}

TEST_F(accounts, change_oneself) {
  client me(here().port(), registered().access);
  const reply r = me.patch("auth/users/me/", {{"first_name", "Derartu"}, {"phone_number", "0911223344"}});
  ASSERT_TRUE(has_status(r, 200));
  EXPECT_EQ(text_at(r, "/first_name"), "Derartu");
  EXPECT_EQ(text_at(r, "/last_name"), "Bikila");
  EXPECT_EQ(me.get("auth/users/me/").body, r.body);
  EXPECT_TRUE(is_problem(me.patch("auth/users/me/", {{"id", 1}}), 422, "validation_error"));
  EXPECT_TRUE(is_problem(guest_.get("auth/users/me/"), 401, "not_authenticated"));
}

TEST_F(accounts, change_the_password) {
  const pair old = registered();
  client me(here().port(), old.access);
  const std::string fresh = "another good password";
  EXPECT_TRUE(has_fault(
      me.post("auth/users/set_password/", {{"current_password", "wrong one here"}, {"new_password", fresh}}),
      "/current_password", "incorrect"));
  EXPECT_TRUE(has_fault(me.post("auth/users/set_password/",
                                {{"current_password", shop::password()}, {"new_password", "password"}}),
                        "/new_password", "too_common"));
  ASSERT_TRUE(has_status(
      me.post("auth/users/set_password/", {{"current_password", shop::password()}, {"new_password", fresh}}),
      204));
  EXPECT_TRUE(is_problem(guest_.post("auth/jwt/create/", {{"email", email_}, {"password", shop::password()}}),
                         401, "invalid_credentials"));
  EXPECT_TRUE(is_problem(refresh(old.refresh), 401, "not_authenticated"));
  EXPECT_FALSE(sign_in(email_, fresh).access.empty());
}

TEST_F(accounts, registration_is_idempotent) {
  const std::string email = unique("once") + "@example.com";
  const reply first = guest_.post("auth/users/", registration(email), {{"Idempotency-Key", email}});
  const reply again = guest_.post("auth/users/", registration(email), {{"Idempotency-Key", email}});
  ASSERT_TRUE(has_status(first, 201));
  ASSERT_TRUE(has_status(again, 201));
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
}

TEST_F(accounts, superusers_are_made_by_command) {
  const auto no_good =
      here().run({"createsuperuser", "--email", "boss@example.com", "--password-stdin"}, "password\n");
  EXPECT_EQ(no_good.code, 2);
  EXPECT_NE(no_good.errors.find("password"), std::string::npos) << no_good.errors;
  EXPECT_EQ(
      here()
          .run({"createsuperuser", "--email", "no address", "--password-stdin"}, shop::password() + "\n")
          .code,
      2);
  EXPECT_EQ(here().run({"createsuperuser", "--email", "boss@example.com"}, shop::password() + "\n").code, 2)
      << "no terminal, no --password-stdin";
  EXPECT_TRUE(is_problem(
      guest_.post("auth/jwt/create/", {{"email", "boss@example.com"}, {"password", shop::password()}}), 401,
      "invalid_credentials"));

  client staff = here().staff();
  EXPECT_TRUE(has_status(staff.post("catalogue/categories/", {{"name", "Made by staff"}}), 201));
  registered(); // one who is there already gets the permissions and the new password
  ASSERT_EQ(
      here().run({"createsuperuser", "--email", email_, "--password-stdin"}, "a promoted password\n").code,
      0);
  client promoted(here().port(), sign_in(email_, "a promoted password").access);
  EXPECT_TRUE(has_status(promoted.post("catalogue/categories/", {{"name", "Made by the promoted"}}), 201));
}

} // namespace
} // namespace nexus::blackbox
