// Where a mail goes: to an SMTP server, or into a file of the mail directory.
#pragma once

#include "notifications/notifications.hpp"

namespace nexus::notifications {

// message: RFC 5322. file_name: of the mail's file, the same for the same mail.
awaitable<tasks::outcome> deliver(const settings& s, std::string to, std::string message,
                                  std::string file_name);

} // namespace nexus::notifications
