#include "app/services.hpp"

namespace nexus::app {

services::services(const config& c, addresses a)
    : configured(c), where(std::move(a)), passwords({.threads = 2, .queue_limit = 256, .niced = true}),
      blocking({.threads = 1}), tokens({c.secret_key}), outbox(bell) {
  orders.expires_after = c.order_expires_after;
  orders.outbox = &outbox;
  payments.base_url = where.chapa_base_url;
  payments.secret_key = c.chapa_secret_key;
  payments.webhook_secret = c.chapa_webhook_secret;
  payments.public_url = where.public_url;
  payments.storefront_url = c.storefront_url.value_or("");
  payments.live = c.chapa_is_live();
  payments.client = &client;
  payments.orders = orders;
  notifications.smtp_url = c.smtp_url;
  notifications.mail_from = c.mail_from;
  notifications.mail_directory = c.home / "mail";
  notifications.public_url = where.public_url;
  notifications.storefront_url = c.storefront_url.value_or("");
  notifications.client = &client;
  notifications.clock = &clock;
}

} // namespace nexus::app
