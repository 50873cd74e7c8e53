#include "app/services.hpp"

#include "app/app.sql.hpp"

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
  payments.clock = &clock;
  payments.metrics = &metrics;
  payments.refund_automatically = c.refund_automatically;
  payments.orders = orders;
  payments.online = payments::make_chapa(payments);
  notifications.smtp_url = c.smtp_url;
  notifications.mail_from = c.mail_from;
  notifications.mail_directory = c.home / "mail";
  notifications.public_url = where.public_url;
  notifications.storefront_url = c.storefront_url.value_or("");
  notifications.client = &client;
  notifications.clock = &clock;
}

awaitable<> services::refresh_audit_metrics(db::session db) {
  const db::rows last = co_await db.query(sql::read_audit_figures);
  if (last.empty())
    co_return; // no audit yet: no figures rather than a reassuring 0
  const auto [checked_at, took_ms, broken] = last.front().as<time_point, std::int64_t, int>();
  metrics
      .make_gauge("nexus_audit_broken_invariants", "Invariants of the books that the last audit found broken")
      .set(broken);
  const auto at = std::chrono::duration_cast<std::chrono::seconds>(checked_at.time_since_epoch());
  metrics.make_gauge("nexus_audit_timestamp_seconds", "When the last audit looked")
      .set(static_cast<double>(at.count()));
  metrics.make_gauge("nexus_audit_seconds", "How long the last audit took")
      .set(static_cast<double>(took_ms) / 1e3);
}

} // namespace nexus::app
