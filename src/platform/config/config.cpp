#include "platform/config/config.hpp"

#include <charconv>
#include <cstdlib>

namespace nexus {

namespace {

// Known to everybody who reads this: good for trying the shop, refused in production.
constexpr std::string_view development_secret = "development-secret-key-known-to-everybody";
constexpr std::string_view development_chapa_key = "CHASECK_TEST-development";
constexpr std::string_view development_webhook_secret = "development-webhook-secret";

class loader {
public:
  explicit loader(const read_environment& read) : read_(read) {}

  std::optional<std::string> text(std::string_view name) { return read_(name); }
  void fault(std::string_view variable, std::string what, std::string remedy) {
    faults_.push_back({std::string(variable), std::move(what), std::move(remedy)});
  }
  std::optional<std::string> url(std::string_view name, std::initializer_list<std::string_view> schemes,
                                 std::string_view example) {
    auto value = text(name);
    if (!value)
      return value;
    for (const std::string_view scheme : schemes)
      if (value->starts_with(scheme) && value->size() > scheme.size()) {
        while (value->ends_with('/'))
          value->pop_back();
        return value;
      }
    // The value itself may hold a password: it is not repeated.
    fault(name, "is not a URL of the right kind", "set it like " + std::string(example));
    return std::nullopt;
  }
  std::optional<int> integer(std::string_view name, int low, int high) {
    const auto value = text(name);
    if (!value)
      return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error == std::errc{} && end == value->data() + value->size() && number >= low && number <= high)
      return number;
    fault(name, "is '" + *value + "'",
          "set a number from " + std::to_string(low) + " to " + std::to_string(high));
    return std::nullopt;
  }
  void duration(std::string_view name, std::chrono::seconds at_most, std::string remedy,
                std::chrono::seconds& out) {
    const auto value = text(name);
    if (!value)
      return;
    const auto read = parse_duration(*value);
    if (read && *read >= std::chrono::seconds{1} && *read <= at_most)
      out = *read;
    else
      fault(name, "is '" + *value + "'", std::move(remedy));
  }
  std::vector<config_fault> take() { return std::move(faults_); }

private:
  const read_environment& read_;
  std::vector<config_fault> faults_;
};

void load_listen(loader& in, config& out) {
  const auto value = in.text("NEXUS_LISTEN");
  if (!value)
    return;
  const auto colon = value->rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    const char* first = value->data() + colon + 1;
    const char* last = value->data() + value->size();
    const auto [end, error] = std::from_chars(first, last, port);
    if (error != std::errc{} || end != last)
      port = -1;
  }
  std::string address = value->substr(0, colon == std::string::npos ? 0 : colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  if (port < 0 || port > 65535 ||
      address.find_first_not_of("0123456789abcdefABCDEF.:") != std::string::npos) {
    in.fault("NEXUS_LISTEN", "is '" + *value + "'", "set address:port, like 127.0.0.1:8000 or [::]:8000");
    return;
  }
  out.listen_address = address.empty() ? "0.0.0.0" : address;
  out.listen_port = static_cast<std::uint16_t>(port);
}

void load_secrets(loader& in, config& out) {
  out.secret_key = in.text("NEXUS_SECRET_KEY").value_or("");
  if (out.secret_key.empty() && !out.production) {
    out.secret_key = development_secret;
    out.secret_key_is_default = true;
  } else if (out.secret_key.empty() || out.secret_key == development_secret) {
    in.fault("NEXUS_SECRET_KEY", "is missing, or the development default",
             "set 32 or more random characters: openssl rand -base64 48");
  } else if (out.secret_key.size() < 32) {
    in.fault("NEXUS_SECRET_KEY", "is shorter than 32 bytes",
             "set 32 or more random characters: openssl rand -base64 48");
  }
}

void load_chapa(loader& in, config& out) {
  out.chapa_base_url = in.url("CHAPA_BASE_URL", {"https://", "http://"}, "https://api.chapa.co/v1");
  out.chapa_secret_key = in.text("CHAPA_SECRET_KEY").value_or("");
  out.chapa_webhook_secret = in.text("CHAPA_WEBHOOK_SECRET").value_or("");
  const bool configured =
      out.chapa_base_url || !out.chapa_secret_key.empty() || !out.chapa_webhook_secret.empty();
  if (!configured && !out.production) {
    out.chapa_secret_key = development_chapa_key;
    out.chapa_webhook_secret = development_webhook_secret;
    return;
  }
  if (!out.chapa_base_url)
    out.chapa_base_url = "https://api.chapa.co/v1";
  if (out.chapa_secret_key.empty() || (out.production && out.chapa_secret_key == development_chapa_key))
    in.fault("CHAPA_SECRET_KEY", "is missing, or the development default",
             "take the secret key (CHASECK-…) from Chapa's dashboard");
  if (out.chapa_webhook_secret.empty() ||
      (out.production && out.chapa_webhook_secret == development_webhook_secret))
    in.fault("CHAPA_WEBHOOK_SECRET", "is missing, or the development default",
             "set the secret hash that you entered at Chapa's webhook settings");
  if (out.production && out.chapa_base_url->starts_with("http://") &&
      !out.chapa_base_url->starts_with("http://127.0.0.1"))
    in.fault("CHAPA_BASE_URL", "is not https", "set https://api.chapa.co/v1");
}

void load_rest(loader& in, config& out) {
  out.home = in.text("NEXUS_HOME").value_or("./var");
  out.public_url = in.url("NEXUS_PUBLIC_URL", {"https://", "http://"}, "https://shop.example.com");
  if (out.production && !out.public_url)
    in.fault("NEXUS_PUBLIC_URL", "is missing",
             "set the address under which clients reach this API, like https://shop.example.com");
  out.storefront_url =
      in.url("NEXUS_STOREFRONT_URL", {"https://", "http://"}, "https://shop.example.com/thanks");
  out.database_url = in.url("DATABASE_URL", {"postgresql://", "postgres://", "host="},
                            "postgresql://nexus:password@db:5432/nexus");
  out.redis_url = in.url("REDIS_URL", {"redis://", "rediss://"}, "redis://redis:6379/0");
  out.smtp_url = in.url("SMTP_URL", {"smtp://", "smtps://"}, "smtp://user:password@mail.example.com:587");
  out.mail_from = in.text("MAIL_FROM").value_or("shop@localhost");
  if (out.mail_from.find('@') == std::string::npos ||
      out.mail_from.find_first_of("\r\n") != std::string::npos)
    in.fault("MAIL_FROM", "is '" + out.mail_from + "'", "set an address, like shop@example.com");
  in.duration("ORDER_EXPIRES_AFTER", std::chrono::days{90}, "set a duration from 1s to 90d, like 60m",
              out.order_expires_after);
  in.duration("CART_EXPIRES_AFTER", std::chrono::days{3650}, "set a duration from 1s to 3650d, like 30d",
              out.cart_expires_after);
  const auto refund = in.text("REFUND_AUTOMATICALLY").value_or("off");
  out.refund_automatically = refund == "on";
  if (refund != "on" && refund != "off")
    in.fault("REFUND_AUTOMATICALLY", "is '" + refund + "'", "set on or off");
  out.threads = in.integer("NEXUS_THREADS", 1, 256).value_or(0);
  out.simulator_port = static_cast<std::uint16_t>(in.integer("NEXUS_SIMULATOR_PORT", 1, 65535).value_or(0));
  out.crash_at = in.text("NEXUS_CRASH_AT").value_or("");
  if (out.production && !out.crash_at.empty())
    in.fault("NEXUS_CRASH_AT", "kills the server",
             "unset it: it is for tests of what a power cut leaves behind");
  const auto worker = in.text("NEXUS_WORKER").value_or("on");
  out.worker = worker == "on";
  if (worker != "on" && worker != "off")
    in.fault("NEXUS_WORKER", "is '" + worker + "'", "set on or off");
  out.log_level = in.text("NEXUS_LOG_LEVEL").value_or("info");
  if (out.log_level != "debug" && out.log_level != "info" && out.log_level != "warn" &&
      out.log_level != "error")
    in.fault("NEXUS_LOG_LEVEL", "is '" + out.log_level + "'", "set debug, info, warn or error");
}

} // namespace

std::optional<std::string> process_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr || *value == '\0')
    return std::nullopt;
  return std::string(value);
}

std::variant<config, std::vector<config_fault>> load_config(const read_environment& read) {
  loader in(read);
  config out;
  const auto environment = in.text("NEXUS_ENV").value_or("development");
  out.production = environment == "production";
  if (environment != "production" && environment != "development")
    in.fault("NEXUS_ENV", "is '" + environment + "'", "set production or development");
  load_listen(in, out);
  load_secrets(in, out);
  load_chapa(in, out);
  load_rest(in, out);
  if (out.production && !out.database_url)
    in.fault("DATABASE_URL", "is missing",
             "set postgresql://user:password@host:5432/name; the embedded database is for development");
  auto faults = in.take();
  if (!faults.empty())
    return faults;
  return out;
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || number > 1'000'000'000 || end + 1 != text.data() + text.size())
    return std::nullopt;
  switch (*end) {
  case 's':
    return std::chrono::seconds{number};
  case 'm':
    return std::chrono::minutes{number};
  case 'h':
    return std::chrono::hours{number};
  case 'd':
    return std::chrono::days{number};
  default:
    return std::nullopt;
  }
}

} // namespace nexus
