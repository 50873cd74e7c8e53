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
  std::string public_url;               // ours, no '/' at its end; empty: a mail names no address of ours
  std::string storefront_url;           // where customers see and pay for an order; empty: at our own API
  net::client* client = nullptr;        // outlives the handlers; needed with smtp_url
  const nexus::clock* clock = nullptr;  // outlives the handlers
};

// What orders announce: placed_event, completed_event (the receipt), expired_event, cancelled_event,
// shipped_event; refunded_event (the credit note).
std::vector<tasks::handler> handlers(const settings& s);

} // namespace nexus::notifications
