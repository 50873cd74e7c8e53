#include "accounts/password_rules.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>

namespace nexus::accounts {

namespace {

// The head of every published list of leaked passwords, as far as it has 8 characters.
constexpr std::array<std::string_view, 60> common{
    "00000000",      "01234567",   "0123456789",  "0987654321", "11111111",  "111111111", "1111111111",
    "11223344",      "12121212",   "123123123",   "12341234",   "12344321",  "12345678",  "123456789",
    "1234567890",    "123456789a", "123456abc",   "1234qwer",   "123abc123", "12qwaszx",  "1q2w3e4r",
    "1q2w3e4r5t",    "1qaz2wsx",   "1qazxsw2",    "22222222",   "77777777",  "87654321",  "88888888",
    "987654321",     "99999999",   "aa123456",    "aaaaaaaa",   "abc12345",  "abcd1234",  "abcdefgh",
    "administrator", "asdfasdf",   "asdfghjkl",   "baseball",   "changeme",  "computer",  "football",
    "iloveyou",      "internet",   "jennifer",    "letmein1",   "p@ssw0rd",  "passw0rd",  "password",
    "password1",     "password12", "password123", "princess",   "q1w2e3r4",  "qwer1234",  "qwerty12",
    "qwerty123",     "qwertyuiop", "sunshine",    "superman"};
static_assert(std::ranges::is_sorted(common));

} // namespace

std::vector<field_error> check_password(std::string_view password, std::string_view email,
                                        std::string_view pointer) {
  std::vector<field_error> faults;
  const std::string lower = to_lower_ascii(password);
  if (std::ranges::binary_search(common, std::string_view(lower)))
    faults.push_back(
        {std::string(pointer), "too_common", "This is one of the passwords that are tried first."});
  if (lower == to_lower_ascii(trim(email)))
    faults.push_back({std::string(pointer), "same_as_email", "The password must not be the e-mail address."});
  return faults;
}

} // namespace nexus::accounts
