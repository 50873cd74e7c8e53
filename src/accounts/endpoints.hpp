// The use cases, one file each.
#pragma once

#include "accounts/accounts.hpp"

namespace nexus::accounts {

api::endpoint register_user(services s);
api::endpoint sign_in(services s);
api::endpoint refresh(services s);
api::endpoint verify_token(services s);
api::endpoint sign_out();
api::endpoint get_me();
api::endpoint update_me();
api::endpoint set_password(services s);

} // namespace nexus::accounts
