#include "account_api.hpp"

#include "platform/async/one_shot.hpp"

#include <future>

namespace nexus::accounts::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using faults = std::vector<std::string>;

const db::statement close_account{"test.close_account",
                                  "UPDATE user_account SET is_active = false WHERE email = $1"};
const db::statement count_tokens{"test.count_tokens", "SELECT count(*) FROM refresh_token"};
const db::statement weaken_hash{"test.weaken_hash", "UPDATE user_account SET password_hash = $1"};
const db::statement find_hash{"test.find_hash", "SELECT password_hash FROM user_account"};

constexpr auto email = "abebe@example.com";
constexpr auto password = "correct horse battery";

class registration : public account_api {};
class session : public account_api {};
class me : public account_api {};
class superuser : public account_api {};

TEST_F(registration, makes_an_account) {
  with_server([&]() -> awaitable<> {
    const answer made = co_await register_user(email, password);
    EXPECT_EQ(made.status, 201);
    const boost::json::value expected{{"id", 1},
                                      {"email", email},
                                      {"first_name", "Abebe"},
                                      {"last_name", "Bikila"},
                                      {"phone_number", "+251900123456"}};
    EXPECT_EQ(made.body, expected);
  });
}

TEST_F(registration, an_address_has_one_account_however_it_is_written) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer second = co_await register_user("ABEBE@Example.com", password);
    EXPECT_EQ(second.status, 422);
    EXPECT_EQ(second.code(), "validation_error");
    EXPECT_EQ(second.faults(), faults{"/email not_unique"});
    EXPECT_EQ(co_await count_users(), 1);
    const auto [one, two] = co_await side_by_side(register_user("twin@example.com", password),
                                                  register_user("twin@example.com", password));
    EXPECT_EQ(one.status + two.status, 201 + 422);
    EXPECT_EQ(co_await count_users(), 2);
  });
}

TEST_F(registration, names_every_fault_and_makes_nothing) {
  with_server([&]() -> awaitable<> {
    EXPECT_EQ((co_await register_user("no address", "short")).faults(),
              (faults{"/email invalid_email", "/password too_short"}));
    EXPECT_EQ((co_await register_user(email, std::string(129, 'x'))).faults(), faults{"/password too_long"});
    EXPECT_EQ((co_await register_user(email, "Password1")).faults(), faults{"/password too_common"});
    EXPECT_EQ((co_await register_user(email, "ABEBE@example.com")).faults(),
              faults{"/password same_as_email"});
    EXPECT_EQ((co_await post("/auth/users/",
                             R"({"email":"a@example.com","password":"correct horse","permissions":["*"]})"))
                  .faults(),
              faults{"/permissions unknown_field"});
    EXPECT_EQ(co_await count_users(), 0);
    EXPECT_EQ((co_await register_user(email, std::string(128, 'x'))).status, 201);
  });
}

TEST_F(registration, the_same_idempotency_key_makes_one_account) {
  with_server([&]() -> awaitable<> {
    const headers key{{"Idempotency-Key", "k1"}};
    const auto [one, two] =
        co_await side_by_side(register_user(email, password, key), register_user(email, password, key));
    EXPECT_EQ(one.status, 201);
    EXPECT_EQ(two.status, 201);
    EXPECT_EQ(one.body, two.body);
    EXPECT_EQ(one.header("Idempotent-Replayed") + two.header("Idempotent-Replayed"), "true");
    EXPECT_EQ((co_await register_user("other@example.com", password, key)).code(), "idempotency_key_reused");
    EXPECT_EQ(co_await count_users(), 1);
  });
}

TEST_F(registration, no_transaction_waits_for_the_hash) {
  with_server([&]() -> awaitable<> {
    // More at once than there are connections for transactions, none of which may be busy while they hash.
    const one_shot<bool> release(loop.get_executor());
    auto blocker = std::make_shared<std::promise<void>>();
    boost::asio::co_spawn(loop.get_executor(), passwords.run([gate = blocker->get_future().share()] {
      gate.wait();
      return true;
    }),
                          [release](std::exception_ptr, std::optional<bool>) { release.set(true); });
    auto pending =
        side_by_side(register_user("one@example.com", password), register_user("two@example.com", password));
    const one_shot<bool> ended(loop.get_executor());
    boost::asio::co_spawn(loop.get_executor(), std::move(pending),
                          [ended](std::exception_ptr failure, std::pair<answer, answer> both) {
                            ended.set(!failure && both.first.status == 201 && both.second.status == 201);
                          });
    co_await database->use().query(count_tokens); // by then both have begun
    EXPECT_EQ(database->read_gauges().busy, 0);
    blocker->set_value();
    EXPECT_TRUE(co_await ended.wait());
    co_await release.wait();
  });
}

TEST_F(session, begins_with_address_and_password) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer pair = co_await sign_in("Abebe@Example.com", password);
    EXPECT_EQ(pair.status, 200);
    EXPECT_EQ(pair.header("Cache-Control"), "no-store");
    const auto who = tokens.authenticate(pair.text("access"), time.now());
    EXPECT_TRUE(who);
    EXPECT_EQ(who ? who->user_id : 0, 1);
    EXPECT_EQ(who ? who->email : "", email);
    EXPECT_TRUE(co_await is_alive(pair.text("access")));
    EXPECT_TRUE(co_await is_alive(pair.text("refresh")));
  });
}

TEST_F(session, is_refused_alike_for_every_reason) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    co_await register_user("closed@example.com", password);
    co_await database->use().query(close_account, "closed@example.com");
    const answer wrong = co_await sign_in(email, "Correct horse battery");
    const answer unknown = co_await sign_in("nobody@example.com", password);
    const answer closed = co_await sign_in("closed@example.com", password);
    const answer no_address = co_await sign_in("' OR 1=1 --", password);
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.code(), "invalid_credentials");
    for (const answer* each : {&unknown, &closed, &no_address})
      EXPECT_EQ(each->text("code") + each->text("detail"), wrong.text("code") + wrong.text("detail"));
    EXPECT_EQ((co_await sign_in(email, std::string(129, 'x'))).status, 422);
  });
}

TEST_F(session, a_full_queue_is_a_503_with_retry_after) {
  offload full{{.threads = 1, .queue_limit = 0}};
  router = std::make_unique<api::router>(routes({&tokens, &full}));
  with_server([&]() -> awaitable<> {
    for (const answer& refused :
         {co_await sign_in(email, password), co_await register_user(email, password)}) {
      EXPECT_EQ(refused.status, 503);
      EXPECT_EQ(refused.code(), "service_unavailable");
      EXPECT_EQ(refused.header("Retry-After"), "2");
    }
    EXPECT_EQ(co_await count_users(), 0);
  });
}

TEST_F(session, goes_on_with_a_new_pair) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer first = co_await sign_in(email, password);
    time.at += minutes(20);
    const answer second = co_await refresh(first.text("refresh"));
    EXPECT_EQ(second.status, 200);
    EXPECT_NE(second.text("refresh"), first.text("refresh"));
    EXPECT_TRUE(tokens.authenticate(second.text("access"), time.now()));
    EXPECT_FALSE(co_await is_alive(first.text("refresh")));
    EXPECT_TRUE(co_await is_alive(second.text("refresh")));
    time.at += hours(24 * 13);
    const answer third = co_await refresh(second.text("refresh"));
    EXPECT_EQ(third.status, 200);
    time.at += hours(24 * 14);
    EXPECT_EQ((co_await refresh(third.text("refresh"))).code(), "token_expired");
    EXPECT_EQ((co_await refresh("no such token")).code(), "not_authenticated");
  });
}

TEST_F(session, a_used_token_ends_its_whole_family_and_no_other) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer other = co_await sign_in(email, password);
    const answer first = co_await sign_in(email, password);
    const answer second = co_await refresh(first.text("refresh"));
    const answer third = co_await refresh(second.text("refresh"));
    const answer reused = co_await refresh(first.text("refresh"));
    EXPECT_EQ(reused.status, 401);
    EXPECT_EQ(reused.code(), "not_authenticated");
    EXPECT_FALSE(co_await is_alive(third.text("refresh"))); // committed, though the answer was a 401
    EXPECT_EQ((co_await refresh(third.text("refresh"))).status, 401);
    EXPECT_TRUE(co_await is_alive(other.text("refresh")));
  });
}

TEST_F(session, one_token_at_once_never_makes_two_living_pairs) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    for (int round = 0; round < 20; ++round) {
      const answer pair = co_await sign_in(email, password);
      const auto [one, two] =
          co_await side_by_side(refresh(pair.text("refresh")), refresh(pair.text("refresh")));
      EXPECT_EQ(one.status + two.status, 200 + 401);
      const answer& won = one.status == 200 ? one : two;
      EXPECT_FALSE(co_await is_alive(won.text("refresh"))); // the second use has ended the family
    }
  });
}

TEST_F(session, reuse_beside_a_rotation_leaves_nothing_alive) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    for (int round = 0; round < 20; ++round) {
      const answer first = co_await sign_in(email, password);
      const answer second = co_await refresh(first.text("refresh"));
      const auto [reused, rotated] =
          co_await side_by_side(refresh(first.text("refresh")), refresh(second.text("refresh")));
      EXPECT_EQ(reused.status, 401);
      if (rotated.status == 200)
        EXPECT_FALSE(co_await is_alive(rotated.text("refresh")));
      EXPECT_FALSE(co_await is_alive(second.text("refresh")));
    }
  });
}

TEST_F(session, ends_with_logout) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer first = co_await sign_in(email, password);
    const answer second = co_await refresh(first.text("refresh"));
    const std::string body = R"({"refresh":")" + first.text("refresh") + R"("})"; // any of the family will do
    EXPECT_EQ((co_await post("/auth/logout/", body)).status, 204);
    EXPECT_FALSE(co_await is_alive(second.text("refresh")));
    EXPECT_EQ((co_await post("/auth/logout/", body)).status, 204);
    EXPECT_EQ((co_await post("/auth/logout/", R"({"refresh":"unknown"})")).status, 204);
  });
}

TEST_F(session, a_closed_account_gets_no_new_pair) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer pair = co_await sign_in(email, password);
    co_await database->use().query(close_account, email);
    EXPECT_FALSE(co_await is_alive(pair.text("refresh")));
    EXPECT_EQ((co_await refresh(pair.text("refresh"))).code(), "not_authenticated");
    EXPECT_EQ((co_await call(http::method::get, "/auth/users/me/", {}, pair.text("access"))).code(),
              "not_authenticated");
  });
}

TEST_F(session, verify_tells_what_is_wrong) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer pair = co_await sign_in(email, password);
    const std::string access = R"({"token":")" + pair.text("access") + R"("})";
    const answer valid = co_await post("/auth/jwt/verify/", access);
    EXPECT_EQ(valid.status, 200);
    EXPECT_EQ(valid.body, boost::json::value(boost::json::object{}));
    time.at += minutes(15);
    EXPECT_EQ((co_await post("/auth/jwt/verify/", access)).code(), "token_expired");
    EXPECT_EQ((co_await post("/auth/jwt/verify/", R"({"token":"x.y.z"})")).code(), "not_authenticated");
    EXPECT_EQ((co_await post("/auth/jwt/verify/", R"({"token":"x"})")).code(), "not_authenticated");
    const std::string huge = R"({"token":")" + std::string(5'000, 'x') + R"("})";
    EXPECT_EQ((co_await post("/auth/jwt/verify/", huge)).status, 422);
  });
}

TEST_F(session, expired_tokens_are_forgotten) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    co_await sign_in(email, password);
    time.at += hours(24);
    const answer later = co_await sign_in(email, password);
    time.at += hours(24 * 13 + 1);
    co_await delete_expired_tokens(database->use(), time.now());
    const db::rows left = co_await database->use().query(count_tokens);
    EXPECT_EQ(left.front().get<std::int64_t>(0), 1);
    EXPECT_TRUE(co_await is_alive(later.text("refresh")));
  });
}

TEST_F(session, a_hash_of_older_parameters_is_renewed) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    // Argon2id of "an old password", 8 MiB, t = 1.
    const std::string old =
        "$argon2id$v=19$m=8192,t=1,p=1$F3VKIOcia2zk4DzqDzAH5w$NbwTSfnTTqpQuISwhKSxECYHLaa6A9Svg5P7GN6vCCk";
    co_await database->use().query(weaken_hash, old);
    EXPECT_EQ((co_await sign_in(email, "an old password")).status, 200);
    const db::rows now = co_await database->use().query(find_hash);
    EXPECT_TRUE(now.front().get<std::string>(0).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    EXPECT_EQ((co_await sign_in(email, "an old password")).status, 200);
  });
}

TEST_F(me, is_read_and_changed) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer pair = co_await sign_in(email, password);
    EXPECT_EQ((co_await call(http::method::get, "/auth/users/me/")).code(), "not_authenticated");
    const answer changed =
        co_await call(http::method::patch, "/auth/users/me/", R"({"first_name":" Haile ","phone_number":""})",
                      pair.text("access"));
    EXPECT_EQ(changed.status, 200);
    const answer read = co_await call(http::method::get, "/auth/users/me", {}, pair.text("access"));
    EXPECT_EQ(read.body, changed.body);
    EXPECT_EQ(read.text("first_name"), "Haile");
    EXPECT_EQ(read.text("last_name"), "Bikila");
    EXPECT_EQ(read.text("phone_number"), "");
    const answer refused = co_await call(http::method::patch, "/auth/users/me/",
                                         R"({"email":"new@example.com"})", pair.text("access"));
    EXPECT_EQ(refused.faults(), faults{"/email unknown_field"});
  });
}

TEST_F(me, a_new_password_ends_all_sessions) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer one = co_await sign_in(email, password), two = co_await sign_in(email, password);
    const auto set = [&](std::string from, std::string to) {
      return post("/auth/users/set_password/",
                  R"({"current_password":")" + from + R"(","new_password":")" + to + R"("})",
                  one.text("access"));
    };
    EXPECT_EQ((co_await set("not it", "another good one")).faults(), faults{"/current_password incorrect"});
    EXPECT_EQ((co_await set(password, "short")).faults(), faults{"/new_password too_short"});
    EXPECT_EQ((co_await set(password, email)).faults(), faults{"/new_password same_as_email"});
    EXPECT_TRUE(co_await is_alive(one.text("refresh")));
    EXPECT_EQ((co_await set(password, "another good one")).status, 204);
    EXPECT_FALSE(co_await is_alive(one.text("refresh")));
    EXPECT_FALSE(co_await is_alive(two.text("refresh")));
    EXPECT_EQ((co_await sign_in(email, password)).code(), "invalid_credentials");
    EXPECT_EQ((co_await sign_in(email, "another good one")).status, 200);
  });
}

TEST_F(me, of_two_changes_of_the_password_one_wins) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer pair = co_await sign_in(email, password);
    const auto set = [&](std::string to) {
      return post("/auth/users/set_password/",
                  std::string(R"({"current_password":")") + password + R"(","new_password":")" + to + R"("})",
                  pair.text("access"));
    };
    const auto [one, two] = co_await side_by_side(set("the first of them"), set("the second of them"));
    EXPECT_EQ(one.status + two.status, 204 + 422);
    const std::string won = one.status == 204 ? "the first of them" : "the second of them";
    EXPECT_EQ((co_await sign_in(email, won)).status, 200);
  });
}

TEST_F(superuser, is_made_or_an_account_becomes_one) {
  with_server([&]() -> awaitable<> {
    co_await register_user(email, password);
    const answer before = co_await sign_in(email, password);
    co_await database->use().query(close_account, email);
    EXPECT_TRUE(
        co_await create_superuser(database->use(), " Abebe@example.com ", "a better password", time.now()));
    EXPECT_TRUE(
        co_await create_superuser(database->use(), "boss@example.com", "a better password", time.now()));
    EXPECT_EQ(co_await count_users(), 2);
    EXPECT_FALSE(co_await is_alive(before.text("refresh")));
    EXPECT_EQ((co_await sign_in(email, password)).status, 401);
    for (const auto address : {email, "boss@example.com"}) {
      const auto who =
          tokens.authenticate((co_await sign_in(address, "a better password")).text("access"), time.now());
      EXPECT_TRUE(who && who->may("catalogue.write")) << address;
    }
  });
}

TEST_F(superuser, needs_a_good_address_and_password) {
  with_server([&]() -> awaitable<> {
    const auto refused = co_await create_superuser(database->use(), "boss", "1234567", time.now());
    EXPECT_TRUE(refused.has_error() && refused.error().is(errors::validation_error));
    EXPECT_EQ(refused.has_error() ? refused.error().errors.size() : 0, 2);
    EXPECT_FALSE(co_await create_superuser(database->use(), "boss@example.com", "password1", time.now()));
    EXPECT_FALSE(co_await create_superuser(database->use(), "boss@example.com",
                                           "\xff\xff\xff\xff\xff\xff\xff\xff", time.now()));
    EXPECT_EQ(co_await count_users(), 0);
  });
}

} // namespace
} // namespace nexus::accounts::testing
