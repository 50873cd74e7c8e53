// What a password must be beside its length, which is a rule of its field.
#pragma once

#include "core/problem.hpp"
#include "platform/json/fields.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nexus::accounts {

// Characters. The upper limit keeps hashing from being a way to burden the server.
inline constexpr json::rule new_password_rule{
    .min_length = 8,
    .max_length = 128,
    .form = json::format::password,
    .trim = false,
    .doc = "8 to 128 characters; neither a common password nor the address"};
// One to compare: not told more about than that it is wrong.
inline constexpr json::rule given_password_rule{
    .min_length = 1, .max_length = 128, .form = json::format::password, .trim = false};

// The faults at pointer: "too_common", "same_as_email".
std::vector<field_error> check_password(std::string_view password, std::string_view email,
                                        std::string_view pointer);

} // namespace nexus::accounts
