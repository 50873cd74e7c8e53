// Payments: an order is paid through a provider, and settled once whoever brings the news.
//
// An attempt is stored before the provider hears of it, and no transaction is open while we talk to the
// provider. What the provider says on being asked (never what a browser, a callback or a webhook claims)
// moves an attempt, in settle() alone.
#pragma once

#include "core/problem.hpp"
#include "orders/orders.hpp"
#include "payments/provider.hpp"
#include "platform/api/endpoint.hpp"
#include "platform/db/consistency.hpp"
#include "platform/metrics/metrics.hpp"
#include "platform/net/http_client.hpp"
#include "tasks/tasks.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace nexus::payments {

inline constexpr error_kind payment_provider_error{"payment_provider_error", 502,
                                                   "The payment provider did not do its part"};
// Another request is asking the provider for this order's payment page at this moment.
inline constexpr error_kind payment_starting{"payment_starting", 409, "The payment is being started"};
// Nothing to pay, or more than the provider takes at once.
inline constexpr error_kind amount_not_payable{"amount_not_payable", 409, "This amount cannot be paid here"};
inline constexpr error_kind payment_not_manual{"payment_not_manual", 409, "The payment is not a manual one"};
inline constexpr error_kind invalid_signature{"invalid_signature", 401, "The signature is missing or wrong"};

struct settings {
  std::string base_url; // Chapa's: "https://api.chapa.co/v1", no '/' at its end
  std::string secret_key;
  std::string webhook_secret;
  std::string public_url;     // ours, no '/' at its end
  std::string storefront_url; // where a payer's browser is sent on to; empty: it gets our own page
  bool live = false;          // a payment in test mode never settles a live shop, nor the other way round
  std::chrono::seconds session_length{3600}; // how long Chapa's payment page takes money (5 to 60 minutes)
  bool refund_automatically = false;         // what becomes refund_required; else staff do it
  net::client* client = nullptr;             // outlives the routes
  const nexus::clock* clock = nullptr;       // outlives the handlers
  metrics::registry* metrics = nullptr;      // outlives all of it; may be null
  orders::settings orders;
  std::shared_ptr<const provider> online = {}; // shared by all who talk to it in this process; null: Chapa
};

// Chapa behind the interface, behind a fuse (guarded.hpp).
std::shared_ptr<const provider> make_chapa(const settings& s);
// Cash on delivery and bank transfers, which staff confirm.
inline constexpr std::string_view manual_provider_name = "manual";
std::shared_ptr<const provider> make_manual();

// What the worker does: refunds are carried out, and whatever is not settled is looked after.
std::vector<tasks::handler> handlers(const settings& s);
std::vector<tasks::periodic> schedule(const settings& s);

// For nexus audit.
std::vector<db::consistency_check> consistency_checks();

// Under /payment.
std::vector<api::endpoint> routes(const settings& s);

} // namespace nexus::payments
