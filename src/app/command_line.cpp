// Arguments to commands. Every command has --help with an example; every start-up fault names the variable
// and the remedy.
#include "app/commands.hpp"
#include "platform/checkpoint/checkpoint.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/db/error.hpp"
#include "platform/log/log.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <system_error>

namespace nexus::app {

namespace {

using command = std::function<int(const config&)>;

struct arguments {
  serve_options serve;
  superuser_options superuser;
  import_options import;
  simulator_options simulator;
  command chosen;
};

CLI::App* add(CLI::App& to, const std::string& name, const std::string& what, const std::string& example,
              arguments& a, command run) {
  CLI::App* made = to.add_subcommand(name, what);
  made->footer("Example:\n  " + example);
  made->callback([&a, run = std::move(run)] { a.chosen = run; });
  return made;
}

void add_commands(CLI::App& app, arguments& a) {
  auto* serve_command = add(
      app, "serve", "Serve the shop; with nothing configured also its database, worker and a simulated Chapa",
      "nexus serve --sample-data", a, [&a](const config& c) { return serve(c, a.serve); });
  serve_command->add_flag("--sample-data", a.serve.sample_data,
                          "Fill an empty catalogue with products to try");
  add(app, "worker", "Do the tasks (mails, holds that end) without serving",
      "DATABASE_URL=postgresql://… nexus worker", a, work);
  add(app, "migrate", "Bring the database's schema up to date", "DATABASE_URL=postgresql://… nexus migrate",
      a, migrate);
  auto* superuser =
      add(app, "createsuperuser", "Make an account with all permissions, or give them to an existing one",
          "echo \"$PASSWORD\" | nexus createsuperuser --email you@example.com --password-stdin", a,
          [&a](const config& c) { return create_superuser(c, a.superuser); });
  superuser->add_option("--email", a.superuser.email, "The account's address");
  superuser->add_flag("--password-stdin", a.superuser.password_from_stdin,
                      "Read the password from standard input");
  auto* import = app.add_subcommand("import", "Bring data in");
  import->footer("Example:\n  nexus import products products.csv");
  import->require_subcommand(1);
  auto* products =
      add(*import, "products", "Import products: our own CSV or Shopify's product CSV (docs/import.md)",
          "nexus import products shopify-export.csv --strict", a,
          [&a](const config& c) { return import_products(c, a.import); });
  products->add_option("FILE", a.import.file, "The CSV file, or - for standard input")->required();
  products->add_option("--currency", a.import.currency, "Of prices that name none (ETB)");
  products->add_flag("--strict", a.import.strict, "Import nothing where any row is bad");
  add(app, "audit", "Prove that every piece of stock and every birr is accounted for",
      "nexus audit && echo clean", a, audit);
  add(app, "openapi", "Print the OpenAPI document", "nexus openapi > openapi.json", a, print_openapi);
  auto* simulator = add(app, "chapa-simulator", "Simulate Chapa, to develop against",
                        "nexus chapa-simulator --listen 127.0.0.1:8001 --webhook-url "
                        "http://127.0.0.1:8000/api/v1/payment/webhook/chapa/\n"
                        "  nexus chapa-simulator --fault webhook:drop --fault callback:drop\n"
                        "  nexus chapa-simulator --fault 'verify:status_500;percent=20' --fault "
                        "'initialize:timeout;acts=true;count=1'\n"
                        "  curl http://127.0.0.1:8001/_control/transactions",
                        a, [&a](const config& c) { return simulate_chapa(c, a.simulator); });
  simulator
      ->add_option("--listen", a.simulator.listen, "address:port (127.0.0.1:8001); port 0 takes a free one")
      ->check([](const std::string& text) {
        const auto colon = text.rfind(':');
        const auto port = colon == std::string::npos ? std::string() : text.substr(colon + 1);
        const bool number =
            !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
        return number && std::stoi(port) <= 65535 ? std::string() : std::string("must be address:port");
      });
  simulator->add_option("--webhook-url", a.simulator.webhook_url, "Where webhooks are posted");
  simulator->add_option("--journal", a.simulator.journal,
                        "A file that keeps the transactions over a restart");
  simulator->add_flag("--documented-errors", a.simulator.documented_errors,
                      "Answer as Chapa's documentation says where its wire differs");
  simulator->add_option("--fault", a.simulator.faults,
                        "How it goes wrong, moment:fault[;key=value]…, more than once (docs/chapa.md)");
  simulator->add_option("--seed", a.simulator.seed, "Of the chance in faults with percent=…");
}

std::optional<config> configure() {
  auto loaded = load_config(process_environment);
  if (auto* good = std::get_if<config>(&loaded))
    return std::move(*good);
  fmt::print(stderr, "The configuration has faults:\n");
  for (const config_fault& fault : std::get<std::vector<config_fault>>(loaded))
    fmt::print(stderr, "  {} {}: {}.\n", fault.variable, fault.what, fault.remedy);
  return std::nullopt;
}

log::level level_of(const std::string& name) {
  if (name == "debug")
    return log::level::debug;
  if (name == "warn")
    return log::level::warn;
  return name == "error" ? log::level::error : log::level::info;
}

int run_chosen(const command& chosen, const config& c) {
  try {
    crypto::initialize();
    crash_at(c.crash_at);
    log::initialize(level_of(c.log_level), c.production);
    return chosen(c);
  } catch (const db::unavailable& failure) {
    fmt::print(stderr, "No database: {}\nIs DATABASE_URL right, and PostgreSQL running?\n", failure.what());
  } catch (const std::system_error& failure) {
    if (failure.code() == std::errc::address_in_use)
      fmt::print(stderr,
                 "NEXUS_LISTEN: something listens at {}:{} already; stop it, or set another address.\n",
                 c.listen_address, c.listen_port);
    else
      fmt::print(stderr, "{}\n", failure.what());
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
  }
  return 2;
}

} // namespace

int run(int argc, char** argv) {
  CLI::App app("Nexus: a headless shop. Configuration is by environment: docs/configuration.md.", "nexus");
  app.footer("Example:\n  nexus serve --sample-data");
  app.set_version_flag("--version", "nexus 0.1.0");
  app.require_subcommand(1);
  arguments a;
  add_commands(app, a);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  const auto c = configure();
  return c ? run_chosen(a.chosen, *c) : 2;
}

} // namespace nexus::app
