#include "accounts/endpoints.hpp"

namespace nexus::accounts {

std::vector<api::endpoint> routes(const services& s) {
  return api::under("/auth", "Accounts",
                    {
                        register_user(s),
                        sign_in(s),
                        refresh(s),
                        verify_token(s),
                        sign_out(),
                        get_me(),
                        update_me(),
                        set_password(s),
                    });
}

} // namespace nexus::accounts
