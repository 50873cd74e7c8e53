// Notifications: mails to customers, sent by the worker for what has committed.
//
// At least once, and once as far as a mailbox can tell: a repeat carries the same Message-ID (SMTP) or
// overwrites the same file.
#pragma once

#include "core/clock.hpp"
#include "platform/net/http_client.hpp"
#include "tasks/tasks.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace nexus::notifications {

struct settings {
  std::string shop_name = "Nexus";
  std::string mail_from;                // a bare address: "shop@example.et"
  std::optional<std::string> smtp_url;  // unset: mails are files in mail_directory
  std::filesystem::path mail_directory; // NEXUS_HOME/mail; made where it is missing
  net::client* client = nullptr;        // outlives the handlers; needed with smtp_url
  const nexus::clock* clock = nullptr;  // outlives the handlers
};

// orders::completed_event: the receipt.
std::vector<tasks::handler> handlers(const settings& s);

} // namespace nexus::notifications
