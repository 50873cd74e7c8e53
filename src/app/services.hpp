// What the modules share in one process, in the order of construction (and, reversed, of destruction).
#pragma once

#include "accounts/accounts.hpp"
#include "app/auditor.hpp"
#include "core/clock.hpp"
#include "notifications/notifications.hpp"
#include "orders/orders.hpp"
#include "payments/payments.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/async/offload.hpp"
#include "platform/config/config.hpp"
#include "platform/metrics/metrics.hpp"
#include "platform/net/http_client.hpp"
#include "tasks/tasks.hpp"

#include <string>
#include <vector>

namespace nexus::app {

struct addresses {
  std::string public_url;     // no '/' at its end
  std::string chapa_base_url; // Chapa's, or the simulator's
};

class services {
public:
  services(const config& c, addresses where);

  const config configured;
  const addresses where;
  system_clock clock;
  metrics::registry metrics;
  net::client client;
  offload passwords;
  offload blocking; // short calls that block: a ping
  accounts::token_service tokens;
  tasks::bell bell;
  tasks::outbox outbox;
  orders::settings orders;
  payments::settings payments;
  notifications::settings notifications;
  std::optional<auditor> books; // once it is known where the database is

  // Reads what the last audit found, for the metrics.
  awaitable<> refresh_audit_metrics(db::session db);
};

// Under /audit (audit_routes.cpp).
std::vector<api::endpoint> audit_routes(services& s);

// Every endpoint of the shop (routes.cpp), and those that run it (operations.cpp, documentation.cpp).
std::vector<api::endpoint> shop_routes(services& s);
std::vector<api::endpoint> operations_routes(services& s);
std::vector<api::endpoint> documentation_routes(std::string schema);

// The OpenAPI document of the shop.
std::string openapi_json(const std::vector<api::endpoint>& endpoints);

// What the worker does (jobs.cpp).
std::vector<tasks::handler> task_handlers(services& s);
std::vector<tasks::periodic> schedule(services& s);

} // namespace nexus::app
