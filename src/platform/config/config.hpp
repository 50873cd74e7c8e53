// Configuration by environment, read once and checked as a whole: every fault is named with its remedy.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nexus {

struct config {
  bool production = false;                  // NEXUS_ENV=production (development)
  std::string listen_address = "127.0.0.1"; // NEXUS_LISTEN=address:port (127.0.0.1:8000); port 0: a free one
  std::uint16_t listen_port = 8000;
  std::filesystem::path home = "./var";      // NEXUS_HOME
  std::optional<std::string> public_url;     // NEXUS_PUBLIC_URL; unset: http://<listen>
  std::optional<std::string> storefront_url; // NEXUS_STOREFRONT_URL: where payers are sent on to
  std::string secret_key;                    // NEXUS_SECRET_KEY, 32 bytes or more
  bool secret_key_is_default = false;
  std::optional<std::string> database_url;        // DATABASE_URL; unset: an embedded PostgreSQL under home
  std::optional<std::string> redis_url;           // REDIS_URL; unset: no Redis is needed
  std::optional<std::string> smtp_url;            // SMTP_URL; unset: mails are files under home/mail
  std::string mail_from = "shop@localhost";       // MAIL_FROM
  std::optional<std::string> chapa_base_url;      // CHAPA_BASE_URL; unset in development: the simulator
  std::string chapa_secret_key;                   // CHAPA_SECRET_KEY
  std::string chapa_webhook_secret;               // CHAPA_WEBHOOK_SECRET
  std::chrono::seconds order_expires_after{3600}; // ORDER_EXPIRES_AFTER: 90s, 60m, 2h, 1d
  std::chrono::seconds cart_expires_after{
      30 * 86400};                   // CART_EXPIRES_AFTER: how long a guest's cart lies untouched
  bool refund_automatically = false; // REFUND_AUTOMATICALLY=on|off
  int threads = 0;                   // NEXUS_THREADS: loops; 0: one a core
  bool worker = true;                // NEXUS_WORKER=on|off: tasks are done inside `nexus serve` too
  std::string log_level = "info";    // NEXUS_LOG_LEVEL: debug, info, warn, error
  std::string crash_at;              // NEXUS_CRASH_AT: a checkpoint at which a test kills the server
  std::uint16_t simulator_port = 0;  // NEXUS_SIMULATOR_PORT: 8001, or a free one where that is taken

  [[nodiscard]] bool chapa_is_live() const { return chapa_secret_key.starts_with("CHASECK-"); }
};

struct config_fault {
  std::string variable, what, remedy;
};

using read_environment = std::function<std::optional<std::string>(std::string_view name)>;

// The real environment; an empty value counts as unset.
std::optional<std::string> process_environment(std::string_view name);

// All faults at once, or the configuration.
std::variant<config, std::vector<config_fault>> load_config(const read_environment& read);

// "90s", "60m", "2h", "1d", or nullopt.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

} // namespace nexus
