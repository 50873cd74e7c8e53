// nexus chapa-simulator: a Chapa to develop against, by itself.
#include "app/commands.hpp"
#include "app/signals.hpp"
#include "simulator/simulator.hpp"

#include <cstdio>

namespace nexus::app {

int simulate_chapa(const config& c, const simulator_options& o) {
  const ending_signals signals;
  const auto colon = o.listen.rfind(':');
  chapa::simulator::options options;
  options.address = o.listen.substr(0, colon);
  options.port = static_cast<std::uint16_t>(std::stoi(o.listen.substr(colon + 1)));
  options.secret_key = c.chapa_secret_key;
  options.webhook_secret = c.chapa_webhook_secret;
  options.webhook_url = o.webhook_url;
  options.journal = o.journal;
  options.simulate_documented_errors = o.documented_errors;
  options.faults = o.faults;
  options.seed = o.seed;
  const chapa::simulator simulator(std::move(options));
  fmt::print("Chapa is simulated at {}\n\n  secret key      {}\n  webhooks to     {}\n  transactions    "
             "{}/\n\nNo money moves. "
             "Ctrl-C stops it.\n",
             simulator.base_url(), c.chapa_secret_key,
             o.webhook_url.empty() ? "nowhere (--webhook-url)" : o.webhook_url, simulator.url());
  std::fflush(stdout);
  signals.wait();
  return 0;
}

} // namespace nexus::app
