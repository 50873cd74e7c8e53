#include "accounts/accounts.hpp"
#include "accounts/hashing.hpp"
#include "platform/crypto/crypto.hpp"

#include <gtest/gtest.h>

#include <charconv>

namespace nexus::accounts {
namespace {

const std::string key = "a secret of at least thirty-two bytes";
const time_point start = *parse_rfc3339("2026-01-02T03:04:05Z");
constexpr std::string_view our_header = R"({"alg":"HS256","typ":"JWT"})";

std::string base64url(std::string_view data) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : data) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6)
      out += digits[bits >> (count - 6) & 63];
  }
  if (count > 0)
    out += digits[bits << (6 - count) & 63];
  return out;
}

std::string hmac(const std::string& with, std::string_view data) {
  const std::string hex = crypto::hmac_sha256_hex(with, data);
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    int byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    out += static_cast<char>(byte);
  }
  return out;
}

// A token as somebody else's library would make it, signed with HMAC-SHA-256 whatever the header says.
std::string forge(std::string_view header, std::string_view claims, const std::string& with = key) {
  const std::string signed_part = base64url(header) + '.' + base64url(claims);
  return signed_part + '.' + base64url(hmac(with, signed_part));
}

std::string claims_with(std::string_view changed) {
  std::string sub = R"("sub":"7")", email = R"("email":"a@example.com")", perms = R"("perms":[])",
              iat = R"("iat":1767323045)", exp = R"("exp":1767323945)", iss = R"("iss":"nexus")",
              aud = R"("aud":"nexus")";
  std::string out = "{";
  for (const std::string* each : {&sub, &email, &perms, &iat, &exp, &iss, &aud}) {
    const auto name = each->substr(0, each->find(':') + 1);
    const bool is_it = changed.starts_with(name);
    if (is_it && changed.size() == name.size())
      continue; // left out
    out += out.size() > 1 ? "," : "";
    out += is_it ? std::string(changed) : *each;
  }
  return out + "}";
}

class token_service_test : public ::testing::Test {
protected:
  std::string code_of(std::string_view token, time_point now = start) const {
    const auto who = tokens.authenticate(token, now);
    return who ? "" : std::string(who.error().kind->code);
  }

  token_service tokens{{.secret_key = key}};
};

TEST_F(token_service_test, what_it_issues_it_takes) {
  const api::principal who{7, "abebe@example.com", {"catalogue.write", "orders.read"}};
  const auto back = tokens.authenticate(tokens.issue_access(who, start), start);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->user_id, 7);
  EXPECT_EQ(back->email, "abebe@example.com");
  EXPECT_EQ(back->permissions, (std::vector<std::string>{"catalogue.write", "orders.read"}));
}

TEST_F(token_service_test, a_token_expires_after_its_lifetime) {
  const std::string token = tokens.issue_access({7, "a@example.com", {}}, start);
  const auto lifetime = tokens.configured().access_lifetime;
  EXPECT_EQ(code_of(token, start + lifetime - std::chrono::seconds(1)), "");
  EXPECT_EQ(code_of(token, start + lifetime), "token_expired");
  EXPECT_EQ(code_of(token, start + std::chrono::hours(24 * 365)), "token_expired");
}

TEST_F(token_service_test, the_forger_of_these_tests_is_able) {
  EXPECT_EQ(code_of(forge(our_header, claims_with(""))), "");
}

TEST_F(token_service_test, a_forged_or_changed_token_is_refused_also_when_it_has_expired) {
  EXPECT_EQ(code_of(forge(our_header, claims_with(""), "another secret of thirty-two bytes.")),
            "not_authenticated");
  const std::string token = tokens.issue_access({7, "a@example.com", {}}, start);
  const auto late = start + std::chrono::hours(1);
  for (std::size_t i = 0; i < token.size(); ++i) {
    // The last character of the signature holds four significant bits and two that must be zero.
    std::string changed = token;
    changed[i] = token[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(code_of(changed), "not_authenticated") << i;
    EXPECT_EQ(code_of(changed, late), "not_authenticated") << i;
  }
  const auto admin = tokens.issue_access({1, "admin@example.com", {"*"}}, start);
  const auto claims = admin.find('.') + 1;
  const auto signature = token.rfind('.');
  EXPECT_EQ(code_of(admin.substr(0, admin.rfind('.')) + token.substr(signature)), "not_authenticated");
  EXPECT_EQ(code_of(token + admin.substr(claims)), "not_authenticated");
}

TEST_F(token_service_test, the_algorithm_is_ours_whatever_the_header_says) {
  const std::string claims = claims_with("");
  for (const auto header :
       {R"({"alg":"none","typ":"JWT"})", R"({"alg":"NONE"})", R"({"alg":"None","typ":"JWT"})",
        R"({"alg":"RS256","typ":"JWT"})", R"({"alg":"ES256","typ":"JWT"})", R"({"alg":"HS384","typ":"JWT"})",
        R"({"alg":"HS512","typ":"JWT"})", R"({"alg":"hs256","typ":"JWT"})", R"({"typ":"JWT"})",
        R"({"alg":null})", R"({"alg":["HS256"],"typ":"JWT"})", R"({})", R"([])",
        R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})"}) {
    EXPECT_EQ(code_of(forge(header, claims)), "not_authenticated") << header;
    EXPECT_EQ(code_of(base64url(header) + '.' + base64url(claims) + '.'), "not_authenticated") << header;
    EXPECT_EQ(code_of(base64url(header) + '.' + base64url(claims)), "not_authenticated") << header;
  }
}

TEST_F(token_service_test, every_claim_must_be_there_and_of_its_type) {
  for (const auto changed : {R"("sub":)",
                             R"("sub":7)",
                             R"("sub":"")",
                             R"("sub":"0")",
                             R"("sub":"-7")",
                             R"("sub":"7x")",
                             R"("sub":" 7")",
                             R"("sub":"99999999999999999999")",
                             R"("email":)",
                             R"("email":null)",
                             R"("perms":)",
                             R"("perms":"*")",
                             R"("perms":[1])",
                             R"("perms":{"*":true})",
                             R"("iat":)",
                             R"("iat":"1767323045")",
                             R"("exp":)",
                             R"("exp":"1767323945")",
                             R"("exp":1767323945.5)",
                             R"("exp":null)",
                             R"("exp":1e300)",
                             R"("iss":)",
                             R"("iss":"other")",
                             R"("aud":)",
                             R"("aud":"other")",
                             R"("aud":["nexus"])",
                             R"("aud":"nexus2")"})
    EXPECT_EQ(code_of(forge(our_header, claims_with(changed))), "not_authenticated") << changed;
}

TEST_F(token_service_test, rubbish_is_refused) {
  const std::string token = tokens.issue_access({7, "a@example.com", {}}, start);
  for (const std::string& text : {std::string(),
                                  std::string("."),
                                  std::string(".."),
                                  std::string("..."),
                                  std::string("a.b.c"),
                                  std::string("a..c"),
                                  std::string(".b.c"),
                                  std::string("a.b."),
                                  token + '=',
                                  token + '.',
                                  token + '\n',
                                  ' ' + token,
                                  token + std::string(1, '\0'),
                                  token.substr(0, token.find('.') + 1) + "\xff\xff.c",
                                  std::string(1'000'000, 'a'),
                                  std::string(2'000, '.'),
                                  token + std::string(100'000, 'A'),
                                  forge(our_header, "not JSON"),
                                  forge(our_header, "[]"),
                                  forge(our_header, "{}"),
                                  forge(our_header, std::string(1'000, '[')),
                                  forge(our_header, claims_with("")) + ".x"})
    EXPECT_EQ(code_of(text), "not_authenticated") << text.substr(0, 80);
}

TEST_F(token_service_test, longer_than_4_kib_is_refused_though_it_is_ours) {
  const std::vector<std::string> many(400, "catalogue.write");
  EXPECT_EQ(code_of(tokens.issue_access({7, "a@example.com", many}, start)), "not_authenticated");
}

TEST(token_service, refuses_a_short_key) {
  EXPECT_THROW(token_service({.secret_key = std::string(31, 'k')}), std::invalid_argument);
}

// Else the time of a sign-in would tell whether there is an account.
TEST(hashing, what_stands_in_for_a_missing_account_is_as_hard_as_a_real_hash) {
  EXPECT_FALSE(crypto::needs_rehash(nobodys_hash));
  EXPECT_TRUE(crypto::needs_rehash("$argon2id$v=19$m=65536,t=2,p=1$DNFeLhvlaEcd34BEQXvK4g$"
                                   "yoA3oF1fGjbT22xPm90AEw9hiHdn2OjdMKFT77uuk8g"));
}

} // namespace
} // namespace nexus::accounts
